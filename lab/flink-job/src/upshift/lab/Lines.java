package upshift.lab;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import org.apache.flink.api.common.functions.RichFlatMapFunction;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.util.Collector;

/**
 * Appends each record with the time of day to a file of its own per subtask and attempt.
 *
 * <p>Why the files prove exactly-once over a planned stop: a stop with savepoint sends its barrier after the last record
 * and emits none after it; the file is flushed when the barrier arrives, before the savepoint can complete; the restored
 * source goes on with the next number. So each number is in one line of one file. After a crash it is otherwise: lines
 * since the last checkpoint are on disk, and the next attempt writes them again into its own file. The reader tells the two
 * apart by the attempt that each file names.
 */
final class Lines extends RichFlatMapFunction<String, String> implements CheckpointedFunction {
    private static final long serialVersionUID = 1L;
    private static final long FLUSH_MILLIS = 20;

    private final String directory;
    private transient BufferedWriter file;
    private transient String restored;
    private transient long flushed;

    Lines(String directory) {
        this.directory = directory;
    }

    @Override
    public void initializeState(FunctionInitializationContext context) {
        restored = context.isRestored() ? Long.toString(context.getRestoredCheckpointId().orElse(0)) : "-";
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) throws IOException {
        if (file != null) {
            file.flush();
        }
    }

    @Override
    public void flatMap(String line, Collector<String> out) throws Exception {
        long now = System.currentTimeMillis();
        if (file == null) {
            file = open();
        }
        file.write(line.startsWith("#") ? line : now + "," + line);
        file.write('\n');
        if (now - flushed >= FLUSH_MILLIS) {
            file.flush();
            flushed = now;
        }
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            file.close();
        }
    }

    private BufferedWriter open() throws Exception {
        Path folder = Files.createDirectories(Paths.get(directory));
        Path path = folder.resolve("part-" + UUID.randomUUID() + ".csv");
        BufferedWriter opened =
                Files.newBufferedWriter(path, StandardCharsets.UTF_8, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        opened.write(
                "#run job=" + Here.job(getRuntimeContext())
                        + " attempt=" + Here.attempt(getRuntimeContext())
                        + " subtask=" + Here.subtask(getRuntimeContext())
                        + " of=" + Here.subtasks(getRuntimeContext())
                        + " restored=" + restored + "\n");
        return opened;
    }
}
