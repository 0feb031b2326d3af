package upshift.lab.snapshots;

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.Optional;

/** Questions to objects whose classes or methods are not in every release, by name. */
final class Ask {
    private Ask() {}

    static Object of(Object object, String question) throws ReflectiveOperationException {
        Object answer = method(object, question).invoke(object);
        return answer instanceof Optional ? ((Optional<?>) answer).orElse(null) : answer;
    }

    /** Null where the release knows no such question. */
    static Object maybe(Object object, String question) throws ReflectiveOperationException {
        return knows(object, question) ? of(object, question) : null;
    }

    static boolean knows(Object object, String question) {
        try {
            method(object, question);
            return true;
        } catch (NoSuchMethodException absent) {
            return false;
        }
    }

    static Object field(Object object, String name) throws ReflectiveOperationException {
        for (Class<?> at = object.getClass(); at != null; at = at.getSuperclass()) {
            for (Field field : at.getDeclaredFields()) {
                if (field.getName().equals(name)) {
                    field.setAccessible(true);
                    return field.get(object);
                }
            }
        }
        throw new NoSuchFieldException(object.getClass() + " " + name);
    }

    private static Method method(Object object, String question) throws NoSuchMethodException {
        for (Class<?> at = object.getClass(); at != null; at = at.getSuperclass()) {
            for (Method method : at.getDeclaredMethods()) {
                if (method.getName().equals(question) && method.getParameterCount() == 0 && !method.isBridge()) {
                    method.setAccessible(true);
                    return method;
                }
            }
        }
        return object.getClass().getMethod(question);
    }
}
