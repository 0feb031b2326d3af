package upshift.lab.snapshots;

import java.util.LinkedHashMap;
import java.util.Map;

/** As much of JSON as an account needs. */
final class Json {
    private Json() {}

    /** An object whose members keep their order. */
    static final class Obj {
        private final Map<String, Object> members = new LinkedHashMap<>();

        Obj with(String name, Object value) {
            members.put(name, value);
            return this;
        }
    }

    static String text(Object value) {
        StringBuilder out = new StringBuilder();
        write(out, value);
        return out.toString();
    }

    private static void write(StringBuilder out, Object value) {
        if (value instanceof Obj) {
            object(out, ((Obj) value).members);
        } else if (value instanceof Iterable) {
            String between = "[";
            for (Object one : (Iterable<?>) value) {
                out.append(between);
                write(out, one);
                between = ",";
            }
            out.append(between.equals("[") ? "[]" : "]");
        } else if (value == null || value instanceof Number || value instanceof Boolean) {
            out.append(value);
        } else {
            string(out, value.toString());
        }
    }

    private static void object(StringBuilder out, Map<String, Object> members) {
        String between = "{";
        for (Map.Entry<String, Object> member : members.entrySet()) {
            out.append(between);
            string(out, member.getKey());
            out.append(':');
            write(out, member.getValue());
            between = ",";
        }
        out.append(between.equals("{") ? "{}" : "}");
    }

    private static void string(StringBuilder out, String text) {
        out.append('"');
        for (char one : text.toCharArray()) {
            if (one == '"' || one == '\\') {
                out.append('\\').append(one);
            } else if (one < ' ') {
                out.append(String.format("\\u%04x", (int) one));
            } else {
                out.append(one);
            }
        }
        out.append('"');
    }
}
