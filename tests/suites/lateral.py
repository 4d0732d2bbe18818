"""LATERAL over random small tables with nulls: the answer of `weir sql`, and the sum of the changes that `weir run` prints, are
DuckDB's, at every batch size; Postgres' for those nested to three levels, where DuckDB loses aggregates of nothing. What is computed from the row alone keeps its event time."""

import random

import postgres
from suites.changes import COLUMNS, TABLES, World, compare, plain

QUERIES = """
SELECT a.k, a.v, x.v FROM a, LATERAL (SELECT v FROM b WHERE b.k = a.k ORDER BY v DESC LIMIT 2) AS x
SELECT a.k, a.v, x.v FROM a LEFT JOIN LATERAL (SELECT v FROM b WHERE b.k = a.k ORDER BY v DESC LIMIT 1) AS x ON true
SELECT a.k, a.v, x.v FROM a LEFT JOIN LATERAL (SELECT v FROM b WHERE b.k = a.k ORDER BY v LIMIT 2 OFFSET 1) AS x ON true
SELECT a.k, a.v, x.n, x.m FROM a CROSS JOIN LATERAL (SELECT count(*) AS n, max(v) AS m FROM b WHERE b.k = a.k AND b.v < a.v) AS x
SELECT a.k, a.v, x.j, x.n FROM a, LATERAL (SELECT j, count(*) AS n FROM b WHERE b.k = a.k GROUP BY j) AS x
SELECT a.k, a.v, x.w FROM a JOIN LATERAL (SELECT b.v + a.v AS w FROM b WHERE b.k = a.k) AS x ON x.w > 10
SELECT a.k, a.v, x.w FROM a LEFT JOIN LATERAL (SELECT b.v + a.v AS w FROM b WHERE b.k = a.k) AS x ON x.w > 10
SELECT a.k, x.w, y.z FROM a, LATERAL (SELECT a.v + 1 AS w) AS x, LATERAL (SELECT x.w * 2 AS z) AS y
SELECT a.k, x.w FROM a, LATERAL (VALUES (a.v), (a.j)) AS x(w)
SELECT a.k, x.w FROM a, LATERAL (SELECT a.v AS w UNION ALL SELECT a.j) AS x WHERE x.w > 2
SELECT a.k, x.w FROM a LEFT JOIN LATERAL (SELECT a.v AS w UNION ALL SELECT a.j) AS x ON x.w > 2
SELECT a.k, x.w FROM a, LATERAL (SELECT a.v AS w UNION ALL SELECT b.v FROM b WHERE b.k = a.k) AS x
SELECT a.k, x.w FROM a, LATERAL (SELECT a.v AS w UNION SELECT b.v FROM b WHERE b.k = a.k) AS x
SELECT a.k, x.w FROM a, LATERAL (SELECT DISTINCT b.v AS w FROM b WHERE b.j > a.j) AS x
SELECT a.k, x.i FROM a, LATERAL (SELECT unnest(ARRAY[a.v, a.j]) AS i) AS x
SELECT a.k, x.k, y.v FROM a LEFT JOIN b AS x ON a.k = x.k, LATERAL (SELECT v FROM c WHERE c.k = x.k AND c.v > a.v) AS y
SELECT a.k, y.n FROM a, LATERAL (SELECT sum(x.v) AS n FROM b, LATERAL (SELECT c.v FROM c WHERE c.k = b.k AND c.j = a.j) AS x WHERE b.j = a.j) AS y
SELECT a.k, (SELECT max(y.v) FROM b, LATERAL (SELECT c.v FROM c WHERE c.k = b.k AND c.v > a.v) AS y) AS m FROM a
SELECT a.k, a.v FROM a WHERE EXISTS (SELECT 1 FROM b, LATERAL (SELECT c.v FROM c WHERE c.k = b.k) AS x WHERE b.j = a.j AND x.v > a.v)
SELECT a.k, sum(x.n) AS s FROM a, LATERAL (SELECT count(*) AS n FROM b WHERE b.k = a.k) AS x GROUP BY a.k
SELECT g.k, g.n, x.v FROM (SELECT k, count(*) AS n FROM a GROUP BY k) AS g, LATERAL (SELECT v FROM b WHERE b.k = g.k ORDER BY v LIMIT 1) AS x
SELECT g.k, x.w FROM (SELECT k, count(*) AS n FROM a GROUP BY k) AS g, LATERAL (SELECT g.n + 1 AS w) AS x
SELECT a.k, x.v, x.r FROM a, LATERAL (SELECT b.v, row_number() OVER (ORDER BY b.v, b.j, b.s) AS r FROM b WHERE b.k = a.k) AS x
SELECT a.k, x.v FROM a, LATERAL (SELECT b.v FROM b LEFT JOIN c ON b.k = c.k AND c.v > a.v WHERE c.k IS NULL) AS x
SELECT a.k, x.v FROM a, LATERAL (SELECT b.v FROM b WHERE b.k IN (SELECT c.k FROM c WHERE c.j = a.j)) AS x
SELECT k, v, w FROM a JOIN LATERAL (SELECT b.k, b.v AS w FROM b WHERE b.j = a.j) AS x USING (k)
SELECT a.k, (SELECT min(v) FROM b WHERE b.k = a.k AND b.j NOT IN (SELECT j FROM c)) AS m FROM a
SELECT a.k, (SELECT count(*) FROM b WHERE b.k = a.k AND b.j NOT IN (SELECT j FROM c WHERE c.k = b.k)) AS m FROM a
SELECT a.k, x.v FROM a, LATERAL (SELECT b.v FROM b WHERE b.v > a.v AND b.j NOT IN (SELECT j FROM c WHERE v > 2)) AS x
SELECT a.k, x.c FROM a, LATERAL (SELECT count(*) AS c FROM b) AS x
SELECT a.k, x.n FROM a, LATERAL (WITH t AS (SELECT v, j FROM b WHERE b.k = a.k) SELECT sum(v) AS n FROM t WHERE j > 1) AS x
SELECT a.k, (WITH t AS (SELECT v FROM b WHERE b.k = a.k AND b.v < a.v), u AS (SELECT v FROM t WHERE v > 0) SELECT count(*) FROM u) AS n FROM a
WITH w AS (SELECT a.k, x.v FROM a, LATERAL (SELECT v FROM b WHERE b.k = a.k ORDER BY v LIMIT 1) AS x) SELECT w.k, w.v, c.v AS cv FROM w JOIN c ON c.k = w.k
SELECT a.k, a.v, b.v FROM a JOIN b ON a.k = b.k AND b.v = (SELECT max(v) FROM c WHERE c.k = b.k)
SELECT a.k, a.v, b.v FROM a JOIN b ON a.k = b.k AND EXISTS (SELECT 1 FROM c WHERE c.k = a.k AND c.v > b.v)
SELECT a.k, a.v, b.v FROM a LEFT JOIN b ON a.k = b.k AND b.v < (SELECT max(v) FROM c WHERE c.k = b.k)
SELECT a.k, a.v, b.v FROM a LEFT JOIN b ON a.k = b.k AND a.v < (SELECT max(v) FROM c WHERE c.j = a.j) AND b.v IN (SELECT v FROM c)
SELECT a.k, a.v, b.v FROM a RIGHT JOIN b ON a.k = b.k AND a.j IN (SELECT j FROM c WHERE c.k = a.k)
SELECT a.k, a.v, b.v FROM a FULL JOIN b ON a.k = b.k AND EXISTS (SELECT 1 FROM c WHERE c.k = b.k AND c.v <> b.v) AND a.v > (SELECT min(v) FROM c)
SELECT a.k, a.v FROM a SEMI JOIN b ON a.k = b.k AND b.v > ALL (SELECT v FROM c WHERE c.k = b.k)
SELECT a.k, a.v FROM a ANTI JOIN b ON a.k = b.k AND b.v = (SELECT max(v) FROM c WHERE c.k = b.k)
SELECT g.k, g.n, b.v FROM (SELECT k, count(*) AS n FROM a GROUP BY k) AS g LEFT JOIN b ON g.k = b.k AND g.n >= (SELECT count(*) FROM c WHERE c.k = g.k)
SELECT a.k, (SELECT count(*) FROM b LEFT JOIN c ON c.k = b.k AND c.v > (SELECT min(v) FROM a AS z WHERE z.k = a.k) WHERE b.j = a.j) AS n FROM a
""".strip().splitlines()

# What DuckDB says in other words.
OTHERS = [("SELECT a.k, i FROM a, LATERAL generate_series(1, a.j) AS g(i)", "SELECT a.k, unnest(generate_series(1, a.j)) AS i FROM a"),
          ("SELECT a.k, i FROM a, LATERAL (SELECT i FROM generate_series(1, a.j) AS g(i) WHERE i > 1) AS x",
           "SELECT k, i FROM (SELECT a.k, unnest(generate_series(1, a.j)) AS i FROM a) WHERE i > 1"),
          ("SELECT a.k, i FROM a LEFT JOIN generate_series(1, a.j) AS g(i) ON i > 1",
           "SELECT a.k, x.i FROM a LEFT JOIN (SELECT DISTINCT j, unnest(generate_series(1, j)) AS i FROM a) AS x ON a.j IS NOT DISTINCT FROM x.j AND x.i > 1"),
          ("SELECT a.k, i FROM a LEFT JOIN LATERAL unnest(ARRAY[a.v, a.j]) AS x(i) ON i > 2",
           "SELECT a.k, x.i FROM a LEFT JOIN LATERAL (SELECT unnest([a.v, a.j]) AS i) AS x ON x.i > 2"),
          ("SELECT a.k, x.w FROM a SEMI JOIN LATERAL (SELECT b.v AS w FROM b WHERE b.k = a.k) AS y ON y.w > a.v, LATERAL (SELECT a.v AS w) AS x",
           "SELECT a.k, a.v FROM a WHERE EXISTS (SELECT 1 FROM b WHERE b.k = a.k AND b.v > a.v)"),
          # ASOF over what depends on the left side: one row for each.
          ("SELECT a.k, a.v, x.v FROM a ASOF JOIN LATERAL (SELECT k, v FROM b WHERE b.j = a.j) AS x ON a.k = x.k AND a.v >= x.v",
           "SELECT * FROM (SELECT a.k, a.v, (SELECT max(v) FROM b WHERE b.j = a.j AND b.k = a.k AND b.v <= a.v) AS m FROM a) WHERE m IS NOT NULL"),
          ("SELECT a.k, a.v, x.v FROM a ASOF LEFT JOIN LATERAL (SELECT v + a.j AS v FROM b WHERE b.k = a.k) AS x ON a.v < x.v",
           "SELECT a.k, a.v, (SELECT min(b.v + a.j) FROM b WHERE b.k = a.k AND b.v + a.j > a.v) AS m FROM a")]


def random_query(choose):
    """Nested to three levels: what an inner level sees, it may use."""
    def inner(table, seen, depth):
        outer = choose(seen)
        condition = choose([f"{table}.k = {outer}.k", f"{table}.k = {outer}.k", f"{table}.j = {outer}.j AND {table}.v > {outer}.v",
                            f"{table}.k IS NOT DISTINCT FROM {outer}.k", f"{table}.v < {outer}.v"])
        source, column = table, f"{table}.v"
        if depth:
            deeper = inner(choose("abc"), seen + [table], depth - 1).replace(" AS m", " AS v")
            source, column = f"{table} {choose([',', 'CROSS JOIN'])} LATERAL ({deeper}) AS d{depth}", f"{table}.v + d{depth}.v"
        return choose([f"SELECT {column} AS m FROM {source} WHERE {condition}",
                       f"SELECT {column} AS m FROM {source} WHERE {condition} ORDER BY 1 LIMIT 2",
                       f"SELECT {'sum' if depth else 'max'}({column}) AS m FROM {source} WHERE {condition}",
                       f"SELECT count(*) AS m FROM {source} WHERE {condition} AND {choose(seen)}.v > 3",
                       f"SELECT DISTINCT {column} AS m FROM {source} WHERE {condition}"])
    kind = choose([", LATERAL ({}) AS x", " CROSS JOIN LATERAL ({}) AS x", " LEFT JOIN LATERAL ({}) AS x ON true",
                   " LEFT JOIN LATERAL ({}) AS x ON x.m > t.v", " JOIN LATERAL ({}) AS x ON x.m > 3"])
    return "SELECT t.k, t.v, x.m FROM a AS t" + kind.format(inner(choose("bc"), ["t"], choose([0, 0, 1, 2])))


TIMED = """CREATE TABLE t (at TIMESTAMP NOT NULL, v BIGINT, w BIGINT, WATERMARK FOR at) WITH (connector = 'file', path = '{}', format = 'csv');
SELECT tumble(INTERVAL '10 seconds').start AS s, sum(x.y) AS y FROM t, LATERAL ({}) AS x(y) GROUP BY tumble(INTERVAL '10 seconds')"""


def rules(context):
    path = context.write("timed.csv", "at,v,w\n2024-01-01 00:00:01,1,2\n2024-01-01 00:00:11,3,\n")
    for name, query in {"projection": "SELECT v + coalesce(w, 0)", "union": "VALUES (v), (w)", "unnest": "SELECT unnest(ARRAY[v, w])"}.items():
        got = context.run("run", context.write("program.sql", TIMED.format(path, query) + ";"), "-o", "csv")
        context.check(name, got.stdout == b"s,y\n2024-01-01 00:00:00,3\n2024-01-01 00:00:10,3\n", f"{got.stdout} {got.stderr.decode()}")
    for join in ("RIGHT", "FULL"):
        got = context.run("sql", f"SELECT * FROM (VALUES (1)) AS t(a) {join} JOIN LATERAL (SELECT t.a + 1) AS x ON true")
        context.check(join, got.returncode == 2 and b"WEIR-2020" in got.stderr and b"1:" in got.stderr, got.stderr.decode())
    got = context.run("sql", "SELECT * FROM (VALUES (1)) AS t(a), (SELECT t.a) AS x")
    context.check("no LATERAL", got.returncode == 2 and b"WEIR-2003" in got.stderr, got.stderr.decode())


class Nested:
    """A world's tables in Postgres too."""

    def __init__(self, server, world):
        self.world, self.asked, self.run, self.server = world, world.asked, world.run, server
        for table in TABLES:
            rows = world.duck.execute(f"SELECT * FROM {table}").fetchall()
            values = ", ".join("(" + ", ".join("NULL" if value is None else repr(value) for value in row) + ")" for row in rows)
            kinds = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
            server.psql(f"DROP TABLE IF EXISTS {table}; CREATE TABLE {table} ({kinds});" + (f"INSERT INTO {table} VALUES {values};" if rows else ""))

    def expected(self, query):
        return sorted(tuple(map(plain, row)) for row in self.server.rows(query))


def nested(context, server, worlds, rng):
    if server is None:
        context.skip("nested", postgres.reason())
        return
    for world in worlds:
        both = Nested(server, world)
        for _ in range(60 if context.full else 15):
            compare(context, both, random_query(rng.choice))


def run(context):
    rules(context)
    try:
        import duckdb
    except ImportError as missing:
        context.skip("all", f"{missing}")
        return
    rng = random.Random(13)
    worlds = [World(context, duckdb, rng, number) for number in range(8 if context.full else 2)]
    for world in worlds:
        for query in QUERIES:
            compare(context, world, query)
        for query, oracle in OTHERS:
            compare(context, world, query, oracle)
    with postgres.start() as server:
        nested(context, server, worlds, rng)
