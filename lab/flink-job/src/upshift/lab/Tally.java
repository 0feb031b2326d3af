package upshift.lab;

import org.apache.flink.api.common.functions.RichFlatMapFunction;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.util.Collector;

/**
 * Counts what passes, in operator state, and says before its first record what it restored: over all subtasks that must be
 * the number of records before the restore.
 */
final class Tally extends RichFlatMapFunction<String, String> implements CheckpointedFunction {
    private static final long serialVersionUID = 1L;

    private transient ListState<Long> stored;
    private transient long passed;
    private transient boolean said;

    @Override
    public void initializeState(FunctionInitializationContext context) throws Exception {
        stored = context.getOperatorStateStore().getListState(new ListStateDescriptor<>("passed", Types.LONG));
        passed = 0;
        for (Long part : stored.get()) {
            passed += part;
        }
        said = false;
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) throws Exception {
        stored.clear();
        stored.add(passed);
    }

    @Override
    public void flatMap(String line, Collector<String> out) throws Exception {
        if (!said) {
            out.collect("#tally subtask=" + Here.subtask(getRuntimeContext()) + " restored=" + passed);
            said = true;
        }
        passed++;
        out.collect(line);
    }
}
