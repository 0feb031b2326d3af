package com.example.old;

import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.java.ExecutionEnvironment;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.source.SourceFunction;
import org.apache.flink.streaming.api.functions.sink.DiscardingSink;

/** Uses what 2.0 took away: the DataSet API, SourceFunction, open(Configuration). It is compiled and never run. */
@SuppressWarnings({"deprecation", "serial"})
public final class OldJob {
    static final class Ones implements SourceFunction<Long> {
        private volatile boolean running = true;
        @Override public void run(SourceContext<Long> out) { while (running) { out.collect(1L); } }
        @Override public void cancel() { running = false; }
    }
    static final class Opened extends RichMapFunction<Long, Long> {
        @Override public void open(Configuration parameters) throws Exception { super.open(parameters); getRuntimeContext().getIndexOfThisSubtask(); }
        @Override public Long map(Long value) { return value; }
    }
    public static void main(String[] args) throws Exception {
        if (args.length > 0) {
            ExecutionEnvironment batch = ExecutionEnvironment.getExecutionEnvironment();
            batch.fromElements(1, 2, 3).print();
        }
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.addSource(new Ones()).map(new Opened()).addSink(new DiscardingSink<>());
        env.execute("old");
    }
}
