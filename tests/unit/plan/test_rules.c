/* The rules: what moves, what stays, what is shared. */
#include "plan_test.h"

static void predicates_move(void)
{
    EXPECT_SQL("SELECT c, n FROM (SELECT customer c, count(*) n FROM orders GROUP BY customer) "
               "WHERE c = 'x' AND n > 3",
               "SINK result\n"
               "  COMPUTE customer AS c, count(*) AS n; where count(*) > 3\n"
               "    AGGREGATE by customer: count(*); emit final\n"
               "      SCAN orders (file, json): customer; where customer = 'x'\n");
    EXPECT_SQL("SELECT x FROM (SELECT id x FROM orders UNION ALL SELECT v FROM events) WHERE x > 1",
               "SINK result\n"
               "  UNION\n"
               "    SCAN orders (file, json): id; where id > 1\n"
               "    COMPUTE CAST(v AS BIGINT) AS x\n"
               "      SCAN events (stream, json): v; where CAST(v AS BIGINT) > 1\n");
    EXPECT_SQL("SELECT id FROM (SELECT * FROM orders ORDER BY price) WHERE id = 1",
               "SINK result\n"
               "  COMPUTE id\n"
               "    SORT price\n"
               "      SCAN orders (file, json): id, price; where id = 1\n");
}

static void predicates_stay(void)
{
    /* Not below LIMIT. */
    EXPECT_SQL("SELECT id FROM (SELECT id FROM orders LIMIT 5) WHERE id = 1",
               "SINK result\n"
               "  COMPUTE id; where id = 1\n"
               "    LIMIT limit 5\n"
               "      SCAN orders (file, json): id\n");
    /* What may fail stays behind its guard, in order. */
    EXPECT_SQL(
        "SELECT * FROM (SELECT id, amount FROM orders WHERE amount <> 0) WHERE id / amount > 1",
        "SINK result\n"
        "  SCAN orders (file, json): id, amount; where (amount <> 0) AND "
        "((id / CAST(amount AS BIGINT)) > 1)\n");
    /* What may fail is not computed for rows that only made a group. */
    EXPECT_SQL("SELECT id FROM (SELECT id, count(*) FROM orders GROUP BY id) WHERE 10 / id > 1",
               "SINK result\n"
               "  COMPUTE id; where (10 / id) > 1\n"
               "    AGGREGATE by id; emit final\n"
               "      SCAN orders (file, json): id\n");
    /* Volatile expressions run where they were written. */
    EXPECT_SQL("SELECT r FROM (SELECT random() AS r FROM orders) WHERE r < 0.5",
               "SINK result\n"
               "  COMPUTE r; where r < 0.5\n"
               "    COMPUTE random() AS r\n"
               "      SCAN orders (file, json): no columns\n");
}

static void columns_go(void)
{
    EXPECT_SQL("SELECT a FROM (SELECT id AS a, price / amount AS b, sum(id) AS s FROM orders "
               "GROUP BY id, price, amount)",
               "SINK result\n"
               "  COMPUTE id AS a\n"
               "    AGGREGATE by id, price, amount; emit final\n"
               "      SCAN orders (file, json): id, price, amount\n");
    EXPECT_SQL("SELECT count(*) FROM (SELECT id, price FROM orders WHERE amount > 1)",
               "SINK result\n"
               "  AGGREGATE count(*); emit final\n"
               "    SCAN orders (file, json): no columns; decode amount; where amount > 1\n");
    EXPECT_SQL("SELECT b FROM (VALUES (1, 'a'), (2, 'b')) v(a, b)", "SINK result\n"
                                                                    "  VALUES 2 rows\n");
}

static void computes_fuse(void)
{
    EXPECT_SQL("SELECT c * 2 AS d FROM (SELECT b + 1 AS c FROM (SELECT id AS b FROM orders))",
               "SINK result\n"
               "  COMPUTE (id + 1) * 2 AS d\n"
               "    SCAN orders (file, json): id\n");
    EXPECT_SQL("SELECT 1 + 2 * 3 AS x, id + (2 - 2) AS y FROM orders WHERE 1 = 1",
               "SINK result\n"
               "  COMPUTE 7 AS x, id + 0 AS y\n"
               "    SCAN orders (file, json): id\n");
}

static void sharing(void)
{
    EXPECT_SQL("CREATE VIEW v AS SELECT customer c, price FROM orders WHERE price > 1;"
               "SELECT c FROM v; SELECT price FROM v WHERE price < 10",
               "SINK result\n"
               "  COMPUTE customer AS c\n"
               "    SCAN #0 orders (file, json): customer, price; where price > 1\n"
               "SINK result\n"
               "  COMPUTE price; where price < 10\n"
               "    SCAN see #0\n");
    /* Equal sub-plans written twice are one. */
    EXPECT_SQL(
        "SELECT n FROM (SELECT customer, count(*) n FROM orders GROUP BY customer) UNION ALL "
        "SELECT n + 1 FROM (SELECT customer, count(*) n FROM orders GROUP BY customer)",
        "SINK result\n"
        "  UNION\n"
        "    COMPUTE n\n"
        "      AGGREGATE #1 by customer: count(*); emit final\n"
        "        SCAN orders (file, json): customer\n"
        "    COMPUTE n + 1 AS n\n"
        "      AGGREGATE see #1\n");
    /* Volatile ones are not. */
    EXPECT_SQL("SELECT random() AS r FROM orders UNION ALL SELECT random() FROM orders",
               "SINK result\n"
               "  UNION\n"
               "    COMPUTE random() AS r\n"
               "      SCAN #0 orders (file, json): no columns\n"
               "    COMPUTE random() AS r\n"
               "      SCAN see #0\n");
}

#define SIZES                                                           \
    "CREATE TABLE few (k BIGINT, v BIGINT) WITH (connector = 'file');"  \
    "CREATE TABLE many (k BIGINT, v BIGINT) WITH (connector = 'file');" \
    "CREATE TABLE unknown (k BIGINT, v BIGINT) WITH (connector = 'file');"

static void joins_in_order(void)
{
    /* Few rows before many, these before what is not known. */
    EXPECT_SQL(SIZES "SELECT u.v FROM unknown u, many m, few f WHERE u.k = m.k AND u.v = f.k",
               "SINK result\n"
               "  COMPUTE v\n"
               "    JOIN inner on k = k\n"
               "      JOIN inner on v = k\n"
               "        SCAN unknown (file, json): k, v\n"
               "        SCAN few (file, json): k\n"
               "      SCAN many (file, json): k\n");
    /* What may fail is looked at last. */
    EXPECT_SQL(SIZES "SELECT u.v FROM unknown u, many m, few f WHERE u.k = m.k AND u.v = f.k AND "
                     "u.v / m.v > 1",
               "SINK result\n"
               "  COMPUTE v\n"
               "    JOIN inner on k = k; where (v / v) > 1\n"
               "      JOIN inner on v = k\n"
               "        SCAN unknown (file, json): k, v\n"
               "        SCAN few (file, json): k\n"
               "      SCAN many (file, json): k, v\n");
    /* Where nothing is known, as written. */
    EXPECT_SQL("SELECT a.v FROM events a, orders b, events c WHERE a.v = c.v AND a.v = b.amount",
               "SINK result\n"
               "  COMPUTE v\n"
               "    JOIN inner on v = v\n"
               "      JOIN inner on v = amount\n"
               "        SCAN #0 events (stream, json): v\n"
               "        SCAN orders (file, json): amount\n"
               "      SCAN see #0\n");
    /* What all sides of an OR say is a key. */
    EXPECT_SQL(SIZES "SELECT f.v FROM few f, many m WHERE (f.k = m.k AND f.v = 1) OR (m.v = 2 AND "
                     "f.k = m.k)",
               "SINK result\n"
               "  COMPUTE v\n"
               "    JOIN inner on k = k; where (v = 1) OR (v = 2)\n"
               "      SCAN few (file, json): k, v\n"
               "      SCAN many (file, json): k, v\n");
    EXPECT_SQL(SIZES "SELECT f.v FROM few f, many m WHERE f.k = m.k OR (m.v = 2 AND f.k = m.k)",
               "SINK result\n"
               "  COMPUTE v\n"
               "    JOIN inner on k = k\n"
               "      SCAN few (file, json): k, v\n"
               "      SCAN many (file, json): k\n");
}

static void fingerprints(void)
{
    static const char *const queries[] = {
        "SELECT k, count(*) FROM events GROUP BY k",
        "SELECT   k,count(*) FROM events   GROUP BY 1",
        "SELECT k, sum(v) AS count FROM events GROUP BY k",
    };
    uint64_t prints[3] = {0};
    for (int i = 0; i < 3; i++) {
        struct planning p;
        planning_begin(&p, WEIR_PLAN_MODE_RUN);
        planning_run(&p, tables_sql);
        planning_run(&p, queries[i]);
        if (EXPECT(p.ok && p.planned.plan))
            prints[i] = p.planned.plan->fingerprint;
        planning_end(&p);
    }
    EXPECT(prints[0] && prints[0] == prints[1]);
    EXPECT(prints[0] != prints[2]);
}

/* Views that double at every level stay small. */
static void doubling(void)
{
    char sql[4096];
    int size = snprintf(sql, sizeof sql, "CREATE VIEW v0 AS SELECT id a FROM orders;");
    for (int i = 1; i < 30; i++)
        size += snprintf(sql + size, sizeof sql - (size_t)size,
                         "CREATE VIEW v%d AS SELECT a FROM v%d UNION ALL SELECT a + 1 FROM v%d;", i,
                         i - 1, i - 1);
    snprintf(sql + size, sizeof sql - (size_t)size, "SELECT a FROM v29");
    struct planning p;
    planning_begin(&p, WEIR_PLAN_MODE_SQL);
    planning_run(&p, tables_sql);
    planning_run(&p, sql);
    EXPECT(p.ok && p.planned.plan && p.planned.plan->nodes_count < 100);
    planning_end(&p);
}

/* Of structs, only the fields in use are decoded. */
static void structs_narrow(void)
{
    static const char tables[] =
        "CREATE TABLE s (id BIGINT, p STRUCT<a BIGINT, b TEXT, c BIGINT>, q STRUCT<d BIGINT, e "
        "TEXT>, t TIMESTAMP GENERATED ALWAYS AS (to_timestamp(p.c)::timestamp), WATERMARK FOR t) "
        "WITH (connector = 'file', path = 'x.json', format = 'json')";
    static const struct {
        const char *sql, *types;
    } cases[] = {
        {"SELECT p.b, id FROM s", "BIGINT, STRUCT<b TEXT>"},
        {"SELECT p.c + 1 AS x FROM s WHERE p.a > 3 AND q IS NOT NULL",
         "STRUCT<a BIGINT, c BIGINT>, STRUCT<d BIGINT>"},
        {"SELECT p FROM s WHERE p.a > 3", "STRUCT<a BIGINT, b TEXT, c BIGINT>"},
        {"SELECT p.a, t FROM s", "STRUCT<a BIGINT, c BIGINT>"},
        {"SELECT tumble(INTERVAL '1 second') AS w, count(p.a) FROM s GROUP BY w",
         "STRUCT<a BIGINT, c BIGINT>"},
        {"SELECT p.a FROM s WHERE p.a = 1 UNION ALL SELECT q.d FROM s",
         "STRUCT<a BIGINT>, STRUCT<d BIGINT>"},
    };
    for (size_t i = 0; i < WEIR_COUNT_OF(cases); i++) {
        struct planning p;
        struct weir_buffer types;
        planning_begin(&p, WEIR_PLAN_MODE_RUN);
        planning_run(&p, tables);
        planning_run(&p, cases[i].sql);
        weir_buffer_init(&types, NULL);
        for (uint32_t n = 0; p.planned.plan && n < p.planned.plan->nodes_count; n++) {
            const struct weir_plan_node *node = p.planned.plan->nodes[n];
            if (node->kind != WEIR_PLAN_SCAN)
                continue;
            for (uint32_t c = 0; c < node->of.scan.physical_count; c++) {
                weir_buffer_append_string(&types, types.size ? ", " : "");
                weir_type_print(node->of.scan.physical_schema.fields[c].type, &types);
            }
        }
        test_text(types.data, types.size, cases[i].types, __FILE__, __LINE__, cases[i].sql);
        weir_buffer_deinit(&types);
        planning_end(&p);
    }
}

/* Which joins are left of outer ones, the outermost first. */
static void outer_joins(void)
{
#define PAIR "SELECT 1 FROM orders a LEFT JOIN orders b ON a.id = b.id "
#define BOTH "SELECT 1 FROM orders a FULL JOIN orders b ON a.id = b.id "
    static const struct {
        const char *sql, *joins;
    } cases[] = {
        {PAIR, "left"},
        {PAIR "WHERE a.amount > 1", "left"},
        {PAIR "WHERE b.amount > 1", "inner"},
        {PAIR "WHERE b.amount > 1 OR b.price = a.price", "inner"},
        {PAIR "WHERE b.amount > 1 OR a.amount > 1", "left"},
        {PAIR "WHERE b.amount IS NULL", "left"},
        {PAIR "WHERE b.amount IS NOT NULL", "inner"},
        {PAIR "WHERE NOT (b.amount IS NULL)", "inner"},
        {PAIR "WHERE coalesce(b.amount, a.amount) > 1", "left"},
        {PAIR "WHERE coalesce(b.amount, NULL) > 1", "inner"},
        {PAIR "WHERE (b.amount > 1) IS NOT TRUE", "left"},
        {PAIR "WHERE (b.amount > 1) IS NOT UNKNOWN", "inner"},
        {PAIR "WHERE b.amount IS DISTINCT FROM 1", "left"},
        {PAIR "WHERE b.amount IS NOT DISTINCT FROM 1", "inner"},
        {PAIR "WHERE b.amount IS NOT DISTINCT FROM a.amount", "left"},
        {PAIR "WHERE CASE WHEN b.amount > 1 THEN true ELSE b.price > 2 END", "inner"},
        {PAIR "WHERE CASE WHEN b.amount > 1 THEN true ELSE a.price > 2 END", "left"},
        {PAIR "WHERE b.id IN (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)", "inner"},
        {PAIR "WHERE TRY(1 / b.amount) = 1", "inner"},
        {PAIR "WHERE random() < b.amount", "left"},
        {BOTH "WHERE a.amount > 1", "left"},
        {BOTH "WHERE b.amount > 1", "right"},
        {BOTH "WHERE a.amount > b.amount", "inner"},
        {"SELECT count(*) FROM (" PAIR ") x", "left"},
        {"SELECT x.k FROM (SELECT b.amount AS k, count(*) AS n FROM orders a LEFT JOIN orders b ON "
         "a.id "
         "= b.id GROUP BY b.amount) x WHERE x.k > 1",
         "inner"},
        {"SELECT x.k FROM (SELECT b.amount AS k, count(*) AS n FROM orders a LEFT JOIN orders b ON "
         "a.id "
         "= b.id GROUP BY b.amount) x WHERE x.n > 1",
         "left"},
        {PAIR "JOIN orders c ON c.id = b.id", "inner inner"},
        {PAIR "LEFT JOIN orders c ON c.id = b.id", "left left"},
        {PAIR "LEFT JOIN orders c ON c.id = b.id WHERE c.amount > 1", "inner inner"},
        {PAIR "RIGHT JOIN orders c ON c.id = b.id", "right inner"},
        {"SELECT amount FROM (SELECT b.amount FROM orders a LEFT JOIN orders b ON a.id = b.id "
         "ORDER BY "
         "a.id LIMIT 3) x WHERE amount > 1",
         "left"},
        {"WITH x AS (SELECT a.id, b.amount FROM orders a LEFT JOIN orders b ON a.id = b.id WHERE "
         "a.price > 1) SELECT y.id FROM x y JOIN x z ON y.id = z.id WHERE y.amount > 1",
         "inner left"},
    };
    for (size_t i = 0; i < WEIR_COUNT_OF(cases); i++) {
        struct planning p;
        struct weir_buffer joins;
        planning_begin(&p, WEIR_PLAN_MODE_SQL);
        planning_run(&p, tables_sql);
        planning_run(&p, cases[i].sql);
        weir_buffer_init(&joins, NULL);
        for (uint32_t n = p.planned.plan ? p.planned.plan->nodes_count : 0; n-- > 0;) {
            const struct weir_plan_node *node = p.planned.plan->nodes[n];
            static const char *const names[] = {"inner", "right", "left", "full"};
            if (node->kind != WEIR_PLAN_JOIN)
                continue;
            weir_buffer_append_string(&joins, joins.size ? " " : "");
            weir_buffer_append_string(&joins, names[2 * node->of.join.sides[0].keep_unmatched +
                                                    node->of.join.sides[1].keep_unmatched]);
        }
        test_text(joins.data, joins.size, cases[i].joins, __FILE__, __LINE__, cases[i].sql);
        weir_buffer_deinit(&joins);
        planning_end(&p);
    }
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {
        TEST_CASE(predicates_move), TEST_CASE(predicates_stay), TEST_CASE(columns_go),
        TEST_CASE(computes_fuse),   TEST_CASE(sharing),         TEST_CASE(fingerprints),
        TEST_CASE(doubling),        TEST_CASE(structs_narrow),  TEST_CASE(joins_in_order),
        TEST_CASE(outer_joins),
    };
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
