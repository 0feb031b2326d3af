package upshift.lab.state;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.StatementSet;
import org.apache.flink.table.api.TableEnvironment;

/** Queries whose state is kept by the planner's operators: {@code [KEY=VALUE ...]}, configuration of the job. */
public final class SqlJob {
    private static final List<String> TABLES = List.of(
            "CREATE TABLE orders (id BIGINT, item INT, price DECIMAL(10, 2), label STRING, seen AS PROCTIME()) WITH ("
                    + "'connector' = 'datagen', 'rows-per-second' = '5', 'fields.item.min' = '1', 'fields.item.max' = '5', "
                    + "'fields.label.length' = '8')",
            "CREATE TABLE totals (item INT, orders BIGINT, spent DECIMAL(38, 2), labels BIGINT) WITH ('connector' = 'blackhole')",
            "CREATE TABLE pairs (id BIGINT, other BIGINT) WITH ('connector' = 'blackhole')",
            "CREATE TABLE best (item INT, price DECIMAL(10, 2), place BIGINT) WITH ('connector' = 'blackhole')",
            "CREATE TABLE spans (begun TIMESTAMP(3), item INT, orders BIGINT) WITH ('connector' = 'blackhole')",
            "CREATE TABLE latest (item INT, id BIGINT, label STRING) WITH ('connector' = 'blackhole')");

    private static final List<String> QUERIES = List.of(
            "INSERT INTO totals SELECT item, COUNT(*), SUM(price), COUNT(DISTINCT label) FROM orders GROUP BY item",
            "INSERT INTO pairs SELECT a.id, b.id FROM orders a JOIN orders b ON a.item = b.item AND a.id = b.id",
            "INSERT INTO best SELECT item, price, place FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY item ORDER BY price DESC)"
                    + " AS place FROM orders) WHERE place <= 2",
            "INSERT INTO spans SELECT window_start, item, COUNT(*) FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(seen),"
                    + " INTERVAL '1' HOUR)) GROUP BY window_start, window_end, item",
            "INSERT INTO latest SELECT item, id, label FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY item ORDER BY seen DESC)"
                    + " AS place FROM orders) WHERE place = 1");

    private SqlJob() {}

    public static void main(String[] args) {
        Map<String, String> settings = new HashMap<>();
        for (String pair : args) {
            int equals = pair.indexOf('=');
            settings.put(pair.substring(0, equals), pair.substring(equals + 1));
        }
        TableEnvironment env = TableEnvironment.create(EnvironmentSettings.newInstance()
                .inStreamingMode()
                .withConfiguration(Configuration.fromMap(settings))
                .build());
        TABLES.forEach(env::executeSql);
        StatementSet all = env.createStatementSet();
        QUERIES.forEach(all::addInsertSql);
        all.execute();
    }
}
