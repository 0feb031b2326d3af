package upshift.lab.state;

import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.functions.windowing.ProcessWindowFunction;
import org.apache.flink.streaming.api.windowing.assigners.GlobalWindows;
import org.apache.flink.streaming.api.windowing.assigners.ProcessingTimeSessionWindows;
import org.apache.flink.streaming.api.windowing.triggers.CountTrigger;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.streaming.api.windowing.windows.Window;
import org.apache.flink.util.Collector;

/** State of windows: sessions, which are merged, and counts. */
final class Windows {
    private static final long GAP = 600_000L;

    private Windows() {}

    static void add(KeyedStream<Long, Long> keyed) {
        keyed.window(ProcessingTimeSessionWindows.<Long>withDynamicGap(number -> GAP))
                .process(new Nothing<TimeWindow>())
                .returns(Types.LONG)
                .name("sessions")
                .uid("sessions");
        keyed.window(GlobalWindows.create())
                .trigger(CountTrigger.of(1_000_000))
                .reduce(Long::sum)
                .name("counts")
                .uid("counts");
    }

    private static final class Nothing<W extends Window> extends ProcessWindowFunction<Long, Long, Long, W> {
        private static final long serialVersionUID = 1L;

        @Override
        public void process(Long key, Context context, Iterable<Long> numbers, Collector<Long> out) {}
    }
}
