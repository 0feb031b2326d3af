package upshift.lab;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/** Counts in a bean with a list: 1.x leaves the list to Kryo, 2.x has a serializer of its own for it. */
final class BeanCounter extends KeyedProcessFunction<Long, Long, String> implements CheckpointedFunction {
    private static final long serialVersionUID = 1L;

    private final long keys;
    private transient ValueState<Seen> seen;

    BeanCounter(long keys) {
        this.keys = keys;
    }

    /** The bean. */
    public static final class Seen {
        public long count;
        public List<String> tags = new ArrayList<>();
    }

    @Override
    public void initializeState(FunctionInitializationContext context) throws Exception {
        seen = context.getKeyedStateStore().getState(new ValueStateDescriptor<>("seen", Types.POJO(Seen.class)));
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) {}

    @Override
    public void processElement(Long number, Context context, Collector<String> out) throws Exception {
        Seen now = seen.value();
        if (now == null) {
            now = new Seen();
            now.tags.add("key-" + context.getCurrentKey());
        }
        now.count++;
        seen.update(now);
        boolean whole = now.count == number / keys + 1 && now.tags.size() == 1;
        out.collect(number + "," + number % keys + "," + now.count + "," + (whole ? "OK" : "BAD"));
    }
}
