package upshift.lab.state;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * A small job whose snapshots have the parts that are asked for: {@code PARTS [KEY=VALUE ...]}, parts separated by commas,
 * the rest configuration of the job. One jar, binary the same, for Flink 1.16 to 2.3.
 */
public final class StateJob {
    private static final long NO_END = Long.MAX_VALUE / 2;
    private static final int KEYS = 8;
    private static final List<String> PARTS =
            Arrays.asList("plain", "hook", "finished", "ttl", "slow", "types", "windows", "cep", "lists", "compressed");

    private StateJob() {}

    public static void main(String[] args) throws Exception {
        Set<String> parts = new HashSet<>(Arrays.asList(args[0].split(",")));
        if (!PARTS.containsAll(parts)) {
            throw new IllegalArgumentException("want parts out of " + PARTS + ", not " + args[0]);
        }
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.configure(settings(args), StateJob.class.getClassLoader());
        env.setParallelism(2);
        env.setMaxParallelism(16);
        env.getConfig().setUseSnapshotCompression(parts.contains("compressed"));

        SingleOutputStreamOperator<Long> numbers = source(env, "numbers", NO_END).map(new Paced(2)).name("paced").uid("paced");
        if (parts.contains("hook")) {
            numbers = numbers.map(new Hooked()).name("hooked").uid("hooked");
        }
        if (parts.contains("finished")) {
            source(env, "few", 20).map(new Paced(0)).name("few-paced").uid("few-paced").startNewChain();
            // One subtask is through with its half at once, the other never.
            source(env, "halves", 40_000).map(new Paced(20_000)).name("halves-paced").uid("halves-paced");
        }
        KeyedStream<Long, Long> keyed = numbers.keyBy(new ByKey(), Types.LONG);
        if (parts.contains("plain")) {
            keyed.process(new Plain()).returns(Types.LONG).name("plain").uid("plain");
        }
        if (parts.contains("ttl")) {
            keyed.process(new Ageing()).returns(Types.LONG).name("ageing").uid("ageing");
        }
        if (parts.contains("types")) {
            keyed.process(new Typed()).returns(Types.LONG).name("types").uid("types");
        }
        if (parts.contains("lists")) {
            numbers.map(new Listed()).returns(Types.LONG).name("listed").uid("listed");
        }
        if (parts.contains("slow")) {
            source(env, "many", NO_END).keyBy(new ByKey(), Types.LONG).process(new Slow()).returns(Types.LONG).name("slow").uid("slow");
        }
        if (parts.contains("windows")) {
            Windows.add(keyed);
        }
        if (parts.contains("cep")) {
            Patterns.add(keyed);
        }
        env.execute("state-" + args[0]);
    }

    private static SingleOutputStreamOperator<Long> source(StreamExecutionEnvironment env, String name, long last) {
        return env.fromSource(
                        new NumberSequenceSource(1, last), WatermarkStrategy.<Long>noWatermarks(), name, Types.LONG)
                .name(name)
                .uid(name);
    }

    private static Configuration settings(String[] args) {
        Map<String, String> settings = new HashMap<>();
        for (String pair : Arrays.asList(args).subList(1, args.length)) {
            int equals = pair.indexOf('=');
            settings.put(pair.substring(0, equals), pair.substring(equals + 1));
        }
        return Configuration.fromMap(settings);
    }

    private static final class ByKey implements KeySelector<Long, Long> {
        private static final long serialVersionUID = 1L;

        @Override
        public Long getKey(Long number) {
            return number % KEYS;
        }
    }
}
