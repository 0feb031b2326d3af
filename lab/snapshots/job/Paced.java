package upshift.lab.state;

import org.apache.flink.api.common.functions.MapFunction;

/** Lets numbers from a first one on pass slowly, those before at once; 0 lets all pass at once. */
final class Paced implements MapFunction<Long, Long> {
    private static final long serialVersionUID = 1L;

    private final long from;

    Paced(long from) {
        this.from = from;
    }

    @Override
    public Long map(Long number) throws Exception {
        if (from > 0 && number >= from) {
            Thread.sleep(10);
        }
        return number;
    }
}
