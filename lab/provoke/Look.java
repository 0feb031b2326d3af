import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/**
 * Asks the classes of one Flink release, which are on the class path. Each argument is a question,
 * each answer one line: class NAME, method CLASS#NAME/PARAMETERS, takes CLASS#NAME/PARAMETER_TYPE,
 * option KEY, conf FILE[,FILE].
 *
 * <p>A class is loaded, an option's field is read, a folder with a configuration file is given to
 * GlobalConfiguration: no process of Flink is started.
 */
public final class Look {
    public static void main(String[] questions) throws Exception {
        for (String question : questions) {
            String[] parts = question.split(" ", 2);
            System.out.println(switch (parts[0]) {
                case "class" -> there(parts[1]) ? "there" : "absent";
                case "method" -> method(parts[1]);
                case "takes" -> takes(parts[1]);
                case "option" -> option(parts[1]);
                case "conf" -> conf(parts[1].split(","));
                default -> throw new IllegalArgumentException(question);
            });
        }
    }

    private static boolean there(String name) {
        try {
            Class.forName(name, false, Look.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException gone) {
            return false;
        }
    }

    private static String method(String text) throws ClassNotFoundException {
        String[] parts = text.split("[#/]");
        for (Method method : Class.forName(parts[0]).getMethods()) {
            if (method.getName().equals(parts[1]) && method.getParameterCount() == Integer.parseInt(parts[2])) {
                return "there";
            }
        }
        return "absent";
    }

    /** Whether a method of this name takes one parameter of this type. */
    private static String takes(String text) throws ClassNotFoundException {
        String[] parts = text.split("[#/]");
        for (Method method : Class.forName(parts[0]).getMethods()) {
            boolean one = method.getParameterCount() == 1;
            if (method.getName().equals(parts[1]) && one && method.getParameterTypes()[0].getName().equals(parts[2])) {
                return "there";
            }
        }
        return "absent";
    }

    /** The default of an option, over every static field of every class that is named after options. */
    private static String option(String key) throws Exception {
        TreeSet<String> defaults = new TreeSet<>();
        boolean found = false;
        for (String path : System.getProperty("java.class.path").split(java.io.File.pathSeparator)) {
            if (!path.endsWith(".jar")) {
                continue;
            }
            try (JarFile jar = new JarFile(path)) {
                for (Enumeration<JarEntry> all = jar.entries(); all.hasMoreElements(); ) {
                    String name = all.nextElement().getName();
                    if (!name.startsWith("org/apache/flink/") || !name.endsWith("Options.class")) {
                        continue;
                    }
                    for (Object option : optionsOf(name.substring(0, name.length() - 6).replace('/', '.'))) {
                        if (key.equals(option.getClass().getMethod("key").invoke(option))) {
                            found = true;
                            defaults.add(String.valueOf(option.getClass().getMethod("defaultValue").invoke(option)));
                        }
                    }
                }
            }
        }
        return found ? "default " + String.join(" or ", defaults) : "absent";
    }

    private static List<Object> optionsOf(String name) throws IllegalAccessException {
        List<Object> all = new ArrayList<>();
        try {
            for (Field field : Class.forName(name).getDeclaredFields()) {
                if (Modifier.isStatic(field.getModifiers()) && field.getType().getSimpleName().equals("ConfigOption")) {
                    field.setAccessible(true);
                    all.add(field.get(null));
                }
            }
        } catch (ClassNotFoundException | LinkageError notHere) {
            // A class that needs what the distribution leaves out: its options are no part of it.
        }
        return all;
    }

    /** Which of the files is read where all of them lie in one folder. */
    private static String conf(String[] files) throws Exception {
        Path folder = Files.createTempDirectory("look");
        for (String file : files) {
            Files.writeString(folder.resolve(file), "look." + file.replace('.', '-') + ": there\n");
        }
        try {
            Class<?> loader = Class.forName("org.apache.flink.configuration.GlobalConfiguration");
            Object read = loader.getMethod("loadConfiguration", String.class).invoke(null, folder.toString());
            Map<?, ?> map = (Map<?, ?>) read.getClass().getMethod("toMap").invoke(read);
            TreeSet<String> names = new TreeSet<>();
            for (String file : files) {
                if (map.containsKey("look." + file.replace('.', '-'))) {
                    names.add(file);
                }
            }
            return names.isEmpty() ? "nothing is read" : "reads " + String.join(" and ", names);
        } catch (java.lang.reflect.InvocationTargetException refused) {
            return "refuses: " + refused.getCause().getClass().getSimpleName();
        } finally {
            for (String file : files) {
                Files.deleteIfExists(folder.resolve(file));
            }
            Files.deleteIfExists(folder);
        }
    }
}
