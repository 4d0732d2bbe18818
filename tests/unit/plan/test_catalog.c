/* The catalog across programs, and the job options. */
#include "plan_test.h"

static enum weir_status set(struct weir_catalog *catalog, const char *name, const char *value,
                            bool from_command_line, struct weir_error *error)
{
    return weir_catalog_set(catalog, weir_slice_from_string(name), weir_slice_from_string(value),
                            from_command_line, error);
}

static void settings(void)
{
    struct planning p;
    struct weir_error error = {0};
    planning_begin(&p, WEIR_PLAN_MODE_SQL);
    const struct weir_settings *settings = weir_catalog_settings(p.catalog);
    EXPECT_INT(settings->batch_rows, 2048);
    EXPECT_INT(settings->updating_ttl_us, -1);
    EXPECT_INT(settings->checkpoint_interval_us, 10000000);
    EXPECT_SLICE(settings->timezone, "UTC");
    EXPECT_INT(set(p.catalog, "batch_rows", "7", false, &error), WEIR_OK);
    EXPECT_INT(settings->batch_rows, 7);
    EXPECT_INT(set(p.catalog, "batch_rows", "0", false, &error), WEIR_E_BAD_OPTION);
    EXPECT_INT(settings->batch_rows, 7);
    EXPECT_INT(set(p.catalog, "memory_limit", "64MiB", false, &error), WEIR_OK);
    EXPECT_INT(settings->memory_limit, 64 << 20);
    EXPECT_INT(set(p.catalog, "memory_limit", "75%", false, &error), WEIR_OK);
    EXPECT_INT(settings->memory_limit, 0);
    EXPECT_INT(set(p.catalog, "memory_limit", "50%", false, &error), WEIR_OK);
    EXPECT_INT(settings->memory_limit, -50);
    EXPECT_INT(set(p.catalog, "memory_limit", "0%", false, &error), WEIR_E_BAD_OPTION);
    EXPECT_INT(set(p.catalog, "on_error", "null", false, &error), WEIR_OK);
    EXPECT(settings->null_on_error);
    EXPECT_INT(set(p.catalog, "batch_row", "7", false, &error), WEIR_E_UNKNOWN_OPTION);
    EXPECT_STRING(error.hint, "did you mean \"batch_rows\"?");
    /* The command line wins over the program. */
    EXPECT_INT(set(p.catalog, "parallelism", "2", true, &error), WEIR_OK);
    planning_run(&p, "SET parallelism = 5; SET updating_ttl = INTERVAL '1 hour'");
    EXPECT(p.ok);
    EXPECT_INT(settings->parallelism, 2);
    EXPECT_INT(settings->updating_ttl_us, INT64_C(3600000000));
    planning_run(&p, "SET paralelism = 3; SET batch_rows = 'x'");
    EXPECT_SLICE(
        weir_buffer_slice(&p.out),
        "1:5+10 UNKNOWN_OPTION no job option \"paralelism\" (did you mean \"parallelism\"?)\n"
        "1:38+3 BAD_OPTION option \"batch_rows\" of the settings cannot be 'x' (it takes a "
        "whole number from 1 to 2048)\n");
    planning_end(&p);
}

/* Declarations outlive the program's arena. */
static void persistence(void)
{
    struct planning p;
    planning_begin(&p, WEIR_PLAN_MODE_SQL);
    planning_run(&p, tables_sql);
    planning_run(&p,
                 "CREATE VIEW v AS SELECT customer AS c, price AS p FROM orders WHERE price > 1;"
                 "CREATE FUNCTION twice(x DOUBLE) RETURNS DOUBLE LANGUAGE sql AS 'x * 2'");
    EXPECT(p.ok);
    weir_arena_reset(&p.arena);
    planning_run(&p, "SELECT c, twice(p) FROM v");
    EXPECT_SLICE(weir_buffer_slice(&p.out),
                 "SINK result\n"
                 "  COMPUTE customer AS c, price * 2 AS twice\n"
                 "    SCAN orders (file, json): customer, price; where price > 1\n");
    EXPECT_INT(weir_catalog_count(p.catalog), 5);
    struct weir_catalog_entry view = weir_catalog_get(p.catalog, 4);
    EXPECT(view.is_view);
    EXPECT_SLICE(view.name, "v");
    EXPECT_INT(view.schema->fields_count, 2);
    EXPECT_SLICE(view.schema->fields[0].name, "c");
    planning_run(&p, "DROP VIEW v");
    EXPECT_INT(weir_catalog_count(p.catalog), 4);
    planning_end(&p);
}

/* What has errors is not declared. */
static void failures(void)
{
    struct planning p;
    planning_begin(&p, WEIR_PLAN_MODE_SQL);
    planning_run(&p, "CREATE TABLE t (a FOO) WITH (connector = 'file'); "
                     "CREATE VIEW v AS SELECT nope; CREATE TABLE good (a INT) WITH (connector = "
                     "'file')");
    EXPECT(!p.ok);
    EXPECT_INT(weir_catalog_count(p.catalog), 1);
    planning_run(&p, "CREATE TABLE t (a INT) WITH (connector = 'file'); CREATE VIEW v AS SELECT a "
                     "FROM t");
    EXPECT(p.ok);
    planning_run(&p, "CREATE TABLE IF NOT EXISTS t (b INT) WITH (connector = 'file'); "
                     "CREATE OR REPLACE VIEW v AS SELECT a + 1 AS b FROM t; SELECT b FROM v");
    EXPECT_SLICE(weir_buffer_slice(&p.out), "SINK result\n"
                                            "  COMPUTE a + 1 AS b\n"
                                            "    SCAN t (file, json): a\n");
    planning_end(&p);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {TEST_CASE(settings), TEST_CASE(persistence),
                                             TEST_CASE(failures)};
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
