package upshift.lab.fluss;

import java.util.concurrent.TimeUnit;

import org.apache.fluss.client.Connection;
import org.apache.fluss.client.ConnectionFactory;
import org.apache.fluss.client.admin.Admin;
import org.apache.fluss.config.Configuration;
import org.apache.fluss.metadata.DatabaseDescriptor;
import org.apache.fluss.metadata.Schema;
import org.apache.fluss.metadata.TableDescriptor;
import org.apache.fluss.metadata.TablePath;
import org.apache.fluss.row.BinaryString;
import org.apache.fluss.row.GenericRow;
import org.apache.fluss.row.InternalRow;
import org.apache.fluss.types.DataTypes;

/** The two tables, how to get to them, and what every row must hold. */
final class Tables {
    static final TablePath LOG = TablePath.of("load", "log");
    static final TablePath KEYED = TablePath.of("load", "keyed");
    private static final long PATIENCE_SECONDS = 120;

    private final String bootstrap;
    private final int buckets;
    private final int replicas;

    Tables(String bootstrap, int buckets, int replicas) {
        this.bootstrap = bootstrap;
        this.buckets = buckets;
        this.replicas = replicas;
    }

    int buckets() {
        return buckets;
    }

    Connection connect() {
        Configuration configuration = new Configuration();
        configuration.setString("bootstrap.servers", bootstrap);
        configuration.setString("client.writer.batch-timeout", "5ms");
        return ConnectionFactory.createConnection(configuration);
    }

    /** Makes the tables, again while servers are still registering. */
    void make(Connection connection) throws Exception {
        long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (true) {
            try {
                Admin admin = connection.getAdmin();
                admin.createDatabase(LOG.getDatabaseName(), DatabaseDescriptor.EMPTY, true).get(30, TimeUnit.SECONDS);
                admin.createTable(LOG, log(), true).get(30, TimeUnit.SECONDS);
                admin.createTable(KEYED, keyed(), true).get(30, TimeUnit.SECONDS);
                return;
            } catch (Exception error) {
                if (System.nanoTime() > limit) {
                    throw error;
                }
                Thread.sleep(300);
            }
        }
    }

    private TableDescriptor log() {
        Schema schema = Schema.newBuilder()
                .column("number", DataTypes.BIGINT())
                .column("payload", DataTypes.STRING())
                .build();
        return described(schema).distributedBy(buckets).build();
    }

    private TableDescriptor keyed() {
        Schema schema = Schema.newBuilder()
                .column("key", DataTypes.BIGINT())
                .column("version", DataTypes.BIGINT())
                .column("payload", DataTypes.STRING())
                .primaryKey("key")
                .build();
        return described(schema).distributedBy(buckets, "key").build();
    }

    private TableDescriptor.Builder described(Schema schema) {
        return TableDescriptor.builder().schema(schema).property("table.replication.factor", "" + replicas);
    }

    static GenericRow row(Object... fields) {
        GenericRow row = new GenericRow(fields.length);
        for (int i = 0; i < fields.length; i++) {
            row.setField(i, fields[i] instanceof String ? BinaryString.fromString((String) fields[i]) : fields[i]);
        }
        return row;
    }

    /** What a row of this number and version says, and nothing else. */
    static String payload(long number, long version) {
        long mixed = (number * 31 + version) * 0x9E3779B97F4A7C15L;
        return number + ":" + version + ":" + Long.toHexString(mixed ^ (mixed >>> 29)) + ":"
                + "x".repeat((int) ((number + version) % 61));
    }

    /** Whether a row of the keyed table is as it was written. */
    static boolean right(InternalRow row) {
        return row.getString(2).toString().equals(payload(row.getLong(0), row.getLong(1)));
    }
}
