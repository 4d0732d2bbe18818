/* Canonical form: what each statement prints as, written down by hand; and that what is printed
 * reads back as an equal tree and prints the same again. NULL as the second text: prints as it is.
 */
#include "sql_test.h"

struct form {
    const char *text, *canonical;
};

static void check_form(const struct form *form)
{
    struct parsed first, second;
    struct weir_buffer out, again;
    const char *want = form->canonical ? form->canonical : form->text;
    parse(&first, form->text);
    weir_buffer_init(&out, NULL);
    weir_buffer_init(&again, NULL);
    if (expect_parsed(&first, form->text) && EXPECT_INT(first.program->statements_count, 1)) {
        weir_sql_print_statement(&out, first.program->statements[0]);
        EXPECT_SLICE(weir_buffer_slice(&out), want);
        parse_slice(&second, weir_buffer_slice(&out));
        if (expect_parsed(&second, want)) {
            EXPECT(weir_sql_equal_program(first.program, second.program));
            weir_sql_print_statement(&again, second.program->statements[0]);
            EXPECT_SLICE(weir_buffer_slice(&again), want);
        }
        release(&second);
    }
    weir_buffer_deinit(&out);
    weir_buffer_deinit(&again);
    release(&first);
}

static void check_forms(const struct form *forms, size_t count)
{
    for (size_t i = 0; i < count; i++)
        check_form(&forms[i]);
}

static void create_table(void)
{
    static const struct form forms[] = {
        {"create table t (a int)", "CREATE TABLE t (a INTEGER)"},
        {"CREATE TEMP TABLE IF NOT EXISTS a.b (c bigint not null primary key)",
         "CREATE TEMPORARY TABLE IF NOT EXISTS a.b (c BIGINT NOT NULL PRIMARY KEY)"},
        {"CREATE OR REPLACE TABLE t WITH ()", NULL},
        {"CREATE TABLE t WITH (connector = 'kafka', 'a-b' = 1, \"c.d\" = true, e.f = -1.5)",
         "CREATE TABLE t WITH (connector = 'kafka', 'a-b' = 1, c.d = true, e.f = -1.5)"},
        {"CREATE TABLE t WITH (A = FALSE, \"A\" = INTERVAL 5 MINUTES, b = interval '1 day')",
         "CREATE TABLE t WITH (a = false, 'A' = INTERVAL '5 minute', b = INTERVAL '1 day')"},
        {"CREATE TABLE t WITH (type = 'sink') AS SELECT 1", NULL},
        {"CREATE TABLE t AS SELECT 1 EMIT CHANGES", NULL},
        {"CREATE TABLE t (a INT METADATA FROM 'k' VIRTUAL, b TEXT METADATA)",
         "CREATE TABLE t (a INTEGER METADATA FROM 'k', b TEXT METADATA FROM 'b')"},
        {"CREATE TABLE t (a INT GENERATED ALWAYS AS (b + 1) STORED, c INT GENERATED ALWAYS AS (d) "
         "VIRTUAL, e INT GENERATED ALWAYS AS (f), g AS h * 2, i int as (j))",
         "CREATE TABLE t (a INTEGER GENERATED ALWAYS AS (b + 1) STORED, c INTEGER GENERATED ALWAYS "
         "AS (d) VIRTUAL, e INTEGER GENERATED ALWAYS AS (f), g AS (h * 2), i INTEGER GENERATED "
         "ALWAYS AS (j))"},
        {"CREATE TABLE t (a INT NULL COMMENT 'it''s')",
         "CREATE TABLE t (a INTEGER COMMENT 'it''s')"},
        {"CREATE TABLE t (ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '5' SECOND)", NULL},
        {"CREATE TABLE t (WATERMARK FOR s.ts)", NULL},
        {"CREATE TABLE t (a INT, PRIMARY KEY (a, b) NOT ENFORCED)",
         "CREATE TABLE t (a INTEGER, PRIMARY KEY (a, b))"},
        {"CREATE TABLE t (a INT, CONSTRAINT c PRIMARY KEY (a))",
         "CREATE TABLE t (a INTEGER, PRIMARY KEY (a))"},
        {"CREATE TABLE t (a INT) WITH (x = 'y') COMMENT 'c' PARTITIONED BY (a, b + 1)",
         "CREATE TABLE t (a INTEGER) PARTITIONED BY (a, b + 1) COMMENT 'c' WITH (x = 'y')"},
        {"CREATE TABLE t (primary int, watermark int, constraint int, key int, value int)",
         "CREATE TABLE t (\"primary\" INTEGER, \"watermark\" INTEGER, \"constraint\" INTEGER, key "
         "INTEGER, value INTEGER)"},
        {"CREATE TABLE t (window TIMESTAMP, timestamp TIMESTAMP, start DATE, end DATE, hour INT)",
         "CREATE TABLE t (window TIMESTAMP, timestamp TIMESTAMP, start DATE, end DATE, hour "
         "INTEGER)"},
    };
    check_forms(forms, WEIR_COUNT_OF(forms));
}

static void types(void)
{
    static const struct form forms[] = {
        {"SELECT CAST(a AS BOOLEAN), CAST(a AS TINYINT UNSIGNED), CAST(a AS REAL)", NULL},
        {"SELECT a::double precision", "SELECT CAST(a AS DOUBLE)"},
        {"SELECT CAST(a AS DECIMAL), CAST(a AS DECIMAL(5)), CAST(a AS DECIMAL(5, 2))", NULL},
        {"SELECT CAST(a AS TEXT), CAST(a AS VARCHAR(3)), CAST(a AS CHAR(1))", NULL},
        {"SELECT CAST(a AS TIME(3) WITH TIME ZONE), CAST(a AS TIMESTAMP WITH TIME ZONE)", NULL},
        {"SELECT CAST(a AS INTERVAL DAY TO SECOND(3)), CAST(a AS INTERVAL(2))", NULL},
        {"SELECT CAST(a AS STRUCT<a INTEGER NOT NULL, b TEXT[]>[])", NULL},
        {"SELECT CAST(a AS MAP<TEXT, MAP<TEXT, BIGINT UNSIGNED>>)", NULL},
        {"SELECT CAST(a AS ARRAY<ARRAY<STRUCT<x ARRAY<INT>>>>)",
         "SELECT CAST(a AS STRUCT<x INTEGER[]>[][])"},
        {"SELECT a::\"integer\"::My.\"Type\"",
         "SELECT CAST(CAST(a AS \"integer\") AS my.\"Type\")"},
        {"SELECT TRY_CAST(a AS JSONB), CAST(a AS UUID), CAST(a AS BYTEA)", NULL},
    };
    check_forms(forms, WEIR_COUNT_OF(forms));
}

static void other_statements(void)
{
    static const struct form forms[] = {
        {"CREATE VIEW v AS SELECT 1", NULL},
        {"CREATE OR REPLACE TEMPORARY VIEW IF NOT EXISTS a.v (x, \"Y\") AS TABLE t", NULL},
        {"CREATE MATERIALIZED VIEW v WITH (ttl = '1 day') AS SELECT 1 EMIT CHANGES", NULL},
        {"CREATE FUNCTION f(a INT, b DOUBLE PRECISION) RETURNS BIGINT LANGUAGE SQL AS 'SELECT 1'",
         "CREATE FUNCTION f(a INTEGER, b DOUBLE) RETURNS BIGINT LANGUAGE sql AS $$SELECT 1$$"},
        {"CREATE OR REPLACE FUNCTION f() RETURNS INT AS $x$ $1 $x$ LANGUAGE 'Python' STRICT STABLE",
         "CREATE OR REPLACE FUNCTION f() RETURNS INTEGER LANGUAGE python STABLE STRICT AS ' $1 '"},
        {"CREATE FUNCTION f(INT, TIMESTAMP WITH TIME ZONE, INTERVAL DAY) RETURNS INT LANGUAGE c "
         "CALLED ON NULL INPUT PARALLEL SAFE AS 'lib', 'symbol'",
         "CREATE FUNCTION f(INTEGER, TIMESTAMP WITH TIME ZONE, INTERVAL DAY) RETURNS INTEGER "
         "LANGUAGE c AS $$lib$$, 'symbol'"},
        {"CREATE FUNCTION f(x TEXT NOT NULL) RETURNS TEXT LANGUAGE python RETURNS NULL ON NULL "
         "INPUT "
         "WITH (async = true) VOLATILE AS ''",
         "CREATE FUNCTION f(x TEXT NOT NULL) RETURNS TEXT LANGUAGE python VOLATILE STRICT WITH "
         "(async = true) AS ''"},
        {"CREATE TIMELINE t AS a -> b  | c", NULL},
        {"CREATE OR REPLACE TIMELINE t FROM x -- why", "CREATE OR REPLACE TIMELINE t FROM x"},
        {"INSERT INTO t SELECT 1", NULL},
        {"INSERT INTO a.t (x, \"Y\") VALUES (1, 'a'), (2, NULL)", NULL},
        {"INSERT INTO t (SELECT 1 LIMIT 1) UNION SELECT 2", NULL},
        {"INSERT INTO t (SELECT 1)", "INSERT INTO t SELECT 1"},
        {"INSERT INTO t WITH c AS (SELECT 1) SELECT * FROM c EMIT ON WINDOW CLOSE", NULL},
        {"SET a = 'b'", NULL},
        {"SET Parallelism TO 4", "SET parallelism = 4"},
        {"SET a.b = on", "SET a.b = 'on'"},
        {"SET \"a b\" = TRUE", "SET 'a b' = true"},
        {"SET TIME ZONE 'UTC'", "SET timezone = 'UTC'"},
        {"SET LOCAL ttl = INTERVAL '1' HOUR", "SET ttl = INTERVAL '1 hour'"},
        {"EXPLAIN SELECT 1", NULL},
        {"EXPLAIN PLAN FOR INSERT INTO t SELECT 1", "EXPLAIN INSERT INTO t SELECT 1"},
        {"EXPLAIN WATERMARK (FORMAT JSON) SELECT 1", NULL},
        {"EXPLAIN STATE (FORMAT TEXT) SELECT 1", "EXPLAIN STATE SELECT 1"},
        {"EXPLAIN analyze WATERMARK (FORMAT JSON) SELECT 1",
         "EXPLAIN ANALYZE WATERMARK (FORMAT JSON) SELECT 1"},
        {"EXPLAIN (SELECT 1 LIMIT 1) UNION SELECT 2", NULL},
        {"DESCRIBE a.b", NULL},
        {"DESC TABLE t", "DESCRIBE t"},
        {"SHOW TABLES", NULL},
        {"show functions", "SHOW FUNCTIONS"},
        {"SHOW CONNECTORS", NULL},
        {"DROP TABLE IF EXISTS a, b.c", NULL},
        {"DROP VIEW v", NULL},
        {"DROP MATERIALIZED VIEW v", NULL},
        {"DROP FUNCTION f", NULL},
        {"VALUES (1, 2), (3, 4)", NULL},
        {"TABLE a.b", NULL},
    };
    check_forms(forms, WEIR_COUNT_OF(forms));
}

static void select_clauses(void)
{
    static const struct form forms[] = {
        {"select all a x, b as \"Y\", c.* from t", "SELECT a AS x, b AS \"Y\", c.* FROM t"},
        {"SELECT DISTINCT a FROM t", NULL},
        {"SELECT DISTINCT ON (a, b) c FROM t ORDER BY a, b, c DESC NULLS LAST", NULL},
        {"SELECT * EXCLUDE a FROM t", "SELECT * EXCEPT (a) FROM t"},
        {"SELECT t.* EXCEPT (a, b) REPLACE (c + 1 AS c) FROM t", NULL},
        {"SELECT (r).*, (f(x)).* FROM t", "SELECT (r).*, f(x).* FROM t"},
        {"SELECT 1 FROM t WHERE a AND b GROUP BY a, 2 HAVING count(*) > 1", NULL},
        {"SELECT 1 FROM t GROUP BY DISTINCT a, (b, c), (), ROLLUP (a, (b, c)), CUBE (a, b)", NULL},
        {"SELECT 1 FROM t GROUP BY ALL (a), GROUPING SETS((a), a, ROLLUP(b), ())",
         "SELECT 1 FROM t GROUP BY a, GROUPING SETS (a, a, ROLLUP (b), ())"},
        {"SELECT 1 FROM t QUALIFY rank() OVER w = 1 WINDOW w AS (ORDER BY a)",
         "SELECT 1 FROM t WINDOW w AS (ORDER BY a) QUALIFY rank() OVER w = 1"},
        {"SELECT 1 FROM t WINDOW w AS (PARTITION BY a), v AS (w ORDER BY b)", NULL},
        {"SELECT 1 ORDER BY a ASC, b DESC NULLS FIRST OFFSET 5 ROWS LIMIT 10",
         "SELECT 1 ORDER BY a, b DESC NULLS FIRST LIMIT 10 OFFSET 5"},
        {"SELECT 1 LIMIT ALL OFFSET 1", "SELECT 1 OFFSET 1"},
        {"SELECT 1 FETCH FIRST ROW ONLY", "SELECT 1 LIMIT 1"},
        {"SELECT 1 OFFSET 1 FETCH NEXT 5 ROWS ONLY", "SELECT 1 LIMIT 5 OFFSET 1"},
        {"SELECT 1 FETCH FIRST (a + 1) ROWS WITH TIES", NULL},
        {"SELECT 1 FETCH FIRST 3 ROWS WITH TIES", NULL},
        {"SELECT 1 EMIT ON WINDOW CLOSE", NULL},
        {"SELECT 1 EMIT EVERY INTERVAL '1 second'", NULL},
        {"(SELECT 1) EMIT AFTER LATENESS", "SELECT 1 EMIT AFTER LATENESS"},
        {"WITH a (x) AS (SELECT 1), b AS MATERIALIZED (TABLE a) SELECT * FROM b",
         "WITH a (x) AS (SELECT 1), b AS (TABLE a) SELECT * FROM b"},
        {"WITH RECURSIVE r AS (SELECT 1 UNION SELECT 2 FROM r) SELECT * FROM r", NULL},
        {"WITH recursive AS (SELECT 1) TABLE recursive",
         "WITH \"recursive\" AS (SELECT 1) TABLE recursive"},
    };
    check_forms(forms, WEIR_COUNT_OF(forms));
}

static void set_operations(void)
{
    static const struct form forms[] = {
        {"SELECT 1 UNION ALL SELECT 2 UNION DISTINCT SELECT 3",
         "SELECT 1 UNION ALL SELECT 2 UNION SELECT 3"},
        {"SELECT 1 UNION SELECT 2 INTERSECT SELECT 3", NULL},
        {"SELECT 1 UNION (SELECT 2 INTERSECT SELECT 3)",
         "SELECT 1 UNION SELECT 2 INTERSECT SELECT 3"},
        {"(SELECT 1 UNION SELECT 2) INTERSECT SELECT 3", NULL},
        {"SELECT 1 EXCEPT (SELECT 2 EXCEPT SELECT 3)", NULL},
        {"(SELECT 1 EXCEPT SELECT 2) EXCEPT SELECT 3", "SELECT 1 EXCEPT SELECT 2 EXCEPT SELECT 3"},
        {"((SELECT 1))", "SELECT 1"},
        {"(SELECT 1 ORDER BY 1) LIMIT 1", NULL},
        {"((SELECT 1 LIMIT 1)) UNION (VALUES (2)) ORDER BY 1",
         "(SELECT 1 LIMIT 1) UNION VALUES (2) ORDER BY 1"},
        {"SELECT * EXCEPT SELECT 1", NULL},
        {"SELECT * EXCEPT (SELECT 1)", "SELECT * EXCEPT SELECT 1"},
        {"SELECT 1 UNION (WITH a AS (SELECT 2) TABLE a)", NULL},
    };
    check_forms(forms, WEIR_COUNT_OF(forms));
}

static void tables(void)
{
    static const struct form forms[] = {
        {"SELECT 1 FROM a, b c, 'f.json' AS d(x, y)",
         "SELECT 1 FROM a CROSS JOIN b AS c CROSS JOIN 'f.json' AS d(x, y)"},
        {"SELECT 1 FROM a INNER JOIN b ON true LEFT OUTER JOIN c USING (x, y)",
         "SELECT 1 FROM a JOIN b ON TRUE LEFT JOIN c USING (x, y)"},
        {"SELECT 1 FROM a RIGHT JOIN b ON x FULL JOIN c ON y CROSS JOIN d NATURAL JOIN e", NULL},
        {"SELECT 1 FROM a NATURAL LEFT JOIN b SEMI JOIN c ON x LEFT ANTI JOIN d ON y",
         "SELECT 1 FROM a NATURAL LEFT JOIN b SEMI JOIN c ON x ANTI JOIN d ON y"},
        {"SELECT 1 FROM a ASOF JOIN b ON a.t >= b.t LEFT ASOF JOIN c USING (k)",
         "SELECT 1 FROM a ASOF JOIN b ON a.t >= b.t ASOF LEFT JOIN c USING (k)"},
        {"SELECT 1 FROM a JOIN (b JOIN c ON x) ON y", NULL},
        {"SELECT 1 FROM a JOIN b JOIN c ON x ON y", "SELECT 1 FROM a JOIN (b JOIN c ON x) ON y"},
        {"SELECT 1 FROM (a JOIN b ON x) JOIN c ON y", "SELECT 1 FROM a JOIN b ON x JOIN c ON y"},
        {"SELECT 1 FROM (a CROSS JOIN b) AS ab", NULL},
        {"SELECT 1 FROM a, b JOIN c ON x", "SELECT 1 FROM a CROSS JOIN (b JOIN c ON x)"},
        {"SELECT 1 FROM (SELECT 1), (VALUES (1)) v(x), LATERAL (SELECT 2) l",
         "SELECT 1 FROM (SELECT 1) CROSS JOIN (VALUES (1)) AS v(x) CROSS JOIN LATERAL (SELECT 2) "
         "AS l"},
        {"SELECT 1 FROM ((SELECT 1) UNION SELECT 2) u",
         "SELECT 1 FROM (SELECT 1 UNION SELECT 2) AS u"},
        {"SELECT 1 FROM ((SELECT 1) x JOIN y ON z)", "SELECT 1 FROM (SELECT 1) AS x JOIN y ON z"},
        {"SELECT 1 FROM o JOIN r FOR SYSTEM_TIME AS OF o.ts AS q ON x", NULL},
        {"SELECT 1 FROM o JOIN r q FOR SYSTEM_TIME AS OF o.ts ON x",
         "SELECT 1 FROM o JOIN r FOR SYSTEM_TIME AS OF o.ts AS q ON x"},
        {"SELECT 1 FROM TUMBLE(bid, ts, INTERVAL '10 seconds')",
         "SELECT 1 FROM tumble(bid, ts, INTERVAL '10 seconds')"},
        {"SELECT 1 FROM TABLE(HOP(TABLE bid, DESCRIPTOR(ts), INTERVAL '1' SECOND)) h",
         "SELECT 1 FROM hop(TABLE bid, descriptor(ts), INTERVAL '1' SECOND) AS h"},
        {"SELECT 1 FROM SESSION(t PARTITION BY k, ts, INTERVAL '5' MINUTE)",
         "SELECT 1 FROM session(t PARTITION BY k, ts, INTERVAL '5' MINUTE)"},
        {"SELECT 1 FROM session(data => TABLE t PARTITION BY (k, l), gap => 5)", NULL},
        {"SELECT 1 FROM UNNEST(a, b) WITH ORDINALITY AS u(x, y, n)",
         "SELECT 1 FROM unnest(a, b) WITH ORDINALITY AS u(x, y, n)"},
        {"SELECT 1 FROM LATERAL f(x) l, LATERAL s.g(y)",
         "SELECT 1 FROM LATERAL f(x) AS l CROSS JOIN LATERAL s.g(y)"},
        {"SELECT 1 FROM f() AS r(a int, b text[])", "SELECT 1 FROM f() AS r(a INTEGER, b TEXT[])"},
        {"SELECT 1 FROM a left, b right, c cross",
         "SELECT 1 FROM a AS left CROSS JOIN b AS right CROSS JOIN c AS cross"},
        {"SELECT 1 FROM current_date()", NULL},
    };
    check_forms(forms, WEIR_COUNT_OF(forms));
}

static void expressions(void)
{
    static const struct form forms[] = {
        {"SELECT ((a + b)) * c, a + (b * c), (a - b) - c, a - (b - c)",
         "SELECT (a + b) * c, a + b * c, a - b - c, a - (b - c)"},
        {"SELECT (a AND b) OR c, a AND (b OR c), (a AND b) AND c, NOT (a = b), (NOT a) = b",
         "SELECT a AND b OR c, a AND (b OR c), (a AND b) AND c, NOT a = b, (NOT a) = b"},
        {"SELECT - - a, -(-a), - (a + b), (-a) ^ 2, -(a ^ 2), ~ ~a, @ -a",
         "SELECT - -a, - -a, -(a + b), -a ^ 2, -(a ^ 2), ~ (~ a), @ -a"},
        {"SELECT (a < b) = c, a IS NULL = b, a = (b IS NULL)",
         "SELECT (a < b) = c, (a IS NULL) = b, a = (b IS NULL)"},
        {"SELECT a::int::text, (a + b)::int, -1::int, (-1)::int",
         "SELECT CAST(CAST(a AS INTEGER) AS TEXT), CAST(a + b AS INTEGER), -CAST(1 AS INTEGER), "
         "CAST(-1 AS INTEGER)"},
        {"SELECT a ISNULL, a IS NOT UNKNOWN, a IS JSON VALUE, a IS NOT NFD NORMALIZED, a IS "
         "normalized",
         "SELECT a IS NULL, a IS NOT UNKNOWN, a IS JSON, a IS NOT NFD NORMALIZED, a IS NFC "
         "NORMALIZED"},
        {"SELECT a IS NOT DISTINCT FROM b + 1, a IN (1, 2), a NOT IN (SELECT 1)", NULL},
        {"SELECT EXISTS (SELECT 1), a = ANY (b), a <> ALL (SELECT 1), a IN (((SELECT 1)), 2)",
         "SELECT EXISTS (SELECT 1), a = ANY (b), a <> ALL (SELECT 1), a IN ((SELECT 1), 2)"},
        {"SELECT a BETWEEN SYMMETRIC 1 AND (b AND c), a NOT LIKE 'x' ESCAPE '!', a ~~* b",
         "SELECT a BETWEEN SYMMETRIC 1 AND (b AND c), a NOT LIKE 'x' ESCAPE '!', a ILIKE b"},
        {"SELECT a SIMILAR TO b || c, (a LIKE b) || c", NULL},
        {"SELECT a AT TIME ZONE 'UTC', a AT LOCAL, (a + b) AT TIME ZONE c, a COLLATE \"C\"", NULL},
        {"SELECT a[1], a[1:2], a[:2], a[1:], a[:], (a + b)[1], (a).b, a[1].b, f(x).y", NULL},
        {"SELECT (SELECT 1), ((SELECT 1)) + 1, (((SELECT 1) + 2) * 3)",
         "SELECT (SELECT 1), (SELECT 1) + 1, ((SELECT 1) + 2) * 3"},
        {"SELECT [], [1, [2]][1], f([x])", "SELECT ARRAY[], ARRAY[1, ARRAY[2]][1], f(ARRAY[x])"},
        {"SELECT [[1, 2][1], [3] || 4]", "SELECT ARRAY[ARRAY[1, 2][1], ARRAY[3] || 4]"},
        {"SELECT ROW(), ROW(1), (1, 2), ARRAY[], ARRAY[[1]], ARRAY(SELECT 1), {'a b': 1}, MAP[]",
         "SELECT ROW(), ROW(1), ROW(1, 2), ARRAY[], ARRAY[ARRAY[1]], ARRAY(SELECT 1), STRUCT(1 AS "
         "\"a b\"), MAP {}"},
        {"SELECT CASE a WHEN 1 THEN 2 ELSE 3 END, CASE WHEN a THEN b END", NULL},
        {"SELECT 'it''s', E'\\n', $$a'b$$, B'01', X'aF', 1_000, 1.50, 1E5, TRUE, NULL, $3",
         "SELECT 'it''s', '\n', 'a''b', B'01', X'af', 1000, 1.50, 1E5, TRUE, NULL, $3"},
        {"SELECT date '2020-01-01', timestamp(3) with time zone 'x', interval '1' day to second(2)",
         "SELECT DATE '2020-01-01', TIMESTAMP(3) WITH TIME ZONE 'x', INTERVAL '1' DAY TO "
         "SECOND(2)"},
        {"SELECT json '{}', ubigint '5', char 'x', double precision '1', INTERVAL(3) '1'",
         "SELECT JSON '{}', UBIGINT '5', CHAR 'x', DOUBLE '1', INTERVAL(3) '1'"},
        {"SELECT a OPERATOR(pg_catalog.=) b AND c", "SELECT a = b AND c"},
        {"SELECT a == b", "SELECT a = b"},
        {"SELECT a -> 'x' ->> 'y', a @> b, a ?| b, a #- b, a && b, a @@ b, a ^@ b, a <-> b", NULL},
    };
    check_forms(forms, WEIR_COUNT_OF(forms));
}

static void calls(void)
{
    static const struct form forms[] = {
        {"SELECT COUNT(*), count(DISTINCT a, b), array_agg(a ORDER BY b DESC)",
         "SELECT count(*), count(DISTINCT a, b), array_agg(a ORDER BY b DESC)"},
        {"SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY a) FILTER (WHERE b)", NULL},
        {"SELECT lag(a, 1) IGNORE NULLS OVER (PARTITION BY b ORDER BY c)", NULL},
        {"SELECT first_value(a RESPECT NULLS) OVER w",
         "SELECT first_value(a) RESPECT NULLS OVER w"},
        {"SELECT sum(a) OVER (ROWS 1 PRECEDING)",
         "SELECT sum(a) OVER (ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)"},
        {"SELECT sum(a) OVER (w GROUPS BETWEEN UNBOUNDED PRECEDING AND 1 FOLLOWING EXCLUDE TIES)",
         NULL},
        {"SELECT sum(a) OVER (RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING EXCLUDE NO OTHERS)",
         "SELECT sum(a) OVER (RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)"},
        {"SELECT s.f(a => 1, TABLE t, u.*), \"F\"(x)", NULL},
        {"SELECT EXTRACT(year FROM a), TRIM(LEADING FROM a), POSITION(a IN b), current_date",
         "SELECT extract('year', a), ltrim(a), position(a, b), current_date"},
        {"SELECT \"trim\"(a), \"cast\"(a), \"any\"(a), \"extract\"(a), \"row\"(1)",
         "SELECT \"trim\"(a), \"cast\"(a), \"any\"(a), \"extract\"(a), \"row\"(1)"},
        {"SELECT left(a, 1), right(a, 1), replace(a, b, c), if(a, b, c), date(a), timestamp(a)",
         NULL},
        {"SELECT tumble(INTERVAL '1 minute') AS window, window.start, window.end",
         "SELECT tumble(INTERVAL '1 minute') AS window, window.start, window.end"},
    };
    check_forms(forms, WEIR_COUNT_OF(forms));
}

static void names(void)
{
    static const struct form forms[] = {
        {"SELECT window, timestamp, start, end, hour, count, rows, value, key, output, date, user",
         NULL},
        {"SELECT first, last, cast, try_cast, year, month, day, second, format, json, language, if",
         NULL},
        {"SELECT limit, offset, index, type, state, plan, emit, filter, over, escape, at, by",
         NULL},
        {"SELECT order, group, interval, array, map, case, row FROM left",
         "SELECT \"order\", \"group\", \"interval\", \"array\", \"map\", \"case\", row FROM "
         "\"left\""},
        {"SELECT a.select, b.from, c.\"D\" FROM t AS where",
         "SELECT a.select, b.from, c.\"D\" FROM t AS where"},
        {"SELECT \"select\", \"a\", \"A b\", \"c\"\"d\", \"1\", `tick`",
         "SELECT \"select\", a, \"A b\", \"c\"\"d\", \"1\", tick"},
        {"SELECT gr\xC3\xB6\xC3\x9F"
         "e, \"\xE6\x97\xA5\xE6\x9C\xAC\", \xF0\x9F\x98\x80",
         "SELECT gr\xC3\xB6\xC3\x9F"
         "e, \xE6\x97\xA5\xE6\x9C\xAC, \xF0\x9F\x98\x80"},
        {"SELECT a\xC2\xA0"
         "FROM\xE3\x80\x80t",
         "SELECT a FROM t"},
        {"SELECT a order, b group, c window, d limit_ FROM t",
         "SELECT a AS order, b AS group, c AS window, d AS limit_ FROM t"},
        {"SELECT DISTINCT FROM t", "SELECT \"distinct\" FROM t"},
        {"SELECT sum(a) over FROM t", "SELECT sum(a) AS over FROM t"},
    };
    check_forms(forms, WEIR_COUNT_OF(forms));
}

/* What Arroyo's and Flink's users have in their programs. */
static void programs_of_others(void)
{
    static const struct form forms[] = {
        {"CREATE TABLE cars (timestamp TIMESTAMP, driver_id BIGINT, event_type TEXT, location "
         "TEXT) "
         "WITH (connector = 'single_file', path = '$input_dir/cars.json', format = 'json', type = "
         "'source', event_time_field = 'timestamp')",
         NULL},
        {"CREATE TABLE impulse_source (timestamp TIMESTAMP, counter bigint unsigned not null, "
         "subtask_index bigint unsigned not null) WITH (connector = 'single_file')",
         "CREATE TABLE impulse_source (timestamp TIMESTAMP, counter BIGINT UNSIGNED NOT NULL, "
         "subtask_index BIGINT UNSIGNED NOT NULL) WITH (connector = 'single_file')"},
        {"INSERT INTO group_by_aggregate SELECT window.start as start, window.end as end, month "
         "FROM "
         "(SELECT TUMBLE(interval '1 month') as window, date_part('month', ts) month FROM s GROUP "
         "BY "
         "1, 2)",
         "INSERT INTO group_by_aggregate SELECT window.start AS start, window.end AS end, month "
         "FROM "
         "(SELECT tumble(INTERVAL '1 month') AS window, date_part('month', ts) AS month FROM s "
         "GROUP "
         "BY 1, 2)"},
        {"CREATE TABLE e (value JSON, ts TIMESTAMP GENERATED ALWAYS AS (CAST(extract_json(value, "
         "'$.ts')[1] AS TIMESTAMP)) STORED, WATERMARK FOR ts) WITH ('json.unstructured' = 'true')",
         "CREATE TABLE e (value JSON, ts TIMESTAMP GENERATED ALWAYS AS (CAST(extract_json(value, "
         "'$.ts')[1] AS TIMESTAMP)) STORED, WATERMARK FOR ts) WITH (json.unstructured = 'true')"},
        {"SELECT row_number() OVER (PARTITION BY window ORDER BY count DESC) AS row_number FROM "
         "(SELECT hop(interval '2 seconds', interval '10 seconds') AS window, count(*) AS count "
         "FROM nexmark WHERE bid IS NOT NULL GROUP BY 1) WHERE row_number <= 5",
         "SELECT row_number() OVER (PARTITION BY window ORDER BY count DESC) AS row_number FROM "
         "(SELECT hop(INTERVAL '2 seconds', INTERVAL '10 seconds') AS window, count(*) AS count "
         "FROM nexmark WHERE bid IS NOT NULL GROUP BY 1) WHERE row_number <= 5"},
        {"CREATE TABLE bid (auction BIGINT, extra STRING, `dateTime` TIMESTAMP(3), WATERMARK FOR "
         "`dateTime` AS `dateTime` - INTERVAL '4' SECOND) WITH ('connector' = 'nexmark')",
         "CREATE TABLE bid (auction BIGINT, extra TEXT, \"dateTime\" TIMESTAMP(3), WATERMARK FOR "
         "\"dateTime\" AS \"dateTime\" - INTERVAL '4' SECOND) WITH (connector = 'nexmark')"},
        {"SELECT P.name FROM (SELECT id, name, window_start FROM TABLE(TUMBLE(TABLE person, "
         "DESCRIPTOR(`dateTime`), INTERVAL '10' SECOND)) GROUP BY id, name) P JOIN a ON P.id = "
         "a.id",
         "SELECT p.name FROM (SELECT id, name, window_start FROM tumble(TABLE person, "
         "descriptor(\"dateTime\"), INTERVAL '10' SECOND) GROUP BY id, name) AS p JOIN a ON p.id = "
         "a.id"},
    };
    check_forms(forms, WEIR_COUNT_OF(forms));
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {
        TEST_CASE(create_table),       TEST_CASE(types),          TEST_CASE(other_statements),
        TEST_CASE(select_clauses),     TEST_CASE(set_operations), TEST_CASE(tables),
        TEST_CASE(expressions),        TEST_CASE(calls),          TEST_CASE(names),
        TEST_CASE(programs_of_others),
    };
    return test_main(argc, argv, cases, WEIR_COUNT_OF(cases));
}
