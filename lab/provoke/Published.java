import java.lang.reflect.Field;
import java.lang.reflect.Method;

/**
 * Asks the published classes of one release of Alluxio or Fluss for options: the class path holds
 * them, each argument is a key, each answer one line: its default, or absent.
 *
 * <p>No process of either is started.
 */
public final class Published {
    public static void main(String[] keys) throws Exception {
        for (String key : keys) {
            Class<?> alluxio = named("alluxio.conf.PropertyKey");
            if (alluxio == null) { // before 2.0
                alluxio = named("alluxio.PropertyKey");
            }
            System.out.println(alluxio != null ? ofAlluxio(alluxio, key) : ofFluss(key));
        }
    }

    private static Class<?> named(String name) {
        try {
            return Class.forName(name);
        } catch (ClassNotFoundException other) {
            return null;
        }
    }

    private static String ofAlluxio(Class<?> keys, String key) throws ReflectiveOperationException {
        if (!(boolean) keys.getMethod("isValid", String.class).invoke(null, key)) {
            return "absent";
        }
        Object found = keys.getMethod("fromString", String.class).invoke(null, key);
        return "default " + keys.getMethod("getDefaultValue").invoke(found);
    }

    private static String ofFluss(String key) throws ReflectiveOperationException {
        Class<?> options = named("org.apache.fluss.config.ConfigOptions");
        if (options == null) {
            options = Class.forName("com.alibaba.fluss.config.ConfigOptions");
        }
        for (Field field : options.getFields()) {
            if (!field.getType().getSimpleName().equals("ConfigOption")) {
                continue;
            }
            Object option = field.get(null);
            Method name = option.getClass().getMethod("key");
            if (key.equals(name.invoke(option))) {
                Method value = option.getClass().getMethod("defaultValue");
                return "default " + value.invoke(option);
            }
        }
        return "absent";
    }
}
