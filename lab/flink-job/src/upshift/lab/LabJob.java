package upshift.lab;

import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;

/**
 * A job that proves from its own output whether an upgrade kept its state: numbers, counted per key, tallied, written as
 * lines. With all state intact the count of a record follows from its number, so that every line says OK or BAD.
 *
 * <p>It uses only those parts of the API that are the same, binary too, from Flink 1.16 to 2.3: one jar for all.
 */
public final class LabJob {
    private LabJob() {}

    public static void main(String[] args) throws Exception {
        Arguments a = new Arguments(args);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        if (a.backend() != null) {
            env.configure(backend(a.backend()), LabJob.class.getClassLoader());
        }
        env.setParallelism(a.parallelism());
        env.setMaxParallelism(a.maxParallelism());
        env.enableCheckpointing(a.checkpointMillis());

        SingleOutputStreamOperator<Long> numbers =
                env.fromSource(
                        new Numbers(a.recordsPerSecond()), WatermarkStrategy.<Long>noWatermarks(), "numbers", Types.LONG);
        SingleOutputStreamOperator<Long> source = identified(a, "numbers", numbers);
        if (a.inserted()) {
            source = identified(a, "audit", source.map(new Audit()).returns(Types.LONG).startNewChain());
        }
        SingleOutputStreamOperator<String> counted = keyed(a, source).process(counter(a)).returns(Types.STRING);
        SingleOutputStreamOperator<String> lines = identified(a, a.replaced() ? "audit" : "counter", counted);
        if (!a.removed()) {
            SingleOutputStreamOperator<String> tally = lines.flatMap(new Tally()).returns(Types.STRING);
            lines = identified(a, "tally", a.rechained() ? tally.startNewChain() : tally);
        }
        identified(a, "lines", lines.flatMap(new Lines(a.out())).returns(Types.STRING));
        env.execute(a.name());
    }

    /** Keyed by text the graph is built and never run: the counter wants numbers. */
    @SuppressWarnings({"unchecked", "rawtypes"})
    private static KeyedStream<Long, Long> keyed(Arguments a, SingleOutputStreamOperator<Long> source) {
        if (a.textKeys()) {
            return (KeyedStream)
                    source.keyBy(
                            new KeySelector<Long, String>() {
                                private static final long serialVersionUID = 1L;

                                @Override
                                public String getKey(Long number) {
                                    return number.toString();
                                }
                            },
                            Types.STRING);
        }
        final long keys = a.keys();
        return source.keyBy(
                new KeySelector<Long, Long>() {
                    private static final long serialVersionUID = 1L;

                    @Override
                    public Long getKey(Long number) {
                        return number % keys;
                    }
                },
                Types.LONG);
    }

    private static KeyedProcessFunction<Long, Long, String> counter(Arguments a) {
        if (a.retyped()) {
            return new RetypedCounter();
        }
        return a.beans() ? new BeanCounter(a.keys()) : new Counter(a.keys(), a.payload(), a.failsAfterSeconds());
    }

    /** Lets everything pass: an operator without state, which renames those behind it where there are no uids. A chain of its own
     * leaves the source its id. */
    private static final class Audit implements MapFunction<Long, Long> {
        private static final long serialVersionUID = 1L;

        @Override
        public Long map(Long number) {
            return number;
        }
    }

    private static <T> SingleOutputStreamOperator<T> identified(Arguments a, String uid, SingleOutputStreamOperator<T> operator) {
        operator.name(uid);
        if (a.pinned(uid) != null) {
            return operator.setUidHash(a.pinned(uid));
        }
        return a.uids() ? operator.uid(uid) : operator;
    }

    /** Under its old and its new keys: which one a release reads differs. */
    private static Configuration backend(String name) {
        Map<String, String> settings = new HashMap<>();
        settings.put("state.backend", name);
        settings.put("state.backend.type", name);
        settings.put("state.backend.incremental", "true");
        settings.put("execution.checkpointing.incremental", "true");
        return Configuration.fromMap(settings);
    }
}
