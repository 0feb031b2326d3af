import java.io.PrintStream;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Prints the configuration options that the classes of one Fluss or Alluxio release declare, and
 * joins such lists into a table over release lines.
 *
 * <p>A list has a line per option: key, type (Alluxio's keys have none before 2.9, so none is given),
 * default (empty: none), "deprecated" or nothing, older keys that are read in its place. A table has the first and the last line after the key, one row
 * for a run of lines in which nothing changed. It starts no server: reading a field runs the
 * declaring class's static initializer and nothing more.
 */
public final class OptionLists {
    private static final PrintStream OUT = new PrintStream(System.out, false, StandardCharsets.UTF_8);

    public static void main(String[] args) throws Exception {
        String what = args.length > 1 ? args[0] : "";
        switch (what) {
            case "fluss" -> fluss(loader(Path.of(args[1])));
            case "alluxio" -> alluxio(loader(Path.of(args[1])));
            case "removed" -> removed(loader(Path.of(args[1])));
            case "table" -> table(Arrays.asList(args).subList(1, args.length));
            default -> {
                System.err.println("usage: OptionLists fluss|alluxio|removed JAR_OR_DIR, or table LINE=LIST...");
                System.exit(2);
            }
        }
        OUT.flush();
    }

    private static ClassLoader loader(Path place) throws Exception {
        List<URL> urls = new ArrayList<>();
        if (Files.isDirectory(place)) {
            try (Stream<Path> jars = Files.list(place)) {
                for (Path jar : (Iterable<Path>) jars.sorted()::iterator) urls.add(jar.toUri().toURL());
            }
        } else {
            urls.add(place.toUri().toURL());
        }
        return new URLClassLoader(urls.toArray(URL[]::new), OptionLists.class.getClassLoader());
    }

    private static void fluss(ClassLoader from) throws Exception {
        Class<?> options;
        try {
            options = Class.forName("org.apache.fluss.config.ConfigOptions", true, from);
        } catch (ClassNotFoundException before08) {
            options = Class.forName("com.alibaba.fluss.config.ConfigOptions", true, from);
        }
        TreeMap<String, String> list = new TreeMap<>();
        for (Field field : options.getDeclaredFields()) {
            if (!Modifier.isStatic(field.getModifiers()) || !field.getType().getSimpleName().equals("ConfigOption")) continue;
            field.setAccessible(true);
            Object option = field.get(null);
            String key = (String) call(option, "key");
            Object older = value(option, "fallbackKeys");
            TreeSet<String> fallbacks = new TreeSet<>();
            for (int i = 0; older != null && i < Array.getLength(older); i++) fallbacks.add(String.valueOf(call(Array.get(older, i), "getKey")));
            boolean deprecated = field.isAnnotationPresent(Deprecated.class);
            list.put(key, columns(type(value(option, "clazz")), text(value(option, "defaultValue")), deprecated, fallbacks));
        }
        list.forEach((key, rest) -> OUT.println(key + "\t" + rest));
    }

    private static void alluxio(ClassLoader from) throws Exception {
        Class<?> keys;
        try {
            keys = Class.forName("alluxio.conf.PropertyKey", true, from);
        } catch (ClassNotFoundException before2) {
            keys = Class.forName("alluxio.PropertyKey", true, from);
        }
        TreeMap<String, String> list = new TreeMap<>();
        for (Object key : (Collection<?>) keys.getMethod("defaultKeys").invoke(null)) {
            TreeSet<String> aliases = new TreeSet<>();
            Object given = value(key, "mAliases");
            if (given instanceof String[] names) aliases.addAll(Arrays.asList(names));
            if (given instanceof Collection<?> names) names.forEach(name -> aliases.add(String.valueOf(name)));
            boolean deprecated = (Boolean) keys.getMethod("isDeprecated", String.class).invoke(null, String.valueOf(call(key, "getName")));
            // What a default is computed from tells more than what it came to on one machine.
            Object supplier = value(key, "mDefaultSupplier");
            Object defaultValue = call(key, "getDefaultValue") == null ? null : call(supplier, "getDescription");
            list.put((String) call(key, "getName"), columns("", text(defaultValue), deprecated, aliases));
        }
        list.forEach((key, rest) -> OUT.println(key + "\t" + rest));
    }

    private static void removed(ClassLoader from) throws Exception {
        Field map = Class.forName("alluxio.conf.RemovedKey", true, from).getDeclaredField("REMOVED_KEYS");
        map.setAccessible(true);
        for (Map.Entry<?, ?> row : new TreeMap<Object, Object>((Map<?, ?>) map.get(null)).entrySet()) {
            String said = String.valueOf(row.getValue());
            String since = said.replaceAll("(?s).*v(\\d+\\.\\d+)(\\.\\d+)?.*", "$1");
            String instead = said.contains(", use ") ? said.replaceAll("(?s).*, use (.*) instead.*", "$1") : "";
            if (since.matches("\\d+\\.\\d+")) OUT.println(row.getKey() + "\t" + since + "\t" + instead);
        }
    }

    private static void table(List<String> args) throws Exception {
        List<String> lines = new ArrayList<>();
        List<TreeMap<String, String>> lists = new ArrayList<>();
        TreeSet<String> keys = new TreeSet<>();
        for (String arg : args) {
            String[] parts = arg.split("=", 2);
            lines.add(parts[0]);
            TreeMap<String, String> list = new TreeMap<>();
            for (String row : Files.readAllLines(Path.of(parts[1]))) list.put(row.substring(0, row.indexOf('\t')), row.substring(row.indexOf('\t') + 1));
            lists.add(list);
            keys.addAll(list.keySet());
        }
        OUT.println("#" + String.join(" ", lines));
        for (String key : keys) {
            for (int first = 0; first < lines.size(); ) {
                String row = lists.get(first).get(key);
                int last = first;
                while (last + 1 < lines.size() && row != null && row.equals(lists.get(last + 1).get(key))) last++;
                if (row != null) OUT.println(key + "\t" + lines.get(first) + "\t" + lines.get(last) + "\t" + row);
                first = last + 1;
            }
        }
    }

    private static String columns(String type, String defaultValue, boolean deprecated, TreeSet<String> fallbacks) {
        return String.join("\t", type, defaultValue, deprecated ? "deprecated" : "", String.join(",", fallbacks));
    }

    private static String type(Object type) {
        return type instanceof Class<?> c ? c.getSimpleName() : "";
    }

    private static String text(Object value) {
        if (value == null) return "";
        String text = value.getClass().isArray() ? Arrays.toString((Object[]) value) : value.toString();
        // A fat jar rewrites class names inside texts too.
        return text.replaceAll("(org\\.apache|com\\.alibaba)\\.fluss\\.shaded\\.", "").replaceAll("[\\t\\n\\r]+", " ").trim();
    }

    private static Object call(Object on, String method) throws Exception {
        Method found = on.getClass().getDeclaredMethod(method);
        found.setAccessible(true);
        return found.invoke(on);
    }

    private static Object value(Object on, String field) throws Exception {
        for (Class<?> c = on.getClass(); c != null; c = c.getSuperclass()) {
            try {
                Field found = c.getDeclaredField(field);
                found.setAccessible(true);
                return found.get(on);
            } catch (NoSuchFieldException up) {
                // A superclass may have it.
            }
        }
        return null;
    }
}
