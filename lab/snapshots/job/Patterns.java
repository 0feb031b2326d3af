package upshift.lab.state;

import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.cep.CEP;
import org.apache.flink.cep.functions.PatternProcessFunction;
import org.apache.flink.cep.pattern.Pattern;
import org.apache.flink.cep.pattern.conditions.SimpleCondition;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.util.Collector;

/** State of a pattern that is always half found. */
final class Patterns {
    private Patterns() {}

    static void add(KeyedStream<Long, Long> keyed) {
        Pattern<Long, Long> pattern = Pattern.<Long>begin("first")
                .where(new Below(64))
                .followedBy("second")
                .where(new Below(0));
        CEP.pattern(keyed, pattern).inProcessingTime().process(new Nothing(), Types.LONG).name("pattern").uid("pattern");
    }

    private static final class Below extends SimpleCondition<Long> {
        private static final long serialVersionUID = 1L;

        private final long bound;

        Below(long bound) {
            this.bound = bound;
        }

        @Override
        public boolean filter(Long number) {
            return number < bound;
        }
    }

    private static final class Nothing extends PatternProcessFunction<Long, Long> {
        private static final long serialVersionUID = 1L;

        @Override
        public void processMatch(Map<String, List<Long>> match, Context context, Collector<Long> out) {}
    }
}
