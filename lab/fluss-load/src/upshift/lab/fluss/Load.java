package upshift.lab.fluss;

import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import org.apache.fluss.client.Connection;
import org.apache.fluss.client.lookup.LookupResult;
import org.apache.fluss.client.lookup.Lookuper;
import org.apache.fluss.client.table.Table;
import org.apache.fluss.client.table.scanner.ScanRecord;
import org.apache.fluss.client.table.scanner.log.LogScanner;
import org.apache.fluss.client.table.scanner.log.ScanRecords;
import org.apache.fluss.client.table.writer.AppendWriter;
import org.apache.fluss.client.table.writer.UpsertWriter;
import org.apache.fluss.metadata.TableBucket;
import org.apache.fluss.row.InternalRow;

/**
 * Writes into a log table and a primary-key table and reads both, until its input ends; then it reads everything back
 * over a fresh connection. What happened goes into files: it judges nothing itself.
 *
 * <p>Arguments: directory, bootstrap servers, operations a second of each kind, keys, buckets, replicas.
 */
public final class Load {
    /** An operation that has no answer after this time has failed. */
    private static final long PATIENCE_SECONDS = 30;

    private final Tables tables;
    private final Journal journal;
    private final int rate;
    private final long[] acked;
    private final long[] sent;
    private final boolean[] busy;
    private volatile boolean writing = true;
    private volatile boolean reading = true;

    private Load(Tables tables, Journal journal, int rate, int keys) {
        this.tables = tables;
        this.journal = journal;
        this.rate = rate;
        this.acked = new long[keys];
        this.sent = new long[keys];
        this.busy = new boolean[keys];
    }

    public static void main(String[] args) throws Exception {
        Path dir = Paths.get(args[0]);
        Tables tables = new Tables(args[1], Integer.parseInt(args[4]), Integer.parseInt(args[5]));
        int keys = Integer.parseInt(args[3]);
        // Never closed: closing waits for every write that hangs.
        Connection connection = tables.connect();
        tables.make(connection);
        Journal journal = new Journal(dir.resolve("operations.csv"));
        new Load(tables, journal, Integer.parseInt(args[2]), keys).run(connection);
        ReadBack.run(tables, dir.resolve("read-back.csv"), dir.resolve("operations.csv"), keys);
        System.out.println("done");
        System.out.flush();
        // Neither must a client that hangs keep the process.
        Runtime.getRuntime().halt(0);
    }

    private void run(Connection connection) throws IOException, InterruptedException {
        Thread[] threads = {
            thread("append", () -> append(connection.getTable(Tables.LOG))),
            thread("upsert", () -> upsert(connection.getTable(Tables.KEYED))),
            thread("lookup", () -> look(connection.getTable(Tables.KEYED))),
            thread("tail", () -> tail(connection.getTable(Tables.LOG))),
        };
        while (!journal.warm()) {
            Thread.sleep(50);
        }
        System.out.println("ready");
        System.out.flush();
        while (System.in.read() >= 0) {
            // Anything but the end of the input says nothing.
        }
        writing = false;
        long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (journal.open() > 0 && System.nanoTime() < limit) {
            Thread.sleep(20);
        }
        // The tail is given the time to see the last append.
        Thread.sleep(2000);
        reading = false;
        threads[3].join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
        journal.end();
    }

    private void append(Table table) {
        AppendWriter writer = table.newAppend().createWriter();
        long[] next = {0};
        pace(() -> {
            long number = next[0]++;
            Journal.Operation operation = journal.begin("append", number, 0);
            issue(operation, () -> writer.append(Tables.row(number, Tables.payload(number, 0))), result -> "ok");
        });
    }

    private void upsert(Table table) {
        UpsertWriter writer = table.newUpsert().createWriter();
        int[] next = {0};
        pace(() -> {
            int key = next[0]++ % busy.length;
            long version;
            synchronized (busy) {
                // One write at a time for each key: its versions have an order.
                if (busy[key]) {
                    return;
                }
                busy[key] = true;
                version = ++sent[key];
            }
            Journal.Operation operation = journal.begin("upsert", key, version);
            CompletableFuture<?> done = issue(
                    operation,
                    () -> writer.upsert(Tables.row((long) key, version, Tables.payload(key, version))),
                    result -> "ok");
            done.whenComplete((result, error) -> {
                synchronized (busy) {
                    busy[key] = false;
                    if (error == null) {
                        acked[key] = version;
                    }
                }
            });
        });
    }

    private void look(Table table) {
        Lookuper lookuper = table.newLookup().createLookuper();
        Random random = new Random(7);
        pace(() -> {
            int key = random.nextInt(busy.length);
            synchronized (busy) {
                if (acked[key] == 0) {
                    return;
                }
            }
            Journal.Operation operation = journal.begin("lookup", key, 0);
            issue(operation, () -> lookuper.lookup(Tables.row((long) key)), result -> {
                InternalRow row = ((LookupResult) result).getSingletonRow();
                operation.version = row == null ? 0 : row.getLong(1);
                return row == null || Tables.right(row) ? "ok" : "wrong";
            });
        });
    }

    /** Follows the log from its beginning; after an error it goes on where it was. */
    @SuppressWarnings("try") // Nobody interrupts it.
    private void tail(Table table) throws InterruptedException {
        long[] at = new long[tables.buckets()];
        while (reading) {
            try (LogScanner scanner = table.newScan().createLogScanner()) {
                for (int bucket = 0; bucket < at.length; bucket++) {
                    scanner.subscribe(bucket, at[bucket]);
                }
                while (reading) {
                    ScanRecords records = scanner.poll(Duration.ofMillis(100));
                    for (TableBucket bucket : records.buckets()) {
                        for (ScanRecord record : records.records(bucket)) {
                            at[bucket.getBucket()] = record.logOffset() + 1;
                            InternalRow row = record.getRow();
                            boolean right = row.getString(1).toString().equals(Tables.payload(row.getLong(0), 0));
                            journal.begin("tail", row.getLong(0), 0).end(right ? "ok" : "wrong");
                        }
                    }
                }
            } catch (Exception error) {
                journal.begin("tail", -1, 0).end(Journal.words(error));
                Thread.sleep(200);
            }
        }
    }

    private interface Call {
        CompletableFuture<?> make() throws Exception;
    }

    private interface Verdict {
        String of(Object result);
    }

    private static CompletableFuture<?> issue(Journal.Operation operation, Call call, Verdict verdict) {
        CompletableFuture<?> future;
        try {
            future = call.make();
        } catch (Exception error) {
            future = CompletableFuture.failedFuture(error);
        }
        return future.whenComplete((result, error) ->
                operation.end(error == null ? verdict.of(result) : Journal.words(error)));
    }

    private void pace(Runnable issue) {
        long step = 1_000_000_000L / rate;
        long next = System.nanoTime();
        while (writing) {
            issue.run();
            next += step;
            long wait = next - System.nanoTime();
            if (wait > 0) {
                LockSupport.parkNanos(wait);
            } else if (wait < -1_000_000_000L) {
                next = System.nanoTime();
            }
        }
    }

    private interface Body {
        void run() throws Exception;
    }

    private Thread thread(String name, Body body) {
        Thread thread = new Thread(() -> {
            try {
                body.run();
            } catch (Throwable error) {
                journal.begin(name, -1, 0).end(Journal.words(error));
            }
        }, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }
}
