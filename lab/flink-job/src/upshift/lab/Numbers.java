package upshift.lab;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * All numbers from 0 on, at a bounded rate, in {@link #SPLITS} splits: split s holds s, s + SPLITS, s + 2 SPLITS, ... The
 * next number of a split is its offset in the checkpoint, so that no number is emitted twice or left out by a restore.
 */
final class Numbers implements Source<Long, Numbers.Split, List<Numbers.Split>> {
    static final int SPLITS = 4;

    private static final long serialVersionUID = 1L;

    private final double recordsPerSecond;

    Numbers(double recordsPerSecond) {
        this.recordsPerSecond = recordsPerSecond;
    }

    @Override
    public Boundedness getBoundedness() {
        return Boundedness.CONTINUOUS_UNBOUNDED;
    }

    @Override
    public SourceReader<Long, Split> createReader(SourceReaderContext context) {
        return new Reader(recordsPerSecond / SPLITS);
    }

    @Override
    public SplitEnumerator<Split, List<Split>> createEnumerator(SplitEnumeratorContext<Split> context) {
        List<Split> all = new ArrayList<>();
        for (int i = 0; i < SPLITS; i++) {
            all.add(new Split(i, i));
        }
        return new Enumerator(context, all);
    }

    @Override
    public SplitEnumerator<Split, List<Split>> restoreEnumerator(SplitEnumeratorContext<Split> context, List<Split> waiting) {
        return new Enumerator(context, waiting);
    }

    @Override
    public SimpleVersionedSerializer<Split> getSplitSerializer() {
        return new SplitSerializer();
    }

    @Override
    public SimpleVersionedSerializer<List<Split>> getEnumeratorCheckpointSerializer() {
        return new WaitingSerializer();
    }

    static final class Split implements SourceSplit {
        final int index;
        final long next;

        Split(int index, long next) {
            this.index = index;
            this.next = next;
        }

        @Override
        public String splitId() {
            return "split-" + index;
        }
    }

    /** Hands out the splits once all readers are there; what is checkpointed is what still waits. */
    private static final class Enumerator implements SplitEnumerator<Split, List<Split>> {
        private final SplitEnumeratorContext<Split> context;
        private final List<Split> waiting;

        Enumerator(SplitEnumeratorContext<Split> context, Collection<Split> waiting) {
            this.context = context;
            this.waiting = new ArrayList<>(waiting);
        }

        @Override
        public void start() {}

        @Override
        public void handleSplitRequest(int subtask, String host) {}

        @Override
        public void addSplitsBack(List<Split> splits, int subtask) {
            waiting.addAll(splits);
            handOut();
        }

        @Override
        public void addReader(int subtask) {
            handOut();
        }

        private void handOut() {
            int readers = context.currentParallelism();
            if (context.registeredReaders().size() == readers) {
                for (Split split : waiting) {
                    context.assignSplit(split, split.index % readers);
                }
                waiting.clear();
            }
        }

        @Override
        public List<Split> snapshotState(long checkpoint) {
            return new ArrayList<>(waiting);
        }

        @Override
        public void close() {}
    }

    /** A split while it is read. */
    private static final class Cursor {
        final int index;
        long next;

        Cursor(Split split) {
            this.index = split.index;
            this.next = split.next;
        }
    }

    private static final class Reader implements SourceReader<Long, Split> {
        private final double perSplit;
        private final List<Cursor> cursors = new ArrayList<>();
        private CompletableFuture<Void> assigned = new CompletableFuture<>();
        private long began;
        private long emitted;

        Reader(double perSplit) {
            this.perSplit = perSplit;
        }

        @Override
        public void start() {}

        @Override
        public InputStatus pollNext(ReaderOutput<Long> output) throws Exception {
            if (cursors.isEmpty()) {
                return InputStatus.NOTHING_AVAILABLE;
            }
            double due = (System.nanoTime() - began) / 1e9 * perSplit * cursors.size();
            if (emitted >= due) {
                Thread.sleep(1);
                return InputStatus.MORE_AVAILABLE;
            }
            Cursor cursor = cursors.get((int) (emitted % cursors.size()));
            output.collect(cursor.next);
            cursor.next += SPLITS;
            emitted++;
            return InputStatus.MORE_AVAILABLE;
        }

        @Override
        public List<Split> snapshotState(long checkpoint) {
            List<Split> now = new ArrayList<>();
            for (Cursor cursor : cursors) {
                now.add(new Split(cursor.index, cursor.next));
            }
            return now;
        }

        @Override
        public CompletableFuture<Void> isAvailable() {
            return cursors.isEmpty() ? assigned : CompletableFuture.completedFuture(null);
        }

        @Override
        public void addSplits(List<Split> splits) {
            for (Split split : splits) {
                cursors.add(new Cursor(split));
            }
            // The rate counts from here: a reader does not catch up on the time before it had anything to read.
            began = System.nanoTime();
            emitted = 0;
            assigned.complete(null);
            assigned = new CompletableFuture<>();
        }

        @Override
        public void notifyNoMoreSplits() {}

        @Override
        public void close() {}
    }

    private static final class SplitSerializer implements SimpleVersionedSerializer<Split> {
        @Override
        public int getVersion() {
            return 1;
        }

        @Override
        public byte[] serialize(Split split) throws IOException {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            write(split, new DataOutputStream(bytes));
            return bytes.toByteArray();
        }

        @Override
        public Split deserialize(int version, byte[] serialized) throws IOException {
            return read(new DataInputStream(new ByteArrayInputStream(serialized)));
        }

        static void write(Split split, DataOutputStream out) throws IOException {
            out.writeInt(split.index);
            out.writeLong(split.next);
        }

        static Split read(DataInputStream in) throws IOException {
            return new Split(in.readInt(), in.readLong());
        }
    }

    private static final class WaitingSerializer implements SimpleVersionedSerializer<List<Split>> {
        @Override
        public int getVersion() {
            return 1;
        }

        @Override
        public byte[] serialize(List<Split> waiting) throws IOException {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            DataOutputStream out = new DataOutputStream(bytes);
            out.writeInt(waiting.size());
            for (Split split : waiting) {
                SplitSerializer.write(split, out);
            }
            return bytes.toByteArray();
        }

        @Override
        public List<Split> deserialize(int version, byte[] serialized) throws IOException {
            DataInputStream in = new DataInputStream(new ByteArrayInputStream(serialized));
            List<Split> waiting = new ArrayList<>();
            for (int left = in.readInt(); left > 0; left--) {
                waiting.add(SplitSerializer.read(in));
            }
            return waiting;
        }
    }
}
