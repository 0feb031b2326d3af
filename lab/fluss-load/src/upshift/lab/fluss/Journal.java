package upshift.lab.fluss;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;

/**
 * One line for each operation: kind, number, version, begin and end in microseconds of the epoch, and what came of it:
 * {@code ok}, {@code wrong}, {@code open}, or the error in words.
 */
final class Journal {
    private static final long EPOCH = System.currentTimeMillis() * 1000 - System.nanoTime() / 1000;
    private static final int KINDS = 4;

    private final BufferedWriter out;
    private final Set<Operation> open = ConcurrentHashMap.newKeySet();
    private final Map<String, Boolean> answered = new ConcurrentHashMap<>();
    private long flushed = now();

    Journal(Path file) throws IOException {
        out = Files.newBufferedWriter(file, StandardCharsets.UTF_8);
    }

    final class Operation {
        private final String kind;
        private final long number;
        private final long begin = now();
        volatile long version;

        private Operation(String kind, long number, long version) {
            this.kind = kind;
            this.number = number;
            this.version = version;
        }

        void end(String outcome) {
            // Whoever takes it out writes its line: an answer may come after all was ended.
            if (open.remove(this)) {
                write(this, outcome);
            }
        }
    }

    Operation begin(String kind, long number, long version) {
        Operation operation = new Operation(kind, number, version);
        open.add(operation);
        return operation;
    }

    /** Whether every kind of operation has succeeded. */
    boolean warm() {
        return answered.size() == KINDS;
    }

    int open() {
        return open.size();
    }

    /** Writes down what has no answer. */
    synchronized void end() throws IOException {
        for (Operation operation : open) {
            operation.end("open");
        }
        out.flush();
    }

    private synchronized void write(Operation operation, String outcome) {
        long end = now();
        if (outcome.equals("ok")) {
            answered.put(operation.kind, true);
        }
        try {
            out.write(operation.kind + ',' + operation.number + ',' + operation.version + ',' + operation.begin + ','
                    + end + ',' + outcome + '\n');
            if (end - flushed > 100_000) {
                out.flush();
                flushed = end;
            }
        } catch (IOException error) {
            System.err.println("the journal cannot be written: " + error);
            Runtime.getRuntime().halt(3);
        }
    }

    static long now() {
        return EPOCH + System.nanoTime() / 1000;
    }

    static String words(Throwable error) {
        Throwable cause = error;
        while ((cause instanceof ExecutionException || cause instanceof CompletionException) && cause.getCause() != null) {
            cause = cause.getCause();
        }
        String text = cause.getClass().getSimpleName() + ": " + cause.getMessage();
        text = text.replaceAll("[\\p{Cntrl},]+", " ");
        return text.length() > 200 ? text.substring(0, 200) : text;
    }
}
