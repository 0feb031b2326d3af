package upshift.lab.state;

import java.util.List;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.state.BroadcastState;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.OperatorStateStore;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;

/** Operator state of every kind: split, union, broadcast. */
final class Listed implements MapFunction<Long, Long>, CheckpointedFunction {
    private static final long serialVersionUID = 1L;

    private transient ListState<Long> split;
    private transient ListState<String> union;
    private transient BroadcastState<String, Long> everywhere;

    @Override
    public void initializeState(FunctionInitializationContext context) throws Exception {
        OperatorStateStore store = context.getOperatorStateStore();
        split = store.getListState(new ListStateDescriptor<>("split", Types.LONG));
        union = store.getUnionListState(new ListStateDescriptor<>("union", Types.STRING));
        everywhere = store.getBroadcastState(new MapStateDescriptor<>("everywhere", Types.STRING, Types.LONG));
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) throws Exception {
        split.update(List.of(context.getCheckpointId(), 2L));
        union.update(List.of("union"));
        everywhere.put("rule", 1L);
    }

    @Override
    public Long map(Long number) {
        return number;
    }
}
