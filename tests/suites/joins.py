"""ASOF joins and joins with versions of a table over random tables with nulls and disorder within the watermark, over one to
five splits: the answer of `weir sql`, and what `weir run` writes, once, are DuckDB's, at every batch size."""

import csv
import datetime
import io
import json
import random

from suites import changes, lookups

FIRST = datetime.datetime(2024, 1, 1)
SIZES = (1, 7, 2048)
DDL = ("CREATE TABLE {0} (at TIMESTAMP NOT NULL, k BIGINT, v BIGINT{1}, WATERMARK FOR at AS at - INTERVAL '4 seconds') "
       "WITH (connector = 'file', path = '{2}', format = 'csv');\n")
COLUMNS = "l.at AS a, l.k, l.v, r.at AS b, r.k AS rk, r.v AS rv"


def rows(rng, versions, keys):
    """Late by less than the watermark waits; versions of a key are at different times, so that one of them is the answer."""
    now, seen, out = 0, set(), []
    for _ in range(rng.choice([0, 1, 20, 200])):
        now += rng.choice([0, 200, 900, 2500])
        at, key = max(0, now - rng.randrange(3900)), rng.choice(keys)
        while versions and (at, key) in seen:
            at += 1
        seen.add((at, key))
        out.append(f"{FIRST + datetime.timedelta(milliseconds=at):%Y-%m-%d %H:%M:%S.%f},{key},{rng.randrange(20)}")
    return out


def split(context, rng, table, lines):
    """The lines over files of very different sizes, in their order; the pattern that reads them all."""
    parts = [[] for _ in range(rng.choice([1, 1, 2, 5]))]
    for line in lines:
        parts[min(int(rng.expovariate(1)), len(parts) - 1)].append(line)
    for number in range(5):
        context.write(f"{table}{number}.csv", "\n".join(["at,k,v"] + (parts[number] if number < len(parts) else [])) + "\n")
    return context.directory / f"{table}?.csv"


def plain(value):
    if value is None:
        return ""
    text = str(value)
    return datetime.datetime.fromisoformat(text).isoformat() if len(text) >= 19 and text[4] == "-" else text


def answer(text):
    return sorted(tuple(map(plain, row)) for row in list(csv.reader(io.StringIO(text)))[1:])


def choose(rng, temporal):
    """A query for weir, and for DuckDB."""
    operator, kind = rng.choice(["<", "<=", ">", ">="]), rng.choice(["", "LEFT "])
    key = rng.choice(["l.k = r.k AND ", "l.k = r.k AND ", "l.k IS NOT DISTINCT FROM r.k AND ", "l.k + 1 = r.k AND "])
    where = rng.choice(["", " WHERE l.v > 5", " WHERE r.v > 5", " WHERE r.v IS NULL OR l.v < r.v"])
    if temporal:
        versions = f"SELECT {COLUMNS} FROM l {kind}JOIN r FOR SYSTEM_TIME AS OF l.at ON l.k = r.k{where}"
        return versions, f"SELECT {COLUMNS} FROM l ASOF {kind}JOIN r ON l.k = r.k AND l.at >= r.at{where}"
    query = f"SELECT {COLUMNS} FROM l ASOF {kind}JOIN r ON {key}l.at {operator} r.at{where}"
    return query, query


def matches(context, duckdb):
    rng = random.Random(11)
    for number in range(120 if context.full else 15):
        duck, ddl, temporal = duckdb.connect(), "", number % 3 == 0
        for table in "lr":
            keys = [1, 2, 3] if temporal else [1, 2, 3, ""]
            path = split(context, rng, table, rows(rng, table == "r", keys))
            duck.execute(f"CREATE TABLE {table} AS SELECT * FROM read_csv('{path}', header = true, "
                         "columns = {'at': 'TIMESTAMP', 'k': 'BIGINT', 'v': 'BIGINT'})")
            ddl += DDL.format(table, ", PRIMARY KEY (k)" if temporal and table == "r" else "", path)
        query, oracle = choose(rng, temporal)
        expected = sorted(tuple(map(plain, row)) for row in duck.execute(oracle).fetchall())
        program = context.write("program.sql", f"{ddl}{query};\n")
        for size in SIZES:
            for command in (["sql", "-f", program], ["run", program]):
                got = context.run(*command, "-o", "csv", "-D", f"batch_rows={size}")
                out = answer(got.stdout.decode()) if got.returncode == 0 else got.stderr.decode()
                context.check(f"{number}: {command[0]} {size}", out == expected, f"{query}\ngot {out[:3]}, expected {expected[:3]}")


def in_windows(context, duckdb):
    """The event time of a pair is the later one of the two: windows above close by it."""
    rng = random.Random(12)
    for number in range(20 if context.full else 4):
        duck, ddl = duckdb.connect(), ""
        for table in "lr":
            path = split(context, rng, table, rows(rng, table == "r", [1, 2]))
            duck.execute(f"CREATE TABLE {table} AS SELECT * FROM read_csv('{path}', header = true, "
                         "columns = {'at': 'TIMESTAMP', 'k': 'BIGINT', 'v': 'BIGINT'})")
            ddl += DDL.format(table, "", path)
        for operator in (">=", "<="):
            join = f"l ASOF JOIN r ON l.k + 0 = r.k AND l.at {operator} r.at"
            expected = sorted(tuple(map(plain, row)) for row in duck.execute(
                f"SELECT time_bucket(INTERVAL '5 seconds', greatest(l.at, r.at)) AS s, count(*), sum(l.v + r.v) FROM {join} GROUP BY 1").fetchall())
            program = context.write("program.sql", f"{ddl}SELECT tumble(INTERVAL '5 seconds').start AS s, count(*) AS n, sum(l.v + r.v) AS v FROM {join} "
                                                   "GROUP BY tumble(INTERVAL '5 seconds');\n")
            for size in SIZES:
                got = context.run("run", program, "-o", "csv", "-D", f"batch_rows={size}")
                out = answer(got.stdout.decode()) if got.returncode == 0 else got.stderr.decode()
                context.check(f"windows {number} {operator} {size}", out == expected, f"got {out[:3]}, expected {expected[:3]}")


VERSIONS = {
    "debezium": ("CREATE TABLE r (k BIGINT PRIMARY KEY, v BIGINT, at TIMESTAMP(3) METADATA FROM 'ts_ms', WATERMARK FOR at AS at - INTERVAL '4 seconds') "
                 "WITH (connector = 'file', path = '{}', format = 'debezium_json');\n"),
    "op-column": ("CREATE TABLE r (k BIGINT PRIMARY KEY, v BIGINT, at TIMESTAMP, WATERMARK FOR at AS at - INTERVAL '4 seconds') "
                  "WITH (connector = 'file', path = '{}', format = 'json', changelog = 'op-column');\n"),
    "upsert": ("CREATE TABLE r (k BIGINT PRIMARY KEY, v BIGINT, at TIMESTAMP, WATERMARK FOR at AS at - INTERVAL '4 seconds') "
               "WITH (connector = 'file', path = '{}', format = 'json', upsert = 'true');\n")}


def event(form, time, key, value):
    """A change as a line; value None: the row goes."""
    stamp = f"{FIRST + datetime.timedelta(milliseconds=time):%Y-%m-%dT%H:%M:%S.%f}"
    if form == "debezium":
        ms = int((FIRST - datetime.datetime(1970, 1, 1)).total_seconds() * 1000) + time
        row = {"k": key} if value is None else {"k": key, "v": value}
        return {"before": row if value is None else None, "after": None if value is None else row, "op": "d" if value is None else "u", "ts_ms": ms}
    return {"_op": "-", "k": key, "at": stamp} if value is None else {"_op": "+", "k": key, "v": value, "at": stamp} if form == "op-column" else {
        "k": key, "v": value, "at": stamp}


def versions_of_changes(context):
    """Versions are the changes of a table, each from its time on, to the next one of its key; of two at the same time the later one."""
    rng = random.Random(23)
    for number in range(30 if context.full else 6):
        form = list(VERSIONS)[number % 3]
        changes, now = [], 0
        for _ in range(rng.choice([0, 5, 150])):
            now += rng.choice([0, 400, 2500])
            value = None if rng.random() < 0.3 and form != "upsert" else rng.randrange(100)
            changes.append((max(0, now - rng.randrange(3900)), rng.randrange(4), value))
        lines, now = [], 0
        for _ in range(rng.choice([1, 30, 150])):
            now += rng.choice([0, 400, 2500])
            lines.append((max(0, now - rng.randrange(3900)), rng.randrange(5), rng.randrange(20)))
        context.write("versions.json", "".join(json.dumps(event(form, *change)) + "\n" for change in changes))
        stamp = lambda ms: FIRST + datetime.timedelta(milliseconds=ms)
        context.write("asking.csv", "at,k,v\n" + "".join(f"{stamp(t):%Y-%m-%d %H:%M:%S.%f},{k},{v}\n" for t, k, v in lines))

        def version(time, key):
            known = sorted((t, i, v) for i, (t, k, v) in enumerate(changes) if k == key and t <= time)
            return known[-1][2] if known else None

        pairs = [(t, k, v, version(t, k)) for t, k, v in lines]
        only = lambda meets: [(t, k, v, rv if rv is not None and meets(v, rv) else None) for t, k, v, rv in pairs]
        last = {k: max(t for t, key, _ in lines if key == k) for _, k, _ in lines}
        ddl = DDL.format("l", "", context.directory / "asking.csv") + VERSIONS[form].format(context.directory / "versions.json")
        asked = [("SELECT l.at, l.k, l.v, r.v AS rv FROM l LEFT JOIN r FOR SYSTEM_TIME AS OF l.at ON l.k = r.k", pairs),
                 ("SELECT l.at, l.k, l.v, r.v AS rv FROM l JOIN r FOR SYSTEM_TIME AS OF l.at ON l.k = r.k WHERE r.v > 20", [p for p in pairs if p[3] is not None and p[3] > 20]),
                 # What else ON says is asked of the version that there was, and of no other.
                 ("SELECT l.at, l.k, l.v, r.v AS rv FROM l LEFT JOIN r FOR SYSTEM_TIME AS OF l.at ON l.k = r.k AND r.v > 20", only(lambda v, rv: rv > 20)),
                 ("SELECT l.at, l.k, l.v, r.v AS rv FROM l JOIN r FOR SYSTEM_TIME AS OF l.at ON l.k = r.k AND r.v = l.v", [p for p in pairs if p[3] == p[2]]),
                 ("SELECT l.at, l.k, l.v, r.v AS rv FROM l LEFT JOIN r FOR SYSTEM_TIME AS OF l.at ON l.v > 7 AND r.v % 3 <> l.v % 3 AND l.k = r.k",
                  only(lambda v, rv: v > 7 and rv % 3 != v % 3)),
                 ("SELECT l.at, l.k, l.v, r.v AS rv FROM l LEFT JOIN r FOR SYSTEM_TIME AS OF l.at ON l.k = r.k AND r.v - l.v NOT IN (SELECT z.v FROM l z)",
                  only(lambda v, rv: rv - v not in {value for _, _, value in lines})),
                 # A left side that is updated: what is left of it in the end.
                 ("SELECT l.at, l.k, l.n, r.v AS rv FROM (SELECT k, max(at) AS at, count(*) AS n FROM l GROUP BY k) l LEFT JOIN r FOR SYSTEM_TIME AS OF l.at ON l.k = r.k",
                  [(t, k, sum(key == k for _, key, _ in lines), version(t, k)) for k, t in last.items()])]
        for query, rows in asked:
            expected = sorted((plain(stamp(t)), plain(k), plain(v), plain(rv)) for t, k, v, rv in rows)
            program = context.write("program.sql", f"{ddl}{query};\n")
            for size in SIZES:
                for command in (["sql", "-f", program], ["run", program]):
                    got = context.run(*command, "-o", "csv", "-D", f"batch_rows={size}")
                    out = answer(got.stdout.decode()) if got.returncode == 0 else got.stderr.decode()
                    if got.stdout.startswith(b"_op,"):
                        out, worst = lookups.summed(got.stdout.decode(), plain)
                        out = out if worst == 0 else f"a sum of {worst}"
                    context.check(f"changes {number} {form}: {command[0]} {size}", out == expected and b"late" not in got.stderr,
                                  f"{query}\ngot {out[:3]}, expected {expected[:3]} {got.stderr.decode()}")


TIES = "SELECT l.t, r.v FROM (VALUES (1), (5)) l(t) ASOF LEFT JOIN (VALUES (2, 9), (2, 7), (2, 8)) r(t, v) ON l.t >= r.t"
BROKEN = {
    "no comparison": ("l ASOF JOIN r ON l.k = r.k", b"compares a time of the left side"),
    "two comparisons": ("l ASOF JOIN r ON l.at >= r.at AND l.v > r.v", b"not several"),
    "two times": ("l ASOF JOIN r ON l.k = r.k AND l.at >= r.at AND l.at < r.at", b"IS TRUE"),
    "texts": ("(SELECT CAST(v AS TEXT) AS s FROM l) x ASOF JOIN (SELECT CAST(v AS TEXT) AS s FROM r) y ON x.s >= y.s", b"times or integers"),
    "no key": ("l JOIN r FOR SYSTEM_TIME AS OF l.at ON l.k = r.k", b"needs a table with a PRIMARY KEY"),
    "not the key": ("l JOIN p FOR SYSTEM_TIME AS OF l.at ON l.k = p.v", b"whole PRIMARY KEY"),
    "right": ("l RIGHT JOIN p FOR SYSTEM_TIME AS OF l.at ON l.k = p.k", b"neither inner nor left"),
    "updating, no end": ("f ASOF JOIN (SELECT k, max(at) AS at FROM r GROUP BY k) x ON x.k = f.k AND f.at >= x.at", b"aggregate by a window of the event time"),
    "no end": ("(SELECT counter FROM i) x ASOF JOIN (SELECT counter FROM i) y ON x.counter >= y.counter", b"WATERMARK FOR"),
}


def rules(context):
    got = context.run("sql", TIES + " ORDER BY 1", "-o", "csv")
    context.check("ties", got.stdout == b"t,v\n1,\n5,7\n", f"{got.stdout} {got.stderr}")
    path = context.write("some.csv", "at,k,v\n")
    ddl = DDL.format("l", "", path) + DDL.format("r", "", path) + DDL.format("p", ", PRIMARY KEY (k)", path)
    ddl += "CREATE TABLE i WITH (connector = 'impulse');\n" + DDL.format("f", "", path).replace("format = 'csv'", "format = 'csv', follow = 'true'")
    for name, (join, message) in BROKEN.items():
        got = context.run("run", context.write("program.sql", f"{ddl}SELECT * FROM {join};\n"))
        context.check(name, got.returncode == 2 and message in got.stderr, got.stderr.decode())
    bound = context.run("sql", "-f", context.write("program.sql", f"{ddl}EXPLAIN STATE SELECT l.k FROM l ASOF JOIN r ON l.k = r.k AND l.at >= r.at;\n"))
    context.check("state", b"freed when the watermark" in bound.stdout and b"k = k" in bound.stdout, f"{bound.stdout} {bound.stderr}")


def truncates(context):
    """A truncate is no version of any key, a delete without its time of none."""
    ddl = DDL.format("l", "", context.write("asking.csv", "at,k,v\n")) + VERSIONS["debezium"].format(context.directory / "versions.json")
    for line in ('{"before":null,"after":null,"op":"t","ts_ms":1704067200000}', '{"before":{"k":1},"after":null,"op":"d"}'):
        context.write("versions.json", line + "\n")
        got = context.run("run", context.write("program.sql", ddl + "SELECT l.at, r.v FROM l JOIN r FOR SYSTEM_TIME AS OF l.at ON l.k = r.k;\n"))
        context.check(line, got.returncode == 1 and b"WEIR-3006" in got.stderr, f"{got.returncode} {got.stderr.decode()}")


def memory(context):
    """Versions that no row asks for any more are freed; what cannot be freed ends by the limit, with the operator's name."""
    lines = [f"{FIRST + datetime.timedelta(seconds=n):%Y-%m-%d %H:%M:%S},{n % 10},{n}" for n in range(200_000)]
    path = context.write("long.csv", "\n".join(["at,k,v"] + lines) + "\n")
    join = "SELECT count(*) AS n FROM l ASOF JOIN r ON l.k = r.k AND l.at {} r.at"
    ddl = DDL.format("l", "", path) + DDL.format("r", "", path)
    timed = context.run("run", context.write("program.sql", ddl + join.format(">=") + ";\n"), "-D", "memory_limit=16 MB", "-o", "csv")
    context.check("bounded", timed.returncode == 0 and b"200000" in timed.stdout, f"{timed.stdout[-80:]} {timed.stderr.decode()}")
    whole = ddl.replace(", WATERMARK FOR at AS at - INTERVAL '4 seconds'", "")
    full = context.run("run", context.write("program.sql", whole + join.format(">=") + ";\n"), "-D", "memory_limit=16 MB", "-o", "csv")
    context.check("limit", full.returncode == 3 and b"JOIN #" in full.stderr, f"{full.returncode} {full.stderr.decode()}")


def explosion(context):
    """Every row with every other: pairs go through in little memory, at every batch size; who keeps them all is named."""
    ddl = "CREATE TABLE {0} (n BIGINT, k BIGINT GENERATED ALWAYS AS (n % 1)) WITH (connector = 'generator', rows = '1500', 'n.kind' = 'sequence');\n"
    ddl = ddl.format("l") + ddl.format("r")
    for rows in (1, 7, 2048):
        got = context.run("run", context.write("program.sql", ddl + "SELECT count(*) AS n FROM l JOIN r ON l.k = r.k WHERE l.n + r.n > 10 ORDER BY n;\n"),
                          "-D", "memory_limit=16 MB", "-D", f"batch_rows={rows}", "-o", "csv")
        context.check(f"pairs at {rows}", got.returncode == 0 and got.stdout == b"n\n2249934\n", f"{got.stdout} {got.stderr.decode()}")
        got = context.run("run", context.write("program.sql", ddl + "SELECT a, b, count(*) AS n FROM (SELECT l.n AS a, r.n AS b FROM l JOIN r ON l.k = r.k) GROUP BY a, b;\n"),
                          "-D", "memory_limit=16 MB", "-D", f"batch_rows={rows}", "-o", "csv")
        context.check(f"pairs kept at {rows}", got.returncode == 3 and b"AGGREGATE #" in got.stderr, f"{got.returncode} {got.stderr.decode()[:300]}")


def bytes_of_rows(context):
    """A million rows of 64 bytes with keys of their own, spread or in a row, and of 56 with a text of 24: 1.5 times that and 56 bytes each at
    most, with all that is needed to find them."""
    if b"__asan_init" in open(context.weir, "rb").read():
        context.skip("bytes of rows", "AddressSanitizer keeps every text apart")
        return
    numbers, texts = [f"{name} BIGINT" for name in "abcdefg"], ["t TEXT", "a BIGINT", "b BIGINT", "c BIGINT"]
    for columns, payload, step in ((numbers, 64, 2654435761), (numbers, 64, 1), (texts, 56, 2654435761)):
        sums = ", ".join(f"sum(length({c[0]}))" if "TEXT" in c else f"sum({c[0]})" for c in columns)
        options = ", 't.length' = '24'" if columns is texts else ""
        program = context.write("program.sql", f"CREATE TABLE l (n BIGINT, {', '.join(columns)}, k BIGINT GENERATED ALWAYS AS (n * {step})) "
                                f"WITH (connector = 'generator', rows = '1000000', 'n.kind' = 'sequence'{options});\n"
                                f"CREATE TABLE r (n BIGINT, k BIGINT GENERATED ALWAYS AS (n * {step})) WITH (connector = 'generator', rows = '10', 'n.kind' = 'sequence');\n"
                                f"SELECT count(*) AS n, {sums} FROM l JOIN r ON l.k = r.k;\n")
        got = context.run("run", program, "-o", "csv", "-D", f"memory_limit={1_000_000 * (payload * 3 // 2 + 56)}")
        context.check(f"bytes a row of {payload}, {step}", got.returncode == 0 and b"10," in got.stdout, f"{got.stdout} {got.stderr}")


CHAINS = [("a.k = c.k AND b.j = c.j", 3, True), ("b.k = c.k", 3, False), ("a.k = c.k AND b.v < c.v", 3, False), ("a.k = d.k AND b.k = d.k AND c.j = d.j", 4, True),
          ("a.k = c.k AND b.j = d.j AND c.v = d.v", 4, True), ("a.k = d.k AND b.j = c.j AND a.v < b.v", 4, False), ("c.k = a.k AND d.k IS NOT DISTINCT FROM c.j AND b.v = a.v", 4, True)]


def order(context, duckdb):
    """What an equality connects is joined by it, wherever it stands in FROM; the answer is the same."""
    rng = random.Random(17)
    for number in range(6 if context.full else 2):
        world = changes.World(context, duckdb, rng, number)
        for condition, count, connected in CHAINS:
            tables = ["a", "b", "c", "a AS d"][:count]
            query = f"SELECT {', '.join(t[-1] + '.v AS ' + t[-1] + 'v' for t in tables)}, c.s FROM {', '.join(tables)} WHERE {condition} AND a.v > 12 AND b.v > 8"
            changes.compare(context, world, query)
            plan = context.run("sql", world.ddl + "EXPLAIN " + query).stdout.decode()
            products = len([line for line in plan.splitlines() if "JOIN inner" in line and " on " not in line])
            context.check(f"order {condition}", products == (0 if connected else 1), plan)


# Subqueries in ON, over the left side's columns or none: as if they were columns of the left side.
BESIDE = [
    ("a ASOF {kind}JOIN b ON b.k = (SELECT min(c.k) FROM c WHERE c.j = a.j) AND a.v >= b.v",
     "(SELECT *, (SELECT min(c.k) FROM c WHERE c.j = a.j) AS x FROM a) a ASOF {kind}JOIN b ON b.k = a.x AND a.v >= b.v"),
    ("a ASOF {kind}JOIN b ON b.k = a.k AND a.v - (SELECT count(*) FROM c WHERE c.k = a.k) >= b.v",
     "(SELECT *, v - (SELECT count(*) FROM c WHERE c.k = a.k) AS x FROM a) a ASOF {kind}JOIN b ON b.k = a.k AND a.x >= b.v"),
    ("a ASOF {kind}JOIN b ON b.k = (SELECT max(k) FROM c) AND a.v <= b.v",
     "(SELECT *, (SELECT max(k) FROM c) AS x FROM a) a ASOF {kind}JOIN b ON b.k = a.x AND a.v <= b.v"),
    ("a ASOF {kind}JOIN b ON b.k = CASE WHEN a.j IN (SELECT j FROM c) THEN a.k ELSE a.j END AND a.v > b.v",
     "(SELECT *, CASE WHEN j IN (SELECT j FROM c) THEN k ELSE j END AS x FROM a) a ASOF {kind}JOIN b ON b.k = a.x AND a.v > b.v"),
    # What may be found besides: the closest row that meets it.
    ("a ASOF {kind}JOIN b ON b.k = a.k AND a.v >= b.v AND b.j <> a.j", None),
    ("a ASOF {kind}JOIN b ON b.j IN (1, 2, 5) AND b.k = a.k AND a.v < b.v", None),
    ("a ASOF {kind}JOIN b ON b.k = a.k AND a.v >= b.v AND a.j > 2", None),
    ("a ASOF {kind}JOIN b ON b.k = a.k AND a.v >= b.v AND (a.j > 2 OR b.j IS NULL) AND abs(b.j - a.j) < 3", None),
    ("a ASOF {kind}JOIN b ON b.k = a.k AND a.v >= b.v AND b.j IN (SELECT j FROM c) AND a.j IN (SELECT k FROM c)",
     "(SELECT *, j IN (SELECT k FROM c) AS x FROM a) a ASOF {kind}JOIN (SELECT *, j IN (SELECT j FROM c) AS x FROM b) b ON b.k = a.k AND a.v >= b.v AND a.x AND b.x"),
    ("a ASOF {kind}JOIN b ON b.k = a.k AND a.v <= b.v AND EXISTS (SELECT 1 FROM c WHERE c.k = a.j AND c.j <= b.j)",
     "a {kind}JOIN (SELECT *, row_number() OVER (PARTITION BY ak, av, aj ORDER BY v) AS x FROM (SELECT a.k AS ak, a.v AS av, a.j AS aj, b.k, b.v FROM a JOIN b ON b.k = a.k AND a.v <= b.v "
     "WHERE EXISTS (SELECT 1 FROM c WHERE c.k = a.j AND c.j <= b.j))) b ON b.x = 1 AND b.ak = a.k AND b.av = a.v AND b.aj = a.j")]


def beside_subqueries(context, duckdb):
    rng = random.Random(19)
    for number in range(8 if context.full else 2):
        world = changes.World(context, duckdb, rng, number)
        for join, oracle in BESIDE:
            kind = rng.choice(["", "LEFT "])
            columns = "SELECT a.k, a.v, a.j, b.k, b.v FROM "
            changes.compare(context, world, columns + join.format(kind=kind), columns + (oracle or join).format(kind=kind))


def filter_of(choose, columns, depth):
    """A condition that may or may not be true of nulls."""
    column, other = choose(columns), choose(columns)
    if depth == 0 or choose([True, False, False]):
        return choose([f"{column} > 2", f"{column} = {other}", f"{column} IS NULL", f"{column} IS NOT NULL", f"{column} + {other} < 9", f"{column} IN (1, 2, 5)",
                       f"{column} IS DISTINCT FROM {other}", f"{column} IS NOT DISTINCT FROM 2", f"coalesce({column}, {other}) > 1", f"coalesce({column}, 3) > 2",
                       f"CASE WHEN {column} > 2 THEN {other} > 1 ELSE {other} IS NULL END", f"CASE WHEN {column} IS NULL THEN 1 ELSE {other} END = 1",
                       f"nullif({column}, 2) > 1", f"{column} BETWEEN {other} AND 7", f"{column} NOT IN (1, 2)", f"{column} > (SELECT min(v) FROM c)",
                       f"{column} IN (SELECT k FROM c)", f"{column} NOT IN (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14)"])
    one, two = filter_of(choose, columns, depth - 1), filter_of(choose, columns, depth - 1)
    return choose([f"({one} AND {two})", f"({one} OR {two})", f"NOT ({one})", f"({one}) IS NOT TRUE", f"({one}) IS TRUE", f"({one}) IS NOT FALSE",
                   f"({one} OR {two})", f"(({one}) IS NULL)"])


def under_filters(context, duckdb):
    """Outer joins under conditions: rows without a match are left out only where no one would see them."""
    rng = random.Random(23)
    kinds = ["LEFT", "LEFT", "RIGHT", "FULL", "INNER"]
    for number in range(12 if context.full else 2):
        world = changes.World(context, duckdb, rng, number)
        for _ in range(40 if context.full else 25):
            columns = ["a.k", "a.v", "b.k", "b.v", "b.j"]
            text = f"a {rng.choice(kinds)} JOIN b ON a.k = b.k"
            if rng.random() < 0.4:
                text = f"({text}{rng.choice(['', ' AND a.v < b.v'])}) {rng.choice(kinds)} JOIN a AS d ON {rng.choice(['b.k = d.k', 'b.v = d.v', 'a.v = d.k AND b.j > d.v'])}"
                columns += ["d.k", "d.v"]
            elif rng.random() < 0.3:
                condition = filter_of(rng.choice, ["x.bk", "x.av", "x.n"], 1)
                changes.compare(context, world, f"SELECT x.bk, x.av, x.n FROM (SELECT b.k AS bk, a.v AS av, count(*) AS n FROM {text} GROUP BY b.k, a.v) AS x WHERE {condition}")
                continue
            changes.compare(context, world, f"SELECT {', '.join(columns)} FROM {text} WHERE {filter_of(rng.choice, columns, 2)}")


def run(context):
    rules(context)
    memory(context)
    explosion(context)
    bytes_of_rows(context)
    versions_of_changes(context)
    truncates(context)
    try:
        import duckdb
    except ImportError as missing:
        context.skip("all", f"{missing}")
        return
    order(context, duckdb)
    beside_subqueries(context, duckdb)
    under_filters(context, duckdb)
    matches(context, duckdb)
    in_windows(context, duckdb)
