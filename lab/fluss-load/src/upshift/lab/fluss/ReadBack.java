package upshift.lab.fluss;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.apache.fluss.client.Connection;
import org.apache.fluss.client.lookup.Lookuper;
import org.apache.fluss.client.table.scanner.ScanRecord;
import org.apache.fluss.client.table.scanner.log.LogScanner;
import org.apache.fluss.client.table.scanner.log.ScanRecords;
import org.apache.fluss.metadata.TableBucket;
import org.apache.fluss.row.InternalRow;

/**
 * Reads both tables over a fresh connection and writes down what is there: kind, number, version, {@code ok} or
 * {@code wrong}. A key that cannot be read has its error there.
 */
final class ReadBack {
    private static final long PATIENCE_SECONDS = 60;
    private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(3);

    private ReadBack() {}

    static void run(Tables tables, Path file, Path operations, int keys) throws Exception {
        Set<Long> wanted = acknowledged(operations);
        Connection connection = tables.connect();
        try (BufferedWriter out = Files.newBufferedWriter(file, StandardCharsets.UTF_8)) {
            log(tables, connection, wanted, out);
            keyed(connection, keys, out);
        }
    }

    /** Until every acknowledged append was seen and nothing new came for a while, or patience ends. */
    @SuppressWarnings("try") // Nobody interrupts it.
    private static void log(Tables tables, Connection connection, Set<Long> wanted, BufferedWriter out)
            throws Exception {
        long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        long quiet = System.nanoTime();
        try (LogScanner scanner = connection.getTable(Tables.LOG).newScan().createLogScanner()) {
            for (int bucket = 0; bucket < tables.buckets(); bucket++) {
                scanner.subscribeFromBeginning(bucket);
            }
            while (System.nanoTime() < limit && (!wanted.isEmpty() || System.nanoTime() - quiet < QUIET_NANOS)) {
                ScanRecords records = scanner.poll(Duration.ofMillis(200));
                for (TableBucket bucket : records.buckets()) {
                    for (ScanRecord record : records.records(bucket)) {
                        quiet = System.nanoTime();
                        InternalRow row = record.getRow();
                        long number = row.getLong(0);
                        wanted.remove(number);
                        boolean right = row.getString(1).toString().equals(Tables.payload(number, 0));
                        line(out, "append", number, 0, right ? "ok" : "wrong");
                    }
                }
            }
        }
    }

    private static void keyed(Connection connection, int keys, BufferedWriter out) throws Exception {
        Lookuper lookuper = connection.getTable(Tables.KEYED).newLookup().createLookuper();
        for (long key = 0; key < keys; key++) {
            try {
                InternalRow row = lookuper.lookup(Tables.row(key)).get(30, TimeUnit.SECONDS).getSingletonRow();
                if (row != null) {
                    line(out, "upsert", key, row.getLong(1), Tables.right(row) ? "ok" : "wrong");
                }
            } catch (Exception error) {
                line(out, "upsert", key, 0, Journal.words(error));
            }
        }
    }

    private static void line(BufferedWriter out, String kind, long number, long version, String outcome)
            throws IOException {
        out.write(kind + ',' + number + ',' + version + ',' + outcome + '\n');
    }

    private static Set<Long> acknowledged(Path operations) throws IOException {
        Set<Long> all = new HashSet<>();
        try (Stream<String> lines = Files.lines(operations)) {
            lines.filter(line -> line.startsWith("append,") && line.endsWith(",ok"))
                    .forEach(line -> all.add(Long.parseLong(line.split(",")[1])));
        }
        return all;
    }
}
