package upshift.lab.state;

import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/** Takes so long for each record that those behind it wait in the channels. */
final class Slow extends KeyedProcessFunction<Long, Long, Long> {
    private static final long serialVersionUID = 1L;

    @Override
    public void processElement(Long number, Context context, Collector<Long> out) throws Exception {
        Thread.sleep(20);
    }
}
