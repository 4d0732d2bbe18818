/* Tables and sinks of changes in plans: where old rows are found, where changes are summed, and
 * what makes a row unique. */
#include "plan_test.h"

#define TABLES                                                                                     \
    "CREATE TABLE keyed (id INT PRIMARY KEY, k TEXT, v INT, w INT GENERATED ALWAYS AS (v + 1) "    \
    "STORED)"                                                                                      \
    " WITH (connector = 'stream', kind = 'events');"                                               \
    "CREATE TABLE whole (id INT, k TEXT, v INT) WITH (connector = 'file', kind = 'weights');"      \
    "CREATE TABLE pairs (a TEXT, b BIGINT) WITH (connector = 'changes', kind = 'pairs');"          \
    "CREATE TABLE keyed_pairs (a TEXT PRIMARY KEY, b BIGINT) WITH (connector = 'changes', kind = " \
    "'pairs');"                                                                                    \
    "CREATE TABLE upserts (a TEXT PRIMARY KEY, b BIGINT) WITH (connector = 'changes', kind = "     \
    "'upserts');"

/* With a key old rows are found behind the scan, before anything is filtered; without one the
 * weights are in the data. */
static void sources(void)
{
    EXPECT_RUN(TABLES "SELECT v FROM keyed WHERE k = 'x'",
               "SINK result; changelog\n"
               "  NET by whole rows\n"
               "    COMPUTE v; where k = 'x'\n"
               "      NORMALIZE by id\n"
               "        SCAN keyed (stream, json): id, k, v\n");
    EXPECT_RUN(TABLES "SELECT w, id FROM keyed WHERE w > 3",
               "SINK result; changelog\n"
               "  NET by id\n"
               "    COMPUTE w, id\n"
               "      COMPUTE id, v + 1 AS w; where (v + 1) > 3\n"
               "        NORMALIZE by id\n"
               "          SCAN keyed (stream, json): id, v\n");
    EXPECT_RUN(TABLES "SELECT v FROM whole WHERE k = 'x'",
               "SINK result; changelog\n"
               "  NET by whole rows\n"
               "    SCAN whole (file, json): v; decode k, v; where k = 'x'\n");
    EXPECT_RUN(TABLES "SELECT k, count(*) FROM keyed GROUP BY k",
               "SINK result; changelog\n"
               "  AGGREGATE by k: count(*); emit changes\n"
               "    COMPUTE k\n"
               "      NORMALIZE by id\n"
               "        SCAN keyed (stream, json): id, k\n");
}

/* Where only the end counts, the table is summed first. */
static void final_answers(void)
{
    EXPECT_RUN(TABLES "SELECT v FROM keyed ORDER BY v LIMIT 3",
               "SINK result; changelog\n"
               "  OVER row_number(); order v; first 3; emit changes\n"
               "    COMPUTE v\n"
               "      NORMALIZE by id\n"
               "        SCAN keyed (stream, json): id, v\n");
    EXPECT_RUN(TABLES "SELECT v FROM whole ORDER BY v", "SINK result\n"
                                                        "  SORT v\n"
                                                        "    NET by whole rows; emit final\n"
                                                        "      SCAN whole (file, json): v\n");
    EXPECT_RUN(TABLES "SELECT k, sum(v) FROM whole GROUP BY k ORDER BY 2",
               "SINK result\n"
               "  SORT sum\n"
               "    AGGREGATE by k: sum(v); emit final\n"
               "      NET by whole rows; emit final\n"
               "        SCAN whole (file, json): k, v\n");
}

static void sinks(void)
{
    EXPECT_RUN(TABLES "INSERT INTO pairs SELECT k, count(*) FROM keyed GROUP BY k",
               "SINK pairs (changes, json); changelog\n"
               "  NET by a\n"
               "    AGGREGATE by k: count(*); emit changes\n"
               "      COMPUTE k\n"
               "        NORMALIZE by id\n"
               "          SCAN keyed (stream, json): id, k\n");
    EXPECT_RUN(TABLES "INSERT INTO pairs SELECT k, v FROM whole",
               "SINK pairs (changes, json); changelog\n"
               "  NET by whole rows\n"
               "    COMPUTE k AS a, CAST(v AS BIGINT) AS b\n"
               "      SCAN whole (file, json): k, v\n");
    EXPECT_RUN(TABLES "INSERT INTO keyed_pairs SELECT k, v FROM keyed",
               "SINK keyed_pairs (changes, json); changelog\n"
               "  NET by a; keeps all rows\n"
               "    COMPUTE k AS a, CAST(v AS BIGINT) AS b\n"
               "      COMPUTE k, v\n"
               "        NORMALIZE by id\n"
               "          SCAN keyed (stream, json): id, k, v\n");
    EXPECT_RUN(TABLES "INSERT INTO upserts SELECT k, sum(v) FROM keyed GROUP BY k",
               "SINK upserts (changes, json); changelog\n"
               "  NET by a; latest row\n"
               "    AGGREGATE by k: sum(v); emit changes\n"
               "      COMPUTE k, v\n"
               "        NORMALIZE by id\n"
               "          SCAN keyed (stream, json): id, k, v\n");
    EXPECT_RUN(TABLES "INSERT INTO updates SELECT k, sum(v) FROM keyed GROUP BY k",
               "SINK updates (changes, json); changelog\n"
               "  AGGREGATE by k: sum(v); emit changes\n"
               "    COMPUTE k, v\n"
               "      NORMALIZE by id\n"
               "        SCAN keyed (stream, json): id, k, v\n");
    EXPECT_RUN(TABLES "INSERT INTO sink SELECT k, v FROM whole",
               "1:525+4 APPEND_ONLY_SINK the result is updated as it grows, but \"sink\" only "
               "takes new rows (aggregate by a window of the event time, or let the sink write "
               "changes: format = 'debezium_json', changelog = 'op-column', or a PRIMARY KEY)\n");
    EXPECT_RUN(TABLES "INSERT INTO pairs SELECT customer, id FROM orders",
               "SINK pairs (changes, json)\n"
               "  COMPUTE customer AS a, id AS b\n"
               "    SCAN orders (file, json): id, customer\n");
}

static void unique_keys(void)
{
    EXPECT_RUN(TABLES "SELECT count(*) FROM (SELECT k FROM keyed UNION SELECT k FROM whole) x",
               "SINK result; changelog\n"
               "  NET by nothing\n"
               "    AGGREGATE count(*); emit changes\n"
               "      AGGREGATE by k; emit changes\n"
               "        UNION\n"
               "          COMPUTE k\n"
               "            NORMALIZE by id\n"
               "              SCAN keyed (stream, json): id, k\n"
               "          SCAN whole (file, json): k\n");
    EXPECT_RUN(TABLES "SELECT a.v, b.k, b.id, a.id FROM keyed a JOIN keyed b ON a.v = b.v",
               "SINK result; changelog\n"
               "  NET by id, id\n"
               "    COMPUTE v, k, id, id\n"
               "      JOIN inner on v = v\n"
               "        NORMALIZE #1 by id\n"
               "          SCAN keyed (stream, json): id, k, v\n"
               "        NORMALIZE see #1\n");
    EXPECT_RUN(TABLES "SELECT a.v, a.id FROM keyed a JOIN keyed b ON a.v = b.id",
               "SINK result; changelog\n"
               "  NET by id\n"
               "    COMPUTE v, id\n"
               "      JOIN inner on v = id\n"
               "        NORMALIZE #1 by id\n"
               "          SCAN keyed (stream, json): id, v\n"
               "        NORMALIZE see #1\n");
    EXPECT_RUN(TABLES "SELECT b.id, a.v FROM keyed a LEFT JOIN keyed b ON a.id = b.v",
               "SINK result; changelog\n"
               "  NET by whole rows\n"
               "    COMPUTE id, v\n"
               "      JOIN left on id = v\n"
               "        NORMALIZE #1 by id\n"
               "          SCAN keyed (stream, json): id, v\n"
               "        NORMALIZE see #1\n");
    EXPECT_RUN(TABLES "SELECT a.v FROM keyed a JOIN keyed b ON a.id = b.id",
               "SINK result; changelog\n"
               "  NET by whole rows\n"
               "    COMPUTE v\n"
               "      JOIN inner on id = id\n"
               "        NORMALIZE #1 by id\n"
               "          SCAN keyed (stream, json): id, v\n"
               "        NORMALIZE see #1\n");
    EXPECT_RUN(TABLES "SELECT k, v FROM (SELECT k, v, row_number() OVER (PARTITION BY k ORDER BY "
                      "v) AS n FROM keyed) x WHERE n = 1",
               "SINK result; changelog\n"
               "  OVER row_number(); by k; order v; first 1; emit changes\n"
               "    COMPUTE k, v\n"
               "      NORMALIZE by id\n"
               "        SCAN keyed (stream, json): id, k, v\n");
    EXPECT_RUN(TABLES
               "SELECT id, v FROM keyed WHERE EXISTS (SELECT 1 FROM whole WHERE whole.v = keyed.v)",
               "SINK result; changelog\n"
               "  NET by id\n"
               "    JOIN semi on v = v\n"
               "      NORMALIZE by id\n"
               "        SCAN keyed (stream, json): id, v\n"
               "      SCAN whole (file, json): v\n");
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {TEST_CASE(sources), TEST_CASE(final_answers),
                                             TEST_CASE(sinks), TEST_CASE(unique_keys)};
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
