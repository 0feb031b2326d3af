package upshift.lab;

import java.util.Random;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Counts the records of a key, twice over: in a value, and in a map of three buckets that are visited in turn. Both follow
 * from the number of the record (count = number / keys + 1), so a record tells whether any of the two was lost or is old.
 */
final class Counter extends KeyedProcessFunction<Long, Long, String> implements CheckpointedFunction {
    static final String COUNT = "count";
    private static final int BUCKETS = 3;
    private static final long serialVersionUID = 1L;

    private final long keys;
    private final int payload;
    private final int failsAfterSeconds;
    private transient ValueState<Long> count;
    private transient MapState<String, Long> visits;
    private transient ValueState<byte[]> ballast;
    private transient long failsAt;

    Counter(long keys, int payload, int failsAfterSeconds) {
        this.keys = keys;
        this.payload = payload;
        this.failsAfterSeconds = failsAfterSeconds;
    }

    /** State is registered here, not in open: the signature of open changed between 1.x and 2.x. */
    @Override
    public void initializeState(FunctionInitializationContext context) throws Exception {
        count = context.getKeyedStateStore().getState(new ValueStateDescriptor<>(COUNT, Types.LONG));
        visits = context.getKeyedStateStore().getMapState(new MapStateDescriptor<>("visits", Types.STRING, Types.LONG));
        if (payload > 0) {
            ballast =
                    context.getKeyedStateStore()
                            .getState(
                                    new ValueStateDescriptor<>(
                                            "ballast", PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO));
        }
        boolean fails = failsAfterSeconds >= 0 && context.isRestored();
        failsAt = fails ? System.nanoTime() + failsAfterSeconds * 1_000_000_000L : 0;
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) {}

    @Override
    public void processElement(Long number, Context context, Collector<String> out) throws Exception {
        if (failsAt != 0 && System.nanoTime() >= failsAt) {
            throw new IllegalStateException("the lab job fails on purpose, " + failsAfterSeconds + " s after its restore");
        }
        Long before = count.value();
        long now = before == null ? 1 : before + 1;
        count.update(now);
        if (before == null && payload > 0) {
            byte[] noise = new byte[payload];
            new Random(number).nextBytes(noise);
            ballast.update(noise);
        }
        String bucket = "bucket-" + now % BUCKETS;
        Long visited = visits.get(bucket);
        long visit = visited == null ? 1 : visited + 1;
        visits.put(bucket, visit);

        boolean whole = now == number / keys + 1 && visit == (now + BUCKETS - 1) / BUCKETS;
        out.collect(number + "," + number % keys + "," + now + "," + (whole ? "OK" : "BAD"));
    }
}
