/* SELECT to plans: projections, filters, aggregates, ORDER BY, set operations, FROM. */
#include "plan_test.h"

static void projections(void)
{
    EXPECT_SQL("SELECT 1", "SINK result\n"
                           "  COMPUTE 1 AS \"?column?\"\n"
                           "    VALUES 1 row\n");
    EXPECT_SQL("SELECT * FROM orders",
               "SINK result\n"
               "  SCAN orders (file, json): id, customer, price, amount, tags, address, at\n");
    EXPECT_SQL("SELECT * EXCEPT (tags, address, at), price * 2 AS double FROM orders",
               "SINK result\n"
               "  COMPUTE id, customer, price, amount, price * 2 AS double\n"
               "    SCAN orders (file, json): id, customer, price, amount\n");
    EXPECT_SQL("SELECT * REPLACE (amount + 1 AS amount) FROM (SELECT id, amount FROM orders)",
               "SINK result\n"
               "  COMPUTE id, amount + 1 AS amount\n"
               "    SCAN orders (file, json): id, amount\n");
    EXPECT_SQL("SELECT o.address.city, (address).zip, (o.address).* FROM orders o",
               "SINK result\n"
               "  COMPUTE (address).city AS city, (address).zip AS zip, (address).city AS city, "
               "(address).zip AS zip\n"
               "    SCAN orders (file, json): address\n");
    EXPECT_SQL("SELECT null, x, y FROM (SELECT NULL AS x, 'a' AS y)",
               "SINK result\n"
               "  COMPUTE NULL AS \"?column?\", NULL AS x, 'a' AS y\n"
               "    VALUES 1 row\n");
}

static void literals_adopt(void)
{
    EXPECT_SQL("SELECT price::real * 1.5, amount + 1.5, id + amount, id = '7' FROM orders",
               "SINK result\n"
               "  COMPUTE CAST(price AS REAL) * 1.5 AS \"?column?\", "
               "CAST(amount AS DECIMAL(10,0)) + 1.5 AS \"?column?\", "
               "id + CAST(amount AS BIGINT) AS \"?column?\", id = 7 AS \"?column?\"\n"
               "    SCAN orders (file, json): id, price, amount\n");
    EXPECT_SQL(
        "SELECT 2147483648, -2147483648, -9223372036854775808, 9223372036854775808, 1.50, 1e3",
        "SINK result\n"
        "  COMPUTE 2147483648 AS \"?column?\", -2147483648 AS \"?column?\", "
        "-9223372036854775808 AS \"?column?\", 9223372036854775808 AS \"?column?\", "
        "1.50 AS \"?column?\", 1000 AS \"?column?\"\n"
        "    VALUES 1 row\n");
}

static void filters(void)
{
    EXPECT_SQL("SELECT id FROM orders WHERE price BETWEEN 1 AND 2 AND amount IN (1, 2)",
               "SINK result\n"
               "  SCAN orders (file, json): id; decode id, price, amount; where (price >= 1) AND "
               "(price <= 2) AND ((amount = 1) OR (amount = 2))\n");
    EXPECT_SQL("SELECT id FROM orders WHERE id IN (5, 4, 3, NULL, 5)",
               "SINK result\n"
               "  SCAN orders (file, json): id; where in_set(id, '{5,4,3,5,NULL}'::BIGINT[])\n");
    EXPECT_SQL("SELECT id FROM orders WHERE id IN (SELECT x FROM (VALUES (1), (2)) v(x))",
               "SINK result\n"
               "  SCAN orders (file, json): id; where (id = 1) OR (id = 2)\n");
    EXPECT_SQL("SELECT id FROM orders WHERE id NOT IN (SELECT 1 WHERE false) AND EXISTS (SELECT 1)",
               "SINK result\n"
               "  SCAN orders (file, json): id\n");
    EXPECT_SQL(
        "SELECT id FROM orders WHERE (id, amount) = (1, 2) OR (id, amount) < (3, 4)",
        "SINK result\n"
        "  SCAN orders (file, json): id; decode id, amount; where ((id = 1) AND (amount = 2)) "
        "OR ((id < 3) OR ((id = 3) AND (amount < 4)))\n");
}

static void aggregates(void)
{
    EXPECT_SQL("SELECT count(*) FROM orders", "SINK result\n"
                                              "  AGGREGATE count(*); emit final\n"
                                              "    SCAN orders (file, json): no columns\n");
    EXPECT_SQL("SELECT customer, count(*) AS n, sum(price) FROM orders GROUP BY customer "
               "HAVING count(*) > 1 ORDER BY n DESC LIMIT 3",
               "SINK result\n"
               "  SORT n DESC; limit 3\n"
               "    COMPUTE customer, count(*) AS n, sum(price) AS sum; where count(*) > 1\n"
               "      AGGREGATE by customer: count(*), sum(price); emit final\n"
               "        SCAN orders (file, json): customer, price\n");
    EXPECT_SQL(
        "SELECT sum(price) + sum(price), count(DISTINCT id), count(*) FILTER (WHERE price > 1)"
        " FROM orders",
        "SINK result\n"
        "  COMPUTE sum(price) + sum(price) AS \"?column?\", count(DISTINCT id) AS count, "
        "count(*) AS count\n"
        "    AGGREGATE sum(price), count(DISTINCT id), count(*) FILTER price > 1; emit final\n"
        "      COMPUTE price, id, price > 1 AS \"price > 1\"\n"
        "        SCAN orders (file, json): id, price\n");
    EXPECT_SQL("SELECT amount % 10 AS digit, count(*) FROM orders GROUP BY digit",
               "SINK result\n"
               "  AGGREGATE by amount % 10: count(*); emit final\n"
               "    COMPUTE amount % 10 AS \"amount % 10\"\n"
               "      SCAN orders (file, json): amount\n");
    EXPECT_SQL("SELECT amount % 10 + 1, count(*) FROM orders GROUP BY amount % 10",
               "SINK result\n"
               "  COMPUTE amount % 10 + 1 AS \"?column?\", count(*) AS count\n"
               "    AGGREGATE by amount % 10: count(*); emit final\n"
               "      COMPUTE amount % 10 AS \"amount % 10\"\n"
               "        SCAN orders (file, json): amount\n");
    EXPECT_SQL("SELECT array_agg(customer ORDER BY id DESC) FROM orders",
               "SINK result\n"
               "  AGGREGATE array_agg(customer ORDER BY id DESC); emit final\n"
               "    SCAN orders (file, json): id, customer\n");
}

static void ordering(void)
{
    EXPECT_SQL("SELECT customer FROM orders ORDER BY price, 1 DESC NULLS LAST LIMIT 2 OFFSET 1",
               "SINK result\n"
               "  COMPUTE customer\n"
               "    SORT order, customer DESC NULLS LAST; limit 2; offset 1\n"
               "      COMPUTE customer, price AS \"order\"\n"
               "        SCAN orders (file, json): customer, price\n");
    EXPECT_SQL("SELECT customer AS id, id AS customer FROM orders ORDER BY id",
               "SINK result\n"
               "  SORT id\n"
               "    COMPUTE customer AS id, id AS customer\n"
               "      SCAN orders (file, json): id, customer\n");
    EXPECT_SQL("SELECT DISTINCT customer FROM orders ORDER BY customer LIMIT 1",
               "SINK result\n"
               "  SORT customer; limit 1\n"
               "    AGGREGATE by customer; emit final\n"
               "      SCAN orders (file, json): customer\n");
    EXPECT_SQL("SELECT id + 1 FROM orders LIMIT 2", "SINK result\n"
                                                    "  COMPUTE id + 1 AS \"?column?\"\n"
                                                    "    LIMIT limit 2\n"
                                                    "      SCAN orders (file, json): id\n");
}

static void set_operations(void)
{
    EXPECT_SQL("SELECT id FROM orders UNION SELECT amount FROM orders ORDER BY 1",
               "SINK result\n"
               "  SORT id\n"
               "    AGGREGATE by id; emit final\n"
               "      UNION\n"
               "        COMPUTE id\n"
               "          SCAN #0 orders (file, json): id, amount\n"
               "        COMPUTE CAST(amount AS BIGINT) AS id\n"
               "          SCAN see #0\n");
    EXPECT_SQL("SELECT NULL UNION ALL SELECT 1 UNION ALL SELECT '2'",
               "SINK result\n"
               "  UNION\n"
               "    COMPUTE NULL AS \"?column?\"\n"
               "      VALUES #0 1 row\n"
               "    COMPUTE 1 AS \"?column?\"\n"
               "      VALUES see #0\n"
               "    COMPUTE 2 AS \"?column?\"\n"
               "      VALUES see #0\n");
}

static void from(void)
{
    EXPECT_SQL("WITH a(c, p) AS (SELECT customer, price FROM orders), b AS (SELECT c FROM a WHERE "
               "p > 1) SELECT * FROM b",
               "SINK result\n"
               "  COMPUTE customer AS c\n"
               "    SCAN orders (file, json): customer; decode customer, price; where price > 1\n");
    EXPECT_SQL("SELECT o.id, t FROM orders o, unnest(o.tags) AS t WHERE t = 'x' AND id > 3",
               "SINK result\n"
               "  COMPUTE id, unnest AS t; where unnest = 'x'\n"
               "    UNNEST unnest\n"
               "      COMPUTE id, tags AS unnest\n"
               "        SCAN orders (file, json): id, tags; where id > 3\n");
    EXPECT_SQL(
        "SELECT id, t, n FROM orders LEFT JOIN LATERAL unnest(tags) WITH ORDINALITY AS u(t, n)"
        " ON TRUE",
        "SINK result\n"
        "  COMPUTE id, unnest AS t, ordinality AS n\n"
        "    UNNEST unnest; with ordinality; keep empty\n"
        "      COMPUTE id, tags AS unnest\n"
        "        SCAN orders (file, json): id, tags\n");
    EXPECT_SQL("SELECT unnest(tags), id FROM orders",
               "SINK result\n"
               "  COMPUTE unnest, id\n"
               "    UNNEST unnest\n"
               "      COMPUTE id, tags AS unnest\n"
               "        SCAN orders (file, json): id, tags\n");
    EXPECT_SQL("SELECT g FROM generate_series(1, 5) g",
               "SINK result\n"
               "  COMPUTE CAST(generate_series AS INTEGER) AS g\n"
               "    SERIES 1 to 5 by 1\n");
    EXPECT_SQL("SELECT events.id FROM 'data/events.json.gz'",
               "SINK result\n"
               "  SCAN data/events.json.gz (file, json): id\n");
    EXPECT_SQL("SELECT id FROM orders ORDER BY id OFFSET 1 FETCH FIRST 2 ROWS WITH TIES",
               "SINK result\n"
               "  SORT id\n"
               "    COMPUTE id; where over > 1\n"
               "      OVER rank(), row_number(); order id; first 3; emit final\n"
               "        SCAN orders (file, json): id\n");
    EXPECT_SQL("TABLE orders LIMIT 1",
               "SINK result\n"
               "  LIMIT limit 1\n"
               "    SCAN orders (file, json): id, customer, price, amount, tags, address, at\n");
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {
        TEST_CASE(projections), TEST_CASE(literals_adopt), TEST_CASE(filters),
        TEST_CASE(aggregates),  TEST_CASE(ordering),       TEST_CASE(set_operations),
        TEST_CASE(from),
    };
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
