/* The N-th allocation fails, for every N: an error, never a crash, and nothing is lost. */
#include "base/memory.h"
#include "plan_test.h"

static const char program_sql[] =
    "CREATE VIEW v AS SELECT customer c, price p, tags FROM orders WHERE price > 1;"
    "CREATE TABLE m (a INT); INSERT INTO m VALUES (1), (2);"
    "CREATE FUNCTION f(x DOUBLE) RETURNS DOUBLE LANGUAGE sql AS 'x * 2';"
    "INSERT INTO sink SELECT c, count(*) FILTER (WHERE p > 2) FROM v GROUP BY c;"
    "SELECT tumble(INTERVAL '1 hour') w, count(*), max(f(price)) FROM orders GROUP BY w;"
    "SELECT c, t FROM v, unnest(tags) t WHERE c IN ('a', 'b', 'c', 'd') ORDER BY c LIMIT 3;"
    "SELECT a FROM m UNION SELECT g FROM generate_series(1, 3) g;"
    "SELECT c, ARRAY(SELECT o.price + 1 FROM orders o WHERE o.customer = v.c ORDER BY o.id) FROM v;"
    "SELECT c, grouping(c) IN (SELECT a FROM m), rank() OVER (ORDER BY max(p)) FROM v"
    " GROUP BY ROLLUP (c) ORDER BY c FETCH FIRST (SELECT max(a) FROM m) ROWS WITH TIES;"
    "SELECT CASE id WHEN 1 THEN 'x' END, TRY_CAST(customer AS INT), (SELECT 5) FROM orders";

static void plans(void)
{
    bool passed = false;
    for (uint64_t n = 1; n < 100000 && !passed; n++) {
        struct planning p;
        planning_begin(&p, WEIR_PLAN_MODE_SQL);
        planning_run(&p, tables_sql);
        weir_memory_fail_at(n);
        planning_run(&p, program_sql);
        uint64_t made = weir_memory_fail_at(0);
        passed = made < n;
        EXPECT(p.ok || !passed);
        if (p.ok && !p.out.failed)
            EXPECT(p.planned.plan != NULL);
        planning_end(&p);
    }
    EXPECT(passed);
}

/* Small chunks, so that every object is an allocation of its own. */
static void plans_in_small_chunks(void)
{
    uint64_t n = 1;
    bool passed = false;
    while (!passed && n < 200000) {
        struct planning p;
        planning_begin(&p, WEIR_PLAN_MODE_SQL);
        planning_run(&p, tables_sql);
        weir_arena_deinit(&p.arena);
        weir_arena_init(&p.arena, NULL, 64);
        weir_memory_fail_at(n);
        planning_run(&p, program_sql);
        uint64_t made = weir_memory_fail_at(0);
        passed = made < n;
        EXPECT(p.ok || !passed);
        planning_end(&p);
        n += n < 300 ? 1 : 17;
    }
    EXPECT(passed);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {TEST_CASE(plans), TEST_CASE(plans_in_small_chunks)};
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
