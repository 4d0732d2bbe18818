/* Tables, views, functions, INSERT, CREATE TABLE AS. */
#include "plan_test.h"

static void tables(void)
{
    EXPECT_SQL(
        "CREATE TABLE t (a INT, b INT GENERATED ALWAYS AS (a * 2), c AS (b + 1), "
        "PRIMARY KEY (a)) WITH (connector = 'file'); SELECT b, c FROM t WHERE b > 1",
        "SINK result\n"
        "  SCAN t (file, json): a * 2 AS b, (a * 2) + 1 AS c; decode a; where (a * 2) > 1\n");
    EXPECT_SQL("CREATE TABLE t WITH (connector = 'stream', event_time_field = 'at'); "
               "SELECT tumble(INTERVAL '1 hour') w, count(*) FROM t GROUP BY w",
               "SINK result\n"
               "  AGGREGATE count(*); tumble 1 hour of event time; emit on close\n"
               "    SCAN t (stream, json): no columns; decode at; event time at; watermark at - 1 "
               "second\n");
    EXPECT_SQL("CREATE TABLE t (WATERMARK FOR at) WITH (connector = 'stream'); "
               "SELECT tumble(INTERVAL '1 hour') w FROM t GROUP BY w",
               "SINK result\n"
               "  AGGREGATE tumble 1 hour of event time; emit on close\n"
               "    SCAN t (stream, json): no columns; decode at; event time at; watermark at - 1 "
               "second\n");
}

static void bad_tables(void)
{
    EXPECT_SQL("CREATE TABLE t (a INT, a TEXT, b FOO, WATERMARK FOR c) WITH (connector = 'file')",
               "1:24+1 DUPLICATE_NAME column \"a\" is defined twice\n"
               "1:34+3 UNKNOWN_TYPE no type \"foo\"\n"
               "1:53+1 UNKNOWN_COLUMN no column \"c\" in \"t\" (did you mean \"a\"?)\n");
    EXPECT_SQL("CREATE TABLE t (a INT) WITH (path = 'x')",
               "1:14+1 MISSING_OPTION table \"t\" does not say which connector it uses (add "
               "connector = 'file', or leave out WITH for a table in memory)\n");
    EXPECT_SQL("CREATE TABLE t (a INT) WITH (connector = 'fil')",
               "1:42+5 UNKNOWN_CONNECTOR no connector \"fil\" (did you mean \"file\"?)\n");
    EXPECT_SQL("CREATE TABLE t (a INT) WITH (connector = 'file', path = '${NOPE}')",
               "1:57+9 UNKNOWN_VARIABLE environment variable \"NOPE\" is not set\n");
    EXPECT_SQL("CREATE TABLE t (a INT, WATERMARK FOR a) WITH (connector = 'file')",
               "1:38+1 TYPE_MISMATCH event time must be a TIMESTAMP, column \"a\" is INTEGER\n");
    EXPECT_SQL("CREATE TABLE t (a INT) WITH (connector = 'stream', type = 'sink')",
               "1:14+1 TABLE_ROLE table \"t\" cannot be written\n");
    EXPECT_SQL("CREATE TABLE t (a INT) WITH (connector = 'file', type = 'sink'); SELECT a FROM t",
               "1:80+1 TABLE_ROLE table \"t\" is a sink and cannot be read\n");
    EXPECT_SQL("CREATE TABLE orders (a INT) WITH (connector = 'stream')",
               "1:14+6 DUPLICATE_NAME \"orders\" exists already\n");
}

static void variables(void)
{
    struct planning p;
    planning_begin(&p, WEIR_PLAN_MODE_SQL);
    planning_run(&p, "CREATE TABLE t (a INT) WITH (connector = 'file', path = "
                     "'${DIR}/${NAME:-x}.json', dead_letter = 'a$b{c}')");
    EXPECT(p.ok);
    struct weir_catalog_entry entry = weir_catalog_get(p.catalog, 0);
    if (EXPECT(entry.table != NULL)) {
        EXPECT_SLICE(entry.table->options[1].value, "data/x.json");
        EXPECT_SLICE(entry.table->options[2].value, "a$b{c}");
    }
    planning_end(&p);
}

static void inserts(void)
{
    EXPECT_SQL("INSERT INTO sink (b) VALUES ('12'), ('13')", "SINK sink (file, json)\n"
                                                             "  COMPUTE NULL AS a, b\n"
                                                             "    VALUES 2 rows\n");
    EXPECT_SQL("INSERT INTO sink SELECT customer, price FROM orders",
               "SINK sink (file, json)\n"
               "  COMPUTE customer AS a, CAST(price AS BIGINT) AS b\n"
               "    SCAN orders (file, json): customer, price\n");
    EXPECT_SQL("INSERT INTO sink SELECT NULL, '5'", "SINK sink (file, json)\n"
                                                    "  COMPUTE NULL AS a, 5 AS b\n"
                                                    "    VALUES 1 row\n");
    EXPECT_SQL("INSERT INTO sink (b, c) SELECT k, v FROM events",
               "1:22+1 UNKNOWN_COLUMN no column \"c\" in \"sink\" (did you mean \"a\"?)\n");
    EXPECT_SQL(
        "INSERT INTO sink (b) SELECT k FROM events",
        "1:29+1 TYPE_MISMATCH column \"b\" is BIGINT and does not take TEXT (write CAST(… AS "
        "BIGINT))\n");
    EXPECT_SQL("INSERT INTO sink (b) VALUES ('12'), ('x')",
               "1:38+3 BAD_LITERAL \"x\" is not a value of BIGINT\n");
    EXPECT_SQL("CREATE TABLE o WITH (connector = 'file') AS SELECT id, price FROM orders; "
               "INSERT INTO o SELECT 1, 2",
               "SINK o (file, json)\n"
               "  UNION\n"
               "    SCAN orders (file, json): id, price\n"
               "    COMPUTE 1 AS id, 2 AS price\n"
               "      VALUES 1 row\n");
    EXPECT_SQL("INSERT INTO sink SELECT customer, id FROM orders; INSERT INTO updates SELECT "
               "customer, count(*) FROM orders GROUP BY customer; SELECT price FROM orders",
               "SINK sink (file, json)\n"
               "  COMPUTE customer AS a, id AS b\n"
               "    SCAN #0 orders (file, json): id, customer, price\n"
               "SINK updates (changes, json)\n"
               "  AGGREGATE by customer: count(*); emit final\n"
               "    SCAN see #0\n"
               "SINK result\n"
               "  COMPUTE price\n"
               "    SCAN see #0\n");
}

static void memory_tables(void)
{
    EXPECT_SQL("CREATE TABLE m (a INT, b TEXT); SELECT a FROM m WHERE a > 1; "
               "INSERT INTO m VALUES (1, 'x'); INSERT INTO m SELECT amount, customer FROM orders",
               "SINK result\n"
               "  UNION\n"
               "    COMPUTE column1 AS a; where column1 > 1\n"
               "      VALUES 1 row\n"
               "    SCAN orders (file, json): amount; where amount > 1\n");
    EXPECT_SQL("CREATE TABLE m (a INT); SELECT * FROM m", "SINK result\n"
                                                          "  VALUES 0 rows\n");
    EXPECT_SQL("CREATE TABLE m (a INT); INSERT INTO m SELECT a + 1 FROM m",
               "1:57+1 RECURSIVE_VIEW \"m\" is made of itself\n");
    /* In a shell the rows stay. */
    struct planning p;
    planning_begin(&p, WEIR_PLAN_MODE_SQL);
    planning_run(&p, "CREATE TABLE m (a INT)");
    planning_run(&p, "INSERT INTO m VALUES (1), (2)");
    EXPECT_INT(p.planned.effect, WEIR_EFFECT_NONE);
    planning_run(&p, "INSERT INTO m VALUES ('x')");
    EXPECT(!p.ok);
    planning_run(&p, "SELECT a FROM m");
    EXPECT_SLICE(weir_buffer_slice(&p.out), "SINK result\n  VALUES 2 rows\n");
    planning_end(&p);
}

static void functions(void)
{
    static const char net[] = "CREATE FUNCTION net(p DOUBLE, r DOUBLE) RETURNS DOUBLE LANGUAGE sql "
                              "AS $$ SELECT p / (1 + $2) $$;";
    char sql[512];
    snprintf(sql, sizeof sql, "%s SELECT net(price, 0.25) FROM orders", net);
    EXPECT_SQL(sql, "SINK result\n"
                    "  COMPUTE price / 1.25 AS net\n"
                    "    SCAN orders (file, json): price\n");
    snprintf(sql, sizeof sql, "%s\nSELECT net(1)", net);
    EXPECT_SQL(sql, "2:8+3 UNKNOWN_FUNCTION function \"net\" takes 2 arguments, not 1\n");
    EXPECT_SQL("CREATE FUNCTION f(a INT) RETURNS INT LANGUAGE sql STRICT AS 'coalesce(a, 1)'; "
               "SELECT f(amount) FROM orders",
               "SINK result\n"
               "  COMPUTE CASE WHEN amount IS NULL THEN NULL ELSE COALESCE(amount, 1) END AS f\n"
               "    SCAN orders (file, json): amount\n");
    EXPECT_SQL("CREATE FUNCTION f(a INT) RETURNS INT LANGUAGE sql AS 'a + nope'",
               "1:54+10 UNKNOWN_COLUMN no column \"nope\"\n");
    EXPECT_SQL(
        "CREATE FUNCTION f(a INT) RETURNS INT LANGUAGE python AS 'a'",
        "1:47+6 NOT_EXECUTABLE this version does not execute functions in LANGUAGE python\n");
}

static void views(void)
{
    EXPECT_SQL(
        "CREATE VIEW v (x) AS SELECT * FROM w; CREATE VIEW w AS SELECT id, price FROM orders; "
        "SELECT x, price FROM v",
        "SINK result\n"
        "  COMPUTE id AS x, price\n"
        "    SCAN orders (file, json): id, price\n");
    EXPECT_SQL("CREATE VIEW v AS SELECT * FROM w; CREATE VIEW w AS SELECT * FROM v",
               "1:66+1 RECURSIVE_VIEW \"v\" is made of itself\n");
    EXPECT_SQL("CREATE VIEW v AS SELECT nope FROM orders; SELECT nope FROM v",
               "1:25+4 UNKNOWN_COLUMN no column \"nope\" in \"orders\"\n");
    EXPECT_SQL("DROP TABLE orders; SELECT id FROM orders",
               "1:35+6 UNKNOWN_TABLE no table or view \"orders\"\n");
    EXPECT_SQL("SELECT id FROM orders; DROP TABLE orders", "SINK result\n"
                                                           "  SCAN orders (file, json): id\n");
    EXPECT_SQL("DROP VIEW orders",
               "1:11+6 UNKNOWN_TABLE no view \"orders\" (\"orders\" is a table)\n");
}

static void descriptions(void)
{
    EXPECT_SQL("DESCRIBE orders", "column    type                            null  notes\n"
                                  "--------  ------------------------------  ----  ----------\n"
                                  "id        BIGINT                          yes   \n"
                                  "customer  TEXT                            yes   \n"
                                  "price     DOUBLE                          yes   \n"
                                  "amount    INTEGER                         yes   \n"
                                  "tags      TEXT[]                          yes   \n"
                                  "address   STRUCT<city TEXT, zip INTEGER>  yes   \n"
                                  "at        TIMESTAMP                       no    event time\n");
    EXPECT_SQL("CREATE VIEW v AS SELECT 1; SHOW TABLES", "name     kind   connector\n"
                                                         "-------  -----  ---------\n"
                                                         "orders   table  file\n"
                                                         "events   table  stream\n"
                                                         "sink     table  file\n"
                                                         "updates  table  changes\n"
                                                         "v        view   \n");
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {
        TEST_CASE(tables),  TEST_CASE(bad_tables),    TEST_CASE(variables),
        TEST_CASE(inserts), TEST_CASE(memory_tables), TEST_CASE(functions),
        TEST_CASE(views),   TEST_CASE(descriptions),
    };
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
