package upshift.lab.state;

import java.lang.reflect.Method;
import java.time.Duration;
import org.apache.flink.api.common.functions.AggregateFunction;
import org.apache.flink.api.common.state.AggregatingState;
import org.apache.flink.api.common.state.AggregatingStateDescriptor;
import org.apache.flink.api.common.state.KeyedStateStore;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ReducingState;
import org.apache.flink.api.common.state.ReducingStateDescriptor;
import org.apache.flink.api.common.state.StateDescriptor;
import org.apache.flink.api.common.state.StateTtlConfig;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/** Every kind of keyed state with a time to live, and one without. */
final class Ageing extends KeyedProcessFunction<Long, Long, Long> implements CheckpointedFunction {
    private static final long serialVersionUID = 1L;

    private transient ValueState<Long> value;
    private transient ListState<Tuple2<String, Long>> list;
    private transient MapState<String, Long> map;
    private transient ReducingState<Long> sum;
    private transient AggregatingState<Long, Long> count;
    private transient ValueState<String> ageless;

    @Override
    public void initializeState(FunctionInitializationContext context) throws Exception {
        KeyedStateStore store = context.getKeyedStateStore();
        value = store.getState(ageing(new ValueStateDescriptor<>("value", Types.LONG)));
        list = store.getListState(ageing(new ListStateDescriptor<>("list", Types.TUPLE(Types.STRING, Types.LONG))));
        map = store.getMapState(ageing(new MapStateDescriptor<>("map", Types.STRING, Types.LONG)));
        sum = store.getReducingState(ageing(new ReducingStateDescriptor<>("sum", Long::sum, Types.LONG)));
        count = store.getAggregatingState(ageing(new AggregatingStateDescriptor<>("counted", new Count(), Types.LONG)));
        ageless = store.getState(new ValueStateDescriptor<>("ageless", Types.STRING));
    }

    /** The duration was a class of Flink's own before 1.20 and is Java's in 2.x. */
    private static <D extends StateDescriptor<?, ?>> D ageing(D descriptor) throws Exception {
        Object builder;
        try {
            builder = StateTtlConfig.class.getMethod("newBuilder", Duration.class).invoke(null, Duration.ofDays(7));
        } catch (NoSuchMethodException old) {
            Class<?> time = Class.forName("org.apache.flink.api.common.time.Time");
            Method days = time.getMethod("days", long.class);
            builder = StateTtlConfig.class.getMethod("newBuilder", time).invoke(null, days.invoke(null, 7L));
        }
        descriptor.enableTimeToLive((StateTtlConfig) builder.getClass().getMethod("build").invoke(builder));
        return descriptor;
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) {}

    @Override
    public void processElement(Long number, Context context, Collector<Long> out) throws Exception {
        if (value.value() == null) {
            list.add(Tuple2.of("first", number));
            ageless.update("first " + number);
        }
        value.update(number);
        map.put("last", number);
        sum.add(1L);
        count.add(number);
    }

    private static final class Count implements AggregateFunction<Long, Long, Long> {
        private static final long serialVersionUID = 1L;

        @Override
        public Long createAccumulator() {
            return 0L;
        }

        @Override
        public Long add(Long number, Long count) {
            return count + 1;
        }

        @Override
        public Long getResult(Long count) {
            return count;
        }

        @Override
        public Long merge(Long one, Long other) {
            return one + other;
        }
    }
}
