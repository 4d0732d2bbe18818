/* Errors: every one with its place, name and hint; several in one run; nothing said twice. */
#include "plan_test.h"

static void names(void)
{
    EXPECT_SQL(
        "SELECT amout, sum(nope), o.x, z.id FROM orders o WHERE prce > 1",
        "1:56+4 UNKNOWN_COLUMN no column \"prce\" in \"o\" (did you mean \"price\"?)\n"
        "1:8+5 UNKNOWN_COLUMN no column \"amout\" in \"o\" (did you mean \"amount\"?)\n"
        "1:19+4 UNKNOWN_COLUMN no column \"nope\" in \"o\"\n"
        "1:28+1 UNKNOWN_COLUMN no column \"x\" in \"o\"\n"
        "1:31+1 UNKNOWN_COLUMN no table or struct column \"z\" here (did you mean \"o\"?)\n");
    EXPECT_SQL("SELECT x\nFROM ordres",
               "2:6+6 UNKNOWN_TABLE no table or view \"ordres\" (did you mean \"orders\"?)\n");
    EXPECT_SQL("SELECT \"ID\" FROM orders",
               "1:8+4 UNKNOWN_COLUMN no column \"ID\" in \"orders\" (did you mean \"id\"?)\n");
    EXPECT_SQL("SELECT address.nope, price.x FROM orders",
               "1:16+4 UNKNOWN_FIELD no field \"nope\" in STRUCT<city TEXT, zip INTEGER>\n"
               "1:28+1 UNKNOWN_FIELD no field \"x\": the value is DOUBLE, not a struct\n");
    EXPECT_SQL("SELECT cuont(*), frobnicate(nope) FROM orders",
               "1:8+5 UNKNOWN_FUNCTION no function \"cuont\" (did you mean \"count\"?)\n"
               "1:29+4 UNKNOWN_COLUMN no column \"nope\" in \"orders\"\n"
               "1:18+10 UNKNOWN_FUNCTION no function \"frobnicate\"\n");
    EXPECT_SQL("SELECT id FROM 'missing.json'", "1:16+14 FILE_NOT_FOUND no file missing.json\n");
    EXPECT_SQL("SELECT 1 AS a, a", "1:16+1 UNKNOWN_COLUMN no column \"a\": there is no FROM\n");
    EXPECT_SQL("SELECT id FROM orders o, events e, unnest(tags) t, unnest(o.tagz) u",
               "1:61+4 UNKNOWN_COLUMN no column \"tagz\" in \"o\" (did you mean \"tags\"?)\n");
}

static void ambiguity(void)
{
    EXPECT_SQL("SELECT id FROM orders a, orders b",
               "1:8+2 AMBIGUOUS_NAME column \"id\" is in several tables (write a.id)\n");
}

/* What depends on something that failed is not reported again. */
static void followers(void)
{
    EXPECT_SQL("SELECT a.x, a.z FROM (SELECT nope AS x, id AS y FROM orders) a WHERE a.y = 1",
               "1:30+4 UNKNOWN_COLUMN no column \"nope\" in \"orders\"\n"
               "1:15+1 UNKNOWN_COLUMN no column \"z\" in \"a\" (did you mean \"x\"?)\n");
    EXPECT_SQL("SELECT a.z, b FROM (SELECT * FROM nowhere) a WHERE a.y = 1",
               "1:35+7 UNKNOWN_TABLE no table or view \"nowhere\"\n");
    EXPECT_SQL("WITH a AS (SELECT nope FROM orders) SELECT nope FROM a, unnest(a.nope)",
               "1:19+4 UNKNOWN_COLUMN no column \"nope\" in \"orders\"\n");
    EXPECT_SQL("CREATE TABLE t (a FOO) WITH (connector = 'file'); SELECT a, b FROM t",
               "1:19+3 UNKNOWN_TYPE no type \"foo\"\n");
}

static void types(void)
{
    EXPECT_SQL("SELECT id FROM orders WHERE amount",
               "1:29+6 TYPE_MISMATCH WHERE needs a BOOLEAN, this is INTEGER\n");
    EXPECT_SQL("SELECT 'abc'::int, TRY_CAST('x' AS INT), DATE '2020-13-01'",
               "1:8+5 BAD_LITERAL \"abc\" is not a value of INTEGER\n"
               "1:42+4 BAD_LITERAL value \"2020-13-01\" is out of range for DATE\n");
    EXPECT_SQL("SELECT CASE WHEN id = 1 THEN 1 ELSE customer END FROM orders",
               "1:37+8 TYPE_MISMATCH CASE cannot have both TEXT and INTEGER\n");
    EXPECT_SQL("SELECT id FROM orders UNION ALL SELECT customer FROM orders",
               "1:23+5 TYPE_MISMATCH column \"id\" of UNION cannot be both BIGINT and TEXT\n");
    EXPECT_SQL("SELECT id, amount FROM orders UNION ALL SELECT id FROM orders",
               "1:31+5 COLUMN_COUNT the sides of UNION have 2 and 1 columns\n");
    EXPECT_SQL("VALUES (1, 2), (3)",
               "1:17+1 COLUMN_COUNT the rows of VALUES differ: 2 and 1 columns\n");
    EXPECT_SQL("SELECT id FROM orders LIMIT -1", "1:29+1 BAD_LITERAL LIMIT cannot be negative\n");
    EXPECT_SQL("SELECT 1 FROM events GROUP BY tumble(INTERVAL '1 hour'), hop(INTERVAL '1 hour', "
               "INTERVAL '2 hours')",
               "1:58+3 NOT_EXECUTABLE this version does not execute grouping by several windows "
               "(date_bin(width, column, TIMESTAMP '1970-01-01') divides time as a tumbling window "
               "does, and may stand beside one)\n");
    EXPECT_SQL("SELECT id FROM orders FETCH FIRST 2 ROWS WITH TIES",
               "1:35+1 SYNTAX WITH TIES needs an ORDER BY (ROWS ONLY takes any rows)\n");
    EXPECT_SQL("SELECT id FROM orders ORDER BY id FETCH FIRST (NULL) ROWS WITH TIES",
               "1:48+4 BAD_LITERAL the number of rows WITH TIES cannot be NULL\n");
    EXPECT_SQL("SELECT (SELECT 1, 2), (SELECT x FROM (VALUES (1), (2)) v(x))",
               "1:8+1 BAD_SUBQUERY the subquery has 2 columns where 1 is wanted\n"
               "1:23+1 SUBQUERY_ROWS a scalar subquery gives one row at most, this gives 2\n");
}

static void grouping(void)
{
    EXPECT_SQL("SELECT customer, id FROM orders GROUP BY amount",
               "1:8+8 BAD_GROUPING column \"customer\" is neither in GROUP BY nor in an aggregate\n"
               "1:18+2 BAD_GROUPING column \"id\" is neither in GROUP BY nor in an aggregate\n");
    EXPECT_SQL("SELECT sum(count(*)), id FROM orders WHERE sum(id) > 1 GROUP BY max(id)",
               "1:44+3 MISPLACED_AGGREGATE aggregate sum cannot stand in WHERE (conditions on "
               "aggregates go into HAVING)\n"
               "1:12+5 MISPLACED_AGGREGATE aggregate count stands inside another aggregate\n"
               "1:65+3 MISPLACED_AGGREGATE aggregate max cannot stand in GROUP BY\n");
    EXPECT_SQL("SELECT id FROM orders GROUP BY 2 ORDER BY 0",
               "1:32+1 BAD_ORDINAL GROUP BY 2: the select list has 1 column\n"
               "1:43+1 BAD_ORDINAL ORDER BY 0: the select list has 1 column\n");
    EXPECT_SQL(
        "SELECT DISTINCT customer FROM orders ORDER BY price",
        "1:47+5 BAD_ORDINAL with DISTINCT, ORDER BY can only use columns of the select list\n");
}

/* What later versions execute: names and types are checked now. */
static void not_executable(void)
{
    EXPECT_SQL("SELECT * FROM orders o JOIN events e ON o.customer = e.k WHERE e.nope = 1",
               "1:66+4 UNKNOWN_COLUMN no column \"nope\" in \"e\"\n");
    EXPECT_SQL("SELECT sum(id) OVER (PARTITION BY nope) FROM orders WHERE rank() OVER () = 1",
               "1:59+4 MISPLACED_WINDOW a window function cannot stand in WHERE (filter by it with "
               "QUALIFY, or in a query around this one)\n"
               "1:35+4 UNKNOWN_COLUMN no column \"nope\" in \"orders\"\n");
    EXPECT_SQL("SELECT grouping(price) FROM orders GROUP BY ROLLUP (id)",
               "1:17+5 BAD_GROUPING arguments of GROUPING must be expressions of GROUP BY\n");
    EXPECT_SQL("WITH RECURSIVE r AS (SELECT 1 UNION ALL SELECT * FROM r) SELECT * FROM r",
               "1:55+1 NOT_EXECUTABLE this version does not execute recursive table expressions\n");
}

static void many_statements(void)
{
    EXPECT_SQL("INSERT INTO snik SELECT k FROM evnts;\nSELECT nope FROM orders;\n"
               "INSERT INTO sink SELECT k, v, 1 FROM events",
               "1:13+4 UNKNOWN_TABLE no table \"snik\" to insert into (did you mean \"sink\"?)\n"
               "1:32+5 UNKNOWN_TABLE no table or view \"evnts\" (did you mean \"events\"?)\n"
               "2:8+4 UNKNOWN_COLUMN no column \"nope\" in \"orders\"\n"
               "3:13+4 COLUMN_COUNT \"sink\" takes 2 columns, the query has 3\n");
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {
        TEST_CASE(names),           TEST_CASE(ambiguity), TEST_CASE(followers),
        TEST_CASE(types),           TEST_CASE(grouping),  TEST_CASE(not_executable),
        TEST_CASE(many_statements),
    };
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
