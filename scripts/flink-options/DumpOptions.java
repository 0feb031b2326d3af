import java.io.InputStream;
import java.io.PrintStream;
import java.lang.annotation.Annotation;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;

/**
 * Prints every configuration option that the classes of some Flink installations declare: all
 * static fields of type ConfigOption in lib/, opt/ and plugins/.
 *
 * <p>Columns, tab separated: key, lines, type, default (empty: none), "deprecated" where every
 * declaration of the key is annotated so, fallback keys. A row holds for a run of release lines in
 * which nothing of it changed. A fallback key with "!" in front is deprecated. Keys that are only
 * the tail of a longer one are printed in full with a placeholder: metrics.reporter.&lt;name&gt;.interval.
 * Where several classes declare one key, the first that is not deprecated gives type and default.
 *
 * <p>It starts no part of Flink. Reading a field runs the declaring class's static initializer and
 * nothing more. What cannot be loaded (an optional dependency that the distribution leaves out) is
 * counted on standard error; a class of options among it fails the run.
 */
public final class DumpOptions {
    private static final String FLINK = "org/apache/flink/";
    private static final List<String> NOT_OURS =
            List.of("org/apache/flink/shaded/", "org/apache/flink/calcite/shaded/", "org/apache/flink/hive/shaded/");

    /** What one installation says of one key. */
    private record Option(String type, String defaultValue, boolean deprecated, TreeSet<String> fallbacks) {
        String columns() {
            return String.join("\t", type, defaultValue, deprecated ? "deprecated" : "", String.join(",", fallbacks));
        }

        Option and(Option other) {
            TreeSet<String> all = new TreeSet<>(fallbacks);
            all.addAll(other.fallbacks);
            Option leading = deprecated && !other.deprecated ? other : this;
            return new Option(leading.type, leading.defaultValue, deprecated && other.deprecated, all);
        }
    }

    private final TreeMap<String, TreeMap<String, Option>> declared = new TreeMap<>();
    private final TreeSet<String> unloadable = new TreeSet<>();
    private ClassLoader base;

    public static void main(String[] args) throws Exception {
        if (args.length == 0) {
            System.err.println("usage: java DumpOptions.java LINE=FLINK_HOME... > options.tsv   (oldest line first)");
            System.exit(2);
        }
        List<String> lines = new ArrayList<>();
        List<TreeMap<String, Option>> dumps = new ArrayList<>();
        for (String arg : args) {
            String[] parts = arg.split("=", 2);
            lines.add(parts[0]);
            DumpOptions dump = new DumpOptions();
            dumps.add(dump.read(Path.of(parts[1])));
            System.err.println(parts[0] + ": " + dumps.get(dumps.size() - 1).size() + " keys, " + dump.unloadable.size() + " classes not loaded");
            dump.unloadable.stream().filter(c -> c.endsWith("Options")).forEach(c -> {
                throw new IllegalStateException("options not read: " + c);
            });
        }
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        out.println("#" + String.join(" ", lines));
        TreeSet<String> keys = new TreeSet<>();
        dumps.forEach(dump -> keys.addAll(dump.keySet()));
        for (String key : keys) {
            printRuns(out, key, lines, dumps);
        }
        out.flush();
    }

    private static void printRuns(PrintStream out, String key, List<String> lines, List<TreeMap<String, Option>> dumps) {
        for (int from = 0; from < lines.size(); ) {
            Option option = dumps.get(from).get(key);
            int to = from;
            while (to + 1 < lines.size() && java.util.Objects.equals(option, dumps.get(to + 1).get(key))) {
                to++;
            }
            if (option != null) {
                out.println(key + "\t" + lines.get(from) + "\t" + lines.get(to) + "\t" + option.columns());
            }
            from = to + 1;
        }
    }

    private TreeMap<String, Option> read(Path home) throws Exception {
        List<Path> main = jars(home.resolve("lib"));
        main.addAll(jars(home.resolve("opt")));
        main.addAll(nested(main));
        URLClassLoader loader = new URLClassLoader(urls(main), ClassLoader.getPlatformClassLoader());
        base = loader;
        scan(main, loader);
        List<Path> plugins = new ArrayList<>();
        try (Stream<Path> dirs = Files.list(home.resolve("plugins"))) {
            for (Path dir : (Iterable<Path>) dirs.filter(Files::isDirectory).sorted()::iterator) {
                plugins.addAll(jars(dir));
            }
        }
        scan(plugins, new URLClassLoader(urls(plugins), loader));
        TreeMap<String, Option> merged = new TreeMap<>();
        declared.forEach((key, byClass) -> merged.put(key, byClass.values().stream().reduce(Option::and).orElseThrow()));
        return merged;
    }

    private void scan(List<Path> jars, ClassLoader loader) throws Exception {
        for (Path jar : jars) {
            try (JarFile file = new JarFile(jar.toFile())) {
                Enumeration<JarEntry> entries = file.entries();
                while (entries.hasMoreElements()) {
                    String name = entries.nextElement().getName();
                    if (name.startsWith(FLINK) && name.endsWith(".class") && NOT_OURS.stream().noneMatch(name::startsWith)) {
                        scan(name.substring(0, name.length() - 6).replace('/', '.'), loader);
                    }
                }
            }
        }
    }

    private void scan(String className, ClassLoader loader) {
        try {
            for (Field field : Class.forName(className, false, loader).getDeclaredFields()) {
                if (Modifier.isStatic(field.getModifiers()) && field.getType().getName().equals("org.apache.flink.configuration.ConfigOption")) {
                    field.setAccessible(true);
                    Object option = field.get(null);
                    if (option != null) {
                        declare(field, option);
                    }
                }
            }
        } catch (Throwable why) {
            unloadable.add(className);
        }
    }

    private void declare(Field field, Object option) throws Exception {
        Class<?> owner = field.getDeclaringClass();
        boolean list = (Boolean) call(option, "isList");
        String type = ((Class<?>) call(option, "getClazz")).getSimpleName();
        boolean deprecated = field.isAnnotationPresent(Deprecated.class) || owner.isAnnotationPresent(Deprecated.class);
        String prefix = suffixOf(field.getAnnotations());
        prefix = prefix.isEmpty() ? suffixOf(owner.getAnnotations()) : prefix;
        TreeSet<String> fallbacks = new TreeSet<>();
        for (Object fallback : (Iterable<?>) call(option, "fallbackKeys")) {
            fallbacks.add(((Boolean) call(fallback, "isDeprecated") ? "!" : "") + prefix + call(fallback, "getKey"));
        }
        Option declaration = new Option(
                list ? "List<" + type + ">" : type, clean(text(call(option, "defaultValue"))), deprecated, fallbacks);
        String key = clean(prefix + call(option, "key"));
        if (!key.startsWith("$internal.")) {
            declared.computeIfAbsent(key, k -> new TreeMap<>()).merge(owner.getName(), declaration, Option::and);
        }
    }

    private static String suffixOf(Annotation[] annotations) throws Exception {
        for (Annotation annotation : annotations) {
            if (annotation.annotationType().getSimpleName().equals("SuffixOption")) {
                String prefix = call(annotation, "value").toString();
                return prefix.endsWith(".") ? prefix : prefix + ".";
            }
        }
        return "";
    }

    private String text(Object value) throws Exception {
        if (value == null) {
            return "";
        }
        if (value instanceof java.time.Duration) {
            Class<?> utils = Class.forName("org.apache.flink.util.TimeUtils", true, base);
            return (String) utils.getMethod("formatWithHighestUnit", java.time.Duration.class).invoke(null, value);
        }
        if (value instanceof Collection) {
            List<String> parts = new ArrayList<>();
            for (Object part : (Collection<?>) value) {
                parts.add(text(part));
            }
            return String.join(";", parts);
        }
        if (value instanceof Map) {
            List<String> parts = new ArrayList<>();
            for (Map.Entry<?, ?> part : ((Map<?, ?>) value).entrySet()) {
                parts.add(part.getKey() + ":" + part.getValue());
            }
            Collections.sort(parts);
            return String.join(",", parts);
        }
        return value instanceof Class ? ((Class<?>) value).getName() : value.toString();
    }

    private static Object call(Object on, String method) throws Exception {
        Class<?> type = on instanceof Annotation ? ((Annotation) on).annotationType() : on.getClass();
        Method found = type.getDeclaredMethod(method);
        found.setAccessible(true);
        return found.invoke(on);
    }

    private static List<Path> jars(Path dir) throws Exception {
        try (Stream<Path> files = Files.list(dir)) {
            return new ArrayList<>(files.filter(f -> f.toString().endsWith(".jar")).sorted().toList());
        }
    }

    /** The table planner comes as a jar inside a jar. */
    private static List<Path> nested(List<Path> jars) throws Exception {
        List<Path> found = new ArrayList<>();
        for (Path jar : jars) {
            try (JarFile file = new JarFile(jar.toFile())) {
                for (JarEntry entry : Collections.list(file.entries())) {
                    if (entry.getName().endsWith(".jar") && !entry.getName().contains("/")) {
                        Path copy = Files.createTempFile("nested", ".jar");
                        copy.toFile().deleteOnExit();
                        try (InputStream in = file.getInputStream(entry)) {
                            Files.copy(in, copy, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
                        }
                        found.add(copy);
                    }
                }
            }
        }
        return found;
    }

    private static URL[] urls(List<Path> jars) throws Exception {
        URL[] urls = new URL[jars.size()];
        for (int at = 0; at < urls.length; at++) {
            urls[at] = jars.get(at).toUri().toURL();
        }
        return urls;
    }

    private static String clean(String text) {
        return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\r", "\\r").replace("\n", "\\n");
    }
}
