package upshift.lab;

import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/** The counter with its count as text: a type that the state of {@link Counter} cannot be read as. */
final class RetypedCounter extends KeyedProcessFunction<Long, Long, String> implements CheckpointedFunction {
    private static final long serialVersionUID = 1L;

    private transient ValueState<String> count;

    @Override
    public void initializeState(FunctionInitializationContext context) throws Exception {
        count = context.getKeyedStateStore().getState(new ValueStateDescriptor<>(Counter.COUNT, Types.STRING));
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) {}

    @Override
    public void processElement(Long number, Context context, Collector<String> out) throws Exception {
        count.update(number.toString());
        out.collect(number + "," + context.getCurrentKey() + ",0,BAD");
    }
}
