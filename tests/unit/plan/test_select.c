/* SELECT to plans: names, projections, aggregates, ORDER BY, set operations. */
#include "plan_test.h"

static void dummy(void)
{
    EXPECT_SQL("SELECT id, price * 2 AS p FROM orders WHERE amount > 3", "");
    EXPECT_SQL("SELECT 1", "");
    EXPECT_SQL("SELECT customer, count(*) AS n, sum(price) FROM orders GROUP BY customer HAVING count(*) > 1 ORDER BY n DESC LIMIT 3", "");
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {TEST_CASE(dummy)};
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
