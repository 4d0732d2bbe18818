"""Joins, subqueries, window functions and set operations over random small tables with nulls: the
answer of `weir sql`, and the sum of the changes that `weir run` prints, are DuckDB's, at every batch
size. A row is never taken back that is not out."""

import collections
import csv
import io
import json
import random

TABLES = "abc"
COLUMNS = {"k": "BIGINT", "j": "BIGINT", "v": "BIGINT", "s": "VARCHAR"}
SIZES = [0, 1, 5, 30, 60]

QUERIES = """
SELECT * FROM a WHERE k IN (SELECT k FROM b WHERE b.v > 5)
SELECT * FROM a WHERE k NOT IN (SELECT k FROM b)
SELECT * FROM a WHERE k NOT IN (SELECT k FROM b WHERE k IS NOT NULL)
SELECT * FROM a WHERE k NOT IN (SELECT j FROM b WHERE b.v > a.v)
SELECT * FROM a WHERE EXISTS (SELECT * FROM b WHERE b.k = a.k AND b.v > a.v)
SELECT * FROM a WHERE NOT EXISTS (SELECT 1 FROM b WHERE b.k = a.k AND b.v <> a.v)
SELECT * FROM a WHERE NOT EXISTS (SELECT 1 FROM b WHERE b.v > 18)
SELECT k, v, (SELECT max(v) FROM b) AS m FROM a
SELECT k, v, (SELECT count(*) FROM b WHERE b.k = a.k) AS m FROM a
SELECT k, v FROM a WHERE v > (SELECT avg(v) FROM b WHERE b.k = a.k)
SELECT k, v FROM a WHERE v = (SELECT max(v) FROM a AS x WHERE x.k = a.k)
SELECT k, v, k IN (SELECT k FROM b) AS m FROM a
SELECT k, v, k NOT IN (SELECT k FROM b WHERE b.v < 3) AS m FROM a
SELECT k, v FROM a WHERE EXISTS (SELECT 1 FROM b WHERE b.k = a.k) OR k IS NULL
SELECT k, v FROM a WHERE v > ANY (SELECT v FROM b WHERE b.k = a.k)
SELECT k, v FROM a WHERE v >= ALL (SELECT v FROM b WHERE b.k = a.k)
SELECT k, sum(v) AS s FROM a GROUP BY k HAVING sum(v) > (SELECT avg(v) FROM b)
SELECT k, sum(v) AS s, (SELECT count(*) FROM b WHERE b.k = a.k) AS c FROM a GROUP BY k
SELECT k, count(*) AS n FROM a WHERE (k, j) IN (SELECT k, j FROM b) GROUP BY k
SELECT * FROM a WHERE EXISTS (SELECT 1 FROM b WHERE b.k = a.k AND EXISTS (SELECT 1 FROM c WHERE c.k = b.k AND c.j = a.j))
SELECT * FROM a WHERE v > (SELECT avg(v) FROM b WHERE b.k = a.k AND b.v < (SELECT max(v) FROM c WHERE c.j = a.j))
SELECT a.k, (SELECT max(x.v) FROM (SELECT v FROM b WHERE b.k = a.k UNION ALL SELECT v FROM c WHERE c.k = a.k) x) AS m FROM a
SELECT a.k, (SELECT count(DISTINCT b.v) FROM b LEFT JOIN c ON b.k = c.k AND c.j = a.j WHERE c.v IS NOT NULL) AS m FROM a
SELECT k, (SELECT max(v) FROM b WHERE b.v < a.v) AS m FROM a
SELECT k, (SELECT v FROM b WHERE b.k = a.k ORDER BY v DESC LIMIT 1) AS m FROM a
SELECT * FROM a JOIN b ON a.k = b.k WHERE a.v = (SELECT max(v) FROM a x WHERE x.k = b.k)
SELECT k, array_to_string(ARRAY(SELECT b.v FROM b WHERE b.k = a.k ORDER BY b.v DESC), ',') AS m FROM a
SELECT k, array_to_string(ARRAY(SELECT b.v - a.v FROM b WHERE b.k = a.k ORDER BY b.j DESC, b.v, b.s LIMIT 3), ',') AS m FROM a
SELECT k, (SELECT string_agg(x.v::VARCHAR, '|') FROM (SELECT v, j FROM b WHERE b.k = a.k ORDER BY j, v DESC) x WHERE x.v > 2) AS m FROM a
SELECT k, string_agg(v::VARCHAR, '|') AS m, count(*) AS n FROM (SELECT k, v - 1 AS v FROM a ORDER BY j DESC, v DESC) x GROUP BY k
SELECT k, string_agg(v::VARCHAR, '|') AS m FROM (SELECT k, v FROM a ORDER BY v DESC, j, k, s LIMIT 9) x GROUP BY k
SELECT k, v, row_number() OVER (PARTITION BY k ORDER BY v, j, s) AS n FROM a
SELECT k, v, rank() OVER w AS r, dense_rank() OVER w AS d, percent_rank() OVER w AS p, cume_dist() OVER w AS c FROM a WINDOW w AS (PARTITION BY k ORDER BY v)
SELECT k, v, sum(v) OVER (PARTITION BY k) AS r, count(*) OVER (PARTITION BY k) AS d FROM a
SELECT k, v, sum(v) OVER (PARTITION BY k ORDER BY v) AS r, min(v) OVER (PARTITION BY k ORDER BY v) AS d FROM a
SELECT k, v, max(v) OVER (ORDER BY v, k, j, s ROWS BETWEEN 2 PRECEDING AND 1 FOLLOWING) AS d FROM a
SELECT k, v, sum(v) OVER (PARTITION BY k ORDER BY v RANGE BETWEEN 2 PRECEDING AND 3 FOLLOWING) AS r FROM a
SELECT k, v, sum(v) OVER (PARTITION BY k ORDER BY v DESC RANGE BETWEEN 2 PRECEDING AND CURRENT ROW) AS r FROM a
SELECT k, v, sum(v) OVER (PARTITION BY j ORDER BY k RANGE BETWEEN 1 PRECEDING AND 1 FOLLOWING) AS r FROM a
SELECT k, v, sum(v) OVER (PARTITION BY k ORDER BY v GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING EXCLUDE CURRENT ROW) AS r FROM a
SELECT k, v, sum(v) OVER (PARTITION BY k ORDER BY v ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE TIES) AS r FROM a
SELECT k, v, lag(v) OVER w AS l, lead(v, 2, -1) OVER w AS m FROM a WINDOW w AS (PARTITION BY k ORDER BY v, j, s)
SELECT k, v, first_value(s) OVER w AS l, last_value(v) OVER w AS m, nth_value(v, 2) OVER w AS n FROM a WINDOW w AS (PARTITION BY k ORDER BY v, j, s)
SELECT k, v, ntile(3) OVER (PARTITION BY k ORDER BY v, j, s) AS l FROM a
SELECT k, v, count(*) FILTER (WHERE v > 5) OVER (PARTITION BY k ORDER BY v) AS l FROM a
SELECT k, v FROM (SELECT k, v, row_number() OVER (PARTITION BY k ORDER BY v DESC, j, s) AS n FROM a) x WHERE n <= 2
SELECT k, v FROM (SELECT k, v, rank() OVER (PARTITION BY k ORDER BY v DESC) AS n FROM a) x WHERE n = 1
SELECT k, v FROM a QUALIFY row_number() OVER (PARTITION BY k ORDER BY v, j, s) < 3
SELECT k, sum(v) AS s FROM a GROUP BY k QUALIFY rank() OVER (ORDER BY sum(v) DESC) <= 2
SELECT k, v, j, s, row_number() OVER (PARTITION BY k ORDER BY v DESC, j, s) AS n FROM a QUALIFY n <= 3
SELECT k, v, s, rank() OVER (PARTITION BY k ORDER BY s DESC, v) AS n FROM a QUALIFY n <= 2
SELECT k, s, dense_rank() OVER (PARTITION BY k, j ORDER BY s NULLS FIRST) AS n FROM a QUALIFY n <= 2
SELECT k, v, s, j, rank() OVER (ORDER BY k DESC, v) AS n FROM a QUALIFY n <= 5
SELECT a.k, b.v, b.s, row_number() OVER (PARTITION BY a.k ORDER BY b.v, b.s, b.j, a.v, a.j, a.s) AS n FROM a JOIN b ON a.k = b.k QUALIFY n <= 4
SELECT k, count(DISTINCT v) AS a, count(DISTINCT v) FILTER (WHERE j > 1) AS b, sum(DISTINCT v) FILTER (WHERE s = 'x') AS c, count(DISTINCT j) AS d, count(DISTINCT j) FILTER (WHERE v > 5) AS e FROM a GROUP BY k
SELECT count(DISTINCT v) FILTER (WHERE j > 1) AS a, sum(DISTINCT v) FILTER (WHERE j < 3) AS b, avg(DISTINCT v) FILTER (WHERE s IS NULL) AS c FROM a
SELECT s, count(DISTINCT (k, v)) AS a, count(DISTINCT (k, v)) FILTER (WHERE j = 2) AS b, array_to_string(array_agg(DISTINCT v ORDER BY v) FILTER (WHERE v > 3), ',') AS c, array_to_string(array_agg(DISTINCT v ORDER BY v DESC) FILTER (WHERE v < 12), ',') AS d FROM a GROUP BY s
SELECT b.j, count(DISTINCT a.v) AS a, count(DISTINCT a.v) FILTER (WHERE b.v > 4) AS b, sum(DISTINCT a.v) FILTER (WHERE b.v <= 4) AS c FROM a JOIN b ON a.k = b.k GROUP BY b.j
SELECT b.j, product(a.v + 0.5) AS p FROM a JOIN b ON a.k = b.k GROUP BY b.j
SELECT DISTINCT ON (k) k, v, j, s FROM a ORDER BY k, v DESC, j, s
SELECT k, j FROM a INTERSECT SELECT k, j FROM b
SELECT k, j FROM a EXCEPT SELECT k, j FROM b
SELECT k, j FROM a INTERSECT ALL SELECT k, j FROM b
SELECT k, j FROM a EXCEPT ALL SELECT k, j FROM b
SELECT k, j, count(*) AS n, sum(v) AS s, grouping(k, j) AS g FROM a GROUP BY ROLLUP (k, j)
SELECT k, j, count(*) AS n FROM a GROUP BY CUBE (k, j) HAVING count(*) > 1
SELECT k, s, count(*) AS n FROM a GROUP BY GROUPING SETS ((k), (s), ())
SELECT k, j, sum(v) AS s, rank() OVER (PARTITION BY grouping(k) + grouping(j), CASE WHEN grouping(j) = 0 THEN k END ORDER BY sum(v) DESC) AS place FROM a GROUP BY ROLLUP (k, j)
SELECT k, j, count(*) AS n, sum(count(*)) OVER (PARTITION BY grouping(k, j)) AS total, lag(k + 1, 1, -1) OVER (PARTITION BY grouping(k, j) ORDER BY k, j) + 10 AS l FROM a GROUP BY CUBE (k, j)
SELECT k + 1 AS k, s, 100 * sum(v) / nullif(sum(sum(v)) OVER (PARTITION BY s), 0) > 5 AS share FROM a GROUP BY GROUPING SETS ((k + 1, s), (s), ()) HAVING count(*) > 1
SELECT k, s, count(*) AS n FROM a GROUP BY GROUPING SETS ((k, s), (k), (s)) QUALIFY row_number() OVER (PARTITION BY grouping(k, s) ORDER BY count(*) DESC, k, s) <= 2
SELECT DISTINCT ON (grouping(k, j)) grouping(k, j) AS g, k, j, max(v) AS m FROM a GROUP BY CUBE (k, j) ORDER BY grouping(k, j), max(v) DESC, k, j
SELECT DISTINCT k % 2 AS p, max(v) AS m, dense_rank() OVER (ORDER BY max(v)) AS d FROM a GROUP BY ROLLUP (k % 2, j)
SELECT k, j, (SELECT count(*) FROM b WHERE b.k = a.k) AS n, ntile(2) OVER (ORDER BY k, j, min(v)) AS t FROM a GROUP BY ROLLUP (k, j)
SELECT count(*) AS n, grouping(k) AS g, first_value(min(v)) OVER (ORDER BY grouping(k), min(v), count(*)) AS f FROM a GROUP BY ROLLUP (k)
SELECT k, j, sum(v) AS s, rank() OVER (PARTITION BY grouping(k, j) ORDER BY sum(v) DESC NULLS LAST) AS r FROM a GROUP BY ROLLUP (k, j)
SELECT k, count(*) AS n, upper('x') || k AS t, sum(v) - lag(sum(v)) OVER (ORDER BY grouping(k), k) AS d FROM a GROUP BY ROLLUP (k) HAVING count(*) > 1
SELECT rank() OVER (ORDER BY count(*)) AS r FROM a GROUP BY CUBE (k, j) QUALIFY r <= 3
SELECT DISTINCT ON (k) k, j, count(*) AS n FROM a GROUP BY CUBE (k, j) ORDER BY k, count(*) DESC, grouping(j), j
SELECT k, (SELECT max(v) FROM b WHERE b.k = a.k) AS m, k IN (SELECT k FROM c) AS i, count(*) AS n FROM a GROUP BY ROLLUP (k)
SELECT k, j, grouping(k, j) AS g, (SELECT count(*) FROM b WHERE b.k IS NOT DISTINCT FROM a.k AND b.v > max(a.v)) AS m, sum(v) > ALL (SELECT v FROM c WHERE c.j = a.j) AS i FROM a GROUP BY CUBE (k, j)
SELECT k, grouping(k) IN (SELECT j - 1 FROM c) AS i, rank() OVER (ORDER BY (SELECT max(v) FROM b WHERE b.k = a.k)) AS r FROM a GROUP BY ROLLUP (k)
SELECT k, sum(v) AS s FROM a GROUP BY ROLLUP (k) HAVING k IS NULL OR EXISTS (SELECT 1 FROM b WHERE b.k = a.k AND b.v > 5)
SELECT * FROM a FULL JOIN b USING (k)
SELECT * FROM a NATURAL JOIN b
""".strip().splitlines()


def random_join(choose):
    def condition(left, right):
        return choose([f"{left}.k = {right}.k", f"{left}.k = {right}.k AND {left}.j = {right}.j",
                       f"{left}.k = {right}.k AND {left}.v < {right}.v", f"{left}.k = {right}.j AND {left}.v > 2",
                       f"{left}.v < {right}.k AND {right}.s = 'x'", f"{left}.k IS NOT DISTINCT FROM {right}.k",
                       f"{left}.k + 1 = {right}.k", f"{left}.k = {right}.k AND {right}.v > 0"])
    kinds = ["JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"]
    if choose([False, False, False, True]):
        return f"SELECT a.k, a.v, a.s FROM a {choose(['SEMI', 'ANTI'])} JOIN b ON {condition('a', 'b')}"
    columns, text = "a.k, a.v, a.s, b.k, b.v, b.s", f"a {choose(kinds)} b ON {condition('a', 'b')}"
    if choose([False, True]):
        columns, text = columns + ", c.k, c.v", text + f" {choose(kinds)} c ON {condition(choose(['a', 'b']), 'c')}"
    where = choose(["", "", " WHERE a.v > 3", " WHERE b.k IS NULL", " WHERE a.k = b.k", " WHERE a.v + b.v > 10"])
    return f"SELECT {columns} FROM {text}{where}"


def plain(value):
    """One spelling of a value, whoever printed it."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    try:
        return f"{float(value):.9g}"
    except ValueError:
        return str(value)


class World:
    """Three tables as files, and in DuckDB."""

    def __init__(self, context, duckdb, rng, number):
        self.context = context
        self.duck = duckdb.connect()
        self.duck.execute("SET default_null_order = 'nulls_last_on_asc_first_on_desc'")
        self.duck.execute("SET disabled_optimizers = 'common_subplan'")  # it takes the sides of EXCEPT ALL over a view for one
        self.ddl = ""
        kinds = ", ".join(f"'{name}': '{kind}'" for name, kind in COLUMNS.items())
        for table in TABLES:
            lines = ["k,j,v,s"]
            for _ in range(rng.choice(SIZES)):
                lines.append(",".join(map(str, [rng.choice(["", 1, 2, 3, 4, 5, 6]), rng.choice(["", 1, 2, 3]),
                                                rng.randrange(-5, 20), rng.choice(["", "x", "y", "a rather long text", "zz"])])))
            path = context.write(f"{number}/{table}.csv", "\n".join(lines) + "\n")
            self.duck.execute(f"CREATE TABLE {table} AS SELECT * FROM read_csv('{path}', header = true, columns = {{{kinds}}})")
            self.ddl += (f"CREATE TABLE {table} ({', '.join(f'{n} {k}' for n, k in COLUMNS.items())}) "
                         f"WITH (connector = 'file', path = '{path}', format = 'csv');\n")

    def expected(self, query):
        return sorted(tuple(map(plain, row)) for row in self.duck.execute(query).fetchall())

    def asked(self, query, rows):
        got = self.context.run("sql", "-o", "csv", "-D", f"batch_rows={rows}", self.ddl + query)
        if got.returncode != 0:
            raise AssertionError(got.stderr.decode(errors='replace'))
        lines = csv.reader(io.StringIO(got.stdout.decode()))
        return sorted(tuple(map(plain, row or [""])) for row in list(lines)[1:])

    def run(self, query, rows):
        program = self.context.write("program.sql", self.ddl + query + ";\n")
        got = self.context.run("run", "-o", "json", "-D", f"batch_rows={rows}", program)
        if got.returncode != 0:
            raise AssertionError(got.stderr.decode(errors='replace'))
        sums = collections.Counter()
        for line in got.stdout.decode().splitlines():
            fields = json.loads(line, object_pairs_hook=list)
            change = 1
            if fields and fields[0][0] == "_op":
                change = 1 if fields.pop(0)[1] == "+" else -1
            row = tuple(plain(value) for _, value in fields)
            sums[row] += change
            if sums[row] < 0:
                raise AssertionError(f"{row} is taken back and was not out")
        return sorted(sums.elements())


def compare(context, world, query, oracle=None):
    """A query's answers, at every batch size, with DuckDB's, which may be asked in other words."""
    expected = world.expected(oracle or query)
    for rows in (1, 7, 2048):
        for how in (world.asked, world.run):
            try:
                got = how(query, rows)
                why = f"got {got[:5]} …, expected {expected[:5]} …"
            except AssertionError as error:
                got, why = None, error
            context.check(f"{how.__name__} {rows}: {query}", got == expected, f"{query}\n{why}")


def run(context):
    try:
        import duckdb
    except ImportError as missing:
        context.skip("all", f"{missing}")
        return
    rng = random.Random(7)
    for number in range(10 if context.full else 2):
        world = World(context, duckdb, rng, number)
        joins = [random_join(rng.choice) for _ in range(40 if context.full else 20)]
        for query in QUERIES + joins:
            compare(context, world, query)
