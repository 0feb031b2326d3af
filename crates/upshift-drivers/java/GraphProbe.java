import java.io.BufferedReader;
import java.io.File;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads the operator graph of a job without running it: the release's own client code runs the jar's main until it calls
 * execute, and translates what main built as it would for a submission. Nothing is submitted.
 *
 * <p>It is compiled without Flink and finds what it needs by name, so that one class serves every release from 1.16 on. One
 * class, no lambda and no inner class: the class file is part of upshift and written out to be run.
 *
 * <p>Arguments: the file with what to read, one "key value" a line, percent-encoded, and the file that the answer is written
 * to, one JSON document. What main prints goes to standard output and is nobody's answer.
 */
public final class GraphProbe {
    private GraphProbe() {}

    public static void main(String[] files) throws Exception {
        StringBuilder answer = new StringBuilder();
        try {
            graph(asked(files[0]), answer);
        } catch (Throwable e) {
            answer.setLength(0);
            answer.append("{\"failed\":[");
            failure(e, answer);
            answer.append("]}");
        }
        Writer out = new OutputStreamWriter(new FileOutputStream(files[1]), StandardCharsets.UTF_8);
        out.write(answer.toString());
        out.close();
        // Threads that main left behind must not keep the process alive, nor hooks do anything on the way out.
        Runtime.getRuntime().halt(0);
    }

    private static Map<String, List<String>> asked(String file) throws Exception {
        Map<String, List<String>> asked = new HashMap<String, List<String>>();
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(new FileInputStream(file), StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            int blank = line.indexOf(' ');
            String key = line.substring(0, blank);
            if (!asked.containsKey(key)) {
                asked.put(key, new ArrayList<String>());
            }
            asked.get(key).add(URLDecoder.decode(line.substring(blank + 1), "UTF-8"));
        }
        lines.close();
        return asked;
    }

    private static List<String> all(Map<String, List<String>> asked, String key) {
        return asked.containsKey(key) ? asked.get(key) : new ArrayList<String>();
    }

    private static void graph(Map<String, List<String>> asked, StringBuilder answer) throws Exception {
        Object configuration = configuration(asked);
        Object program = program(asked, configuration);
        int parallelism = Integer.parseInt(asked.get("parallelism").get(0));
        ClassLoader user = (ClassLoader) call(program, "getUserCodeClassLoader");
        Class<?> pipelineClass = Class.forName("org.apache.flink.api.dag.Pipeline");
        Class<?> configurationClass = configuration.getClass();
        Object pipeline =
                invoke(
                        Class.forName("org.apache.flink.client.program.PackagedProgramUtils")
                                .getMethod(
                                        "getPipelineFromProgram",
                                        program.getClass(),
                                        configurationClass,
                                        int.class,
                                        boolean.class),
                        null,
                        program,
                        configuration,
                        parallelism,
                        false);
        Map<Integer, Object> nodes = new HashMap<Integer, Object>();
        for (Object node : (Iterable<?>) call(pipeline, "getStreamNodes")) {
            nodes.put((Integer) call(node, "getId"), node);
        }
        Object jobGraph =
                invoke(
                        Class.forName("org.apache.flink.client.FlinkPipelineTranslationUtil")
                                .getMethod(
                                        "getJobGraph", ClassLoader.class, pipelineClass, configurationClass, int.class),
                        null,
                        user,
                        pipeline,
                        configuration,
                        parallelism);
        answer.append("{\"job\":");
        text(call(jobGraph, "getName"), answer);
        answer.append(",\"operators\":[");
        int before = answer.length();
        for (Object vertex : (Iterable<?>) call(jobGraph, "getVerticesSortedTopologicallyFromSources")) {
            vertex(vertex, nodes, user, answer, before);
        }
        answer.append("]}");
    }

    private static Object configuration(Map<String, List<String>> asked) throws Exception {
        Object configuration = Class.forName("org.apache.flink.configuration.Configuration").getConstructor().newInstance();
        Method set = configuration.getClass().getMethod("setString", String.class, String.class);
        for (String option : all(asked, "option")) {
            int equals = option.indexOf('=');
            invoke(set, configuration, option.substring(0, equals), option.substring(equals + 1));
        }
        return configuration;
    }

    private static Object program(Map<String, List<String>> asked, Object configuration) throws Exception {
        Object builder =
                invoke(Class.forName("org.apache.flink.client.program.PackagedProgram").getMethod("newBuilder"), null);
        Class<?> type = builder.getClass();
        invoke(type.getMethod("setJarFile", File.class), builder, new File(asked.get("jar").get(0)));
        for (String entry : all(asked, "entry")) {
            invoke(type.getMethod("setEntryPointClassName", String.class), builder, entry);
        }
        Object args = all(asked, "arg").toArray(new String[0]);
        invoke(type.getMethod("setArguments", String[].class), builder, args);
        invoke(type.getMethod("setConfiguration", configuration.getClass()), builder, configuration);
        return call(builder, "build");
    }

    /** A vertex of the job graph is a chain: what its operators are is in its configuration. */
    private static void vertex(
            Object vertex, Map<Integer, Object> nodes, ClassLoader user, StringBuilder answer, int before) throws Exception {
        Class<?> configClass = Class.forName("org.apache.flink.streaming.api.graph.StreamConfig");
        Object own = call(vertex, "getConfiguration");
        Object config = configClass.getConstructor(own.getClass()).newInstance(own);
        Map<?, ?> chain =
                (Map<?, ?>) invoke(configClass.getMethod("getTransitiveChainedTaskConfigsWithSelf", ClassLoader.class), config, user);
        Map<String, Object> byId = new LinkedHashMap<String, Object>();
        for (Object member : chain.values()) {
            byId.put(String.valueOf(call(member, "getOperatorID")), nodes.get(call(member, "getVertexID")));
        }
        String head = String.valueOf(call(vertex, "getID"));
        List<?> pairs = (List<?>) call(vertex, "getOperatorIDs");
        // The server lists a chain from its end; a reader wants it from its head.
        for (int i = pairs.size() - 1; i >= 0; i--) {
            String id = String.valueOf(call(pairs.get(i), "getGeneratedOperatorID"));
            Optional<?> also = (Optional<?>) call(pairs.get(i), "getUserDefinedOperatorID");
            answer.append(answer.length() == before ? "{\"id\":" : ",{\"id\":");
            text(id, answer);
            answer.append(",\"head\":");
            text(head, answer);
            answer.append(",\"also\":");
            text(also.isPresent() ? also.get() : null, answer);
            Object node = byId.get(id);
            if (node != null) {
                node(node, answer);
            }
            answer.append('}');
        }
    }

    private static void node(Object node, StringBuilder answer) throws Exception {
        answer.append(",\"uid\":");
        text(call(node, "getTransformationUID"), answer);
        answer.append(",\"name\":");
        text(call(node, "getOperatorName"), answer);
        answer.append(",\"parallelism\":").append(call(node, "getParallelism"));
        answer.append(",\"max_parallelism\":").append(call(node, "getMaxParallelism"));
        answer.append(",\"key_serializer\":");
        Object serializer = call(node, "getStateKeySerializer");
        text(serializer == null ? null : call(serializer, "snapshotConfiguration").getClass().getName(), answer);
    }

    /** Calls a method without arguments, public or not, declared by the object's class or one above it. */
    private static Object call(Object on, String name) throws Exception {
        for (Class<?> type = on.getClass(); type != null; type = type.getSuperclass()) {
            for (Method method : type.getDeclaredMethods()) {
                if (method.getName().equals(name) && method.getParameterCount() == 0 && !method.isBridge()) {
                    return invoke(method, on);
                }
            }
        }
        throw new NoSuchMethodException(on.getClass().getName() + "." + name + "()");
    }

    private static Object invoke(Method method, Object on, Object... arguments) throws Exception {
        try {
            method.setAccessible(true);
            return method.invoke(on, arguments);
        } catch (InvocationTargetException e) {
            Throwable cause = e.getCause();
            if (cause instanceof Error) {
                throw (Error) cause;
            }
            throw cause instanceof Exception ? (Exception) cause : e;
        }
    }

    /** The chain of causes, outermost first, each as "class: message". */
    private static void failure(Throwable e, StringBuilder answer) {
        int told = 0;
        for (Throwable at = e; at != null && told < 12; at = at.getCause()) {
            if (told++ > 0) {
                answer.append(',');
            }
            text(at.toString(), answer);
        }
    }

    private static void text(Object value, StringBuilder answer) {
        if (value == null) {
            answer.append("null");
            return;
        }
        String text = value.toString();
        answer.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                answer.append('\\').append(c);
            } else if (c < ' ' || (c >= '\ud800' && c <= '\udfff') || c == '\u2028') {
                answer.append(String.format("\\u%04x", (int) c));
            } else {
                answer.append(c);
            }
        }
        answer.append('"');
    }
}
