/* Flink's SQL in this process, one task slot: CPU of the queries of nexmark.sql, or their answers.
 *
 *     java -cp 'LIB/*' Nexmark.java time PROGRAM FILE EMPTY
 *         reads names of queries, a line each, and answers each by NAME SECONDS: CPU (user + system,
 *         all threads) of the query into a sink that forgets it, less that of the same over the file
 *         EMPTY, which is planning and a cluster's start
 *     java -cp 'LIB/*' Nexmark.java answer PROGRAM FILE FOLDER
 *         reads names likewise and answers each by NAME when its rows, once all is read, stand as JSON
 *         lines in FOLDER/NAME.ndjson
 *
 * Or by NAME failed: WHY. PROGRAM: statements, then queries, each behind a line `-- NAME`; ${FILE} in
 * it is replaced. */
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableDescriptor;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.table.api.TableResult;
import org.apache.flink.types.Row;
import org.apache.flink.types.RowKind;
import org.apache.flink.util.CloseableIterator;

public class Nexmark {
    private final String[] sections;

    private Nexmark(String program) {
        sections = program.split("(?m)^-- (?=q[0-9]+$)");
    }

    private String query(String name) {
        for (String section : sections)
            if (section.startsWith(name + "\n"))
                return section.substring(name.length() + 1).strip().replaceFirst(";$", "");
        return null;
    }

    /* As Nexmark's own runner sets Flink: small batches, DISTINCT in two steps. */
    private TableEnvironment environment(String file) {
        Configuration configuration = new Configuration();
        configuration.setString("parallelism.default", "1");
        configuration.setString("pipeline.object-reuse", "true");
        configuration.setString("table.exec.mini-batch.enabled", "true");
        configuration.setString("table.exec.mini-batch.allow-latency", "2 s");
        configuration.setString("table.exec.mini-batch.size", "50000");
        configuration.setString("table.optimizer.distinct-agg.split.enabled", "true");
        TableEnvironment environment = TableEnvironment.create(
            EnvironmentSettings.newInstance().inStreamingMode().withConfiguration(configuration).build());
        for (String statement : sections[0].replace("${FILE}", file).replaceAll("(?m)^--.*$", "").split(";"))
            if (!statement.isBlank())
                environment.executeSql(statement);
        return environment;
    }

    private static long cpuNs() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
            .getProcessCpuTime();
    }

    private long time(String name, String file) throws Exception {
        long before = cpuNs();
        environment(file).sqlQuery(query(name))
            .insertInto(TableDescriptor.forConnector("blackhole").build()).execute().await();
        return cpuNs() - before;
    }

    private static void print(StringBuilder out, Object value) {
        if (value == null || value instanceof Number || value instanceof Boolean) {
            out.append(value);
            return;
        }
        out.append('"');
        for (char c : value.toString().toCharArray()) {
            if (c == '"' || c == '\\')
                out.append('\\');
            out.append(c);
        }
        out.append('"');
    }

    private static String line(Row row, List<String> names) {
        StringBuilder out = new StringBuilder("{");
        for (int i = 0; i < row.getArity(); i++) {
            out.append(i == 0 ? "\"" : ",\"").append(names.get(i)).append("\":");
            print(out, row.getField(i));
        }
        return out.append("}").toString();
    }

    private void answer(String name, String file, Path folder) throws Exception {
        TableResult result = environment(file).executeSql(query(name));
        List<String> names = result.getResolvedSchema().getColumnNames();
        Map<String, Integer> rows = new HashMap<>();
        try (CloseableIterator<Row> iterator = result.collect()) {
            while (iterator.hasNext()) {
                Row row = iterator.next();
                boolean taken = row.getKind() == RowKind.DELETE || row.getKind() == RowKind.UPDATE_BEFORE;
                rows.merge(line(row, names), taken ? -1 : 1, Integer::sum);
            }
        }
        try (PrintWriter out = new PrintWriter(folder.resolve(name + ".ndjson").toFile())) {
            for (Map.Entry<String, Integer> row : rows.entrySet())
                for (int i = 0; i < row.getValue(); i++)
                    out.println(row.getKey());
        }
    }

    public static void main(String[] arguments) throws Exception {
        Nexmark nexmark = new Nexmark(Files.readString(Path.of(arguments[1])));
        String file = arguments[2], other = arguments[3];
        BufferedReader names = new BufferedReader(new InputStreamReader(System.in));
        for (String name; (name = names.readLine()) != null;) {
            try {
                if (arguments[0].equals("answer")) {
                    nexmark.answer(name, file, Path.of(other));
                    System.out.println(name);
                    continue;
                }
                long start = nexmark.time(name, other);
                System.out.println(name + " " + (nexmark.time(name, file) - start) / 1e9);
            } catch (Exception failure) {
                System.out.println(name + " failed: " + String.valueOf(failure.getMessage()).lines().findFirst().orElse(""));
            }
        }
        System.exit(0);
    }
}
