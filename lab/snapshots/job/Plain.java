package upshift.lab.state;

import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.common.state.KeyedStateStore;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/** Value, list and map state and timers, in keyed state, and a list in operator state. */
final class Plain extends KeyedProcessFunction<Long, Long, Long> implements CheckpointedFunction {
    private static final long serialVersionUID = 1L;
    private static final long FAR = 86_400_000L;

    private transient ValueState<Long> count;
    private transient ListState<String> seen;
    private transient MapState<String, Long> visits;
    private transient ListState<Long> passed;

    @Override
    public void initializeState(FunctionInitializationContext context) throws Exception {
        KeyedStateStore store = context.getKeyedStateStore();
        count = store.getState(new ValueStateDescriptor<>("count", Types.LONG));
        seen = store.getListState(new ListStateDescriptor<>("seen", Types.STRING));
        visits = store.getMapState(new MapStateDescriptor<>("visits", Types.STRING, Types.LONG));
        passed = context.getOperatorStateStore().getListState(new ListStateDescriptor<>("passed", Types.LONG));
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) throws Exception {
        passed.update(java.util.List.of(context.getCheckpointId()));
    }

    @Override
    public void processElement(Long number, Context context, Collector<Long> out) throws Exception {
        if (count.value() == null) {
            seen.add("first " + number);
            context.timerService().registerProcessingTimeTimer(context.timerService().currentProcessingTime() + FAR);
            context.timerService().registerEventTimeTimer(FAR);
        }
        count.update(number);
        visits.put("visit " + number % 3, number);
    }
}
