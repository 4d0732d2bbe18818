"""Lookup joins over files and SQLite databases: answers are DuckDB's whatever the cache, the batches, the concurrency and the
order, at every batch size; locked, slow, changing and broken tables; misuse."""

import csv
import io
import random
import re
import sqlite3
import subprocess
import threading
import time

LEFT = ("CREATE TABLE l (at TIMESTAMP NOT NULL, k BIGINT, v BIGINT, s TEXT, WATERMARK FOR at AS at - INTERVAL '4 seconds') "
        "WITH (connector = 'file', path = '{}', format = 'csv');\n")
OPTIONS = ["", ", 'lookup.cache.max_bytes' = '0'", ", 'lookup.cache.max_bytes' = '400', 'lookup.batch' = '2'", ", 'lookup.batch' = '1', 'lookup.concurrency' = '1'",
           ", 'lookup.ordered' = 'false', 'lookup.batch' = '3'", ", 'lookup.cache.ttl' = '0 s', 'lookup.ordered' = 'false'"]
JOINS = ["{} t ON t.k = l.k", "{} t ON t.k = l.k AND t.v > l.v", "{} t ON l.k + 1 = t.k", "{} t ON t.s = l.s AND t.k = l.k", "{} t ON t.s = l.s",
         "{} t ON t.k = l.k AND t.s <> l.s", "{} t USING (k)", "{} t ON t.n = l.k"]


def rows(rng, count):
    out, now = [], 0
    for _ in range(count):
        now += rng.randrange(900)
        at = max(0, now - rng.randrange(3900))
        out.append((f"2024-01-01 00:{at // 60000:02d}:{at // 1000 % 60:02d}.{at % 1000:03d}", rng.choice(["", 1, 2, 3, 4, 5, 6, 7]), rng.randrange(20),
                    rng.choice(["", "x", "y", "a rather long text"])))
    return out


def write_table(context, name, columns, lines):
    return context.write(name, "\n".join([columns] + [",".join(map(str, line)) for line in lines]) + "\n")


class World:
    """The left side in one to three files; what is looked up as CSV, as JSON, in SQLite, and all in DuckDB."""

    def __init__(self, context, duckdb, rng):
        lines = rows(rng, rng.choice([0, 1, 30, 300]))
        splits = rng.choice([1, 1, 3])
        for number in range(3):
            write_table(context, f"l{number}.csv", "at,k,v,s", lines[number::splits] if number < splits else [])
        self.left = context.directory / "l?.csv"
        self.one_split = splits == 1
        table = [(rng.choice(["", 1, 2, 3, 4, 9]), rng.randrange(20), rng.choice(["", "x", "y", "a rather long text"]), rng.choice(["", 1, 2, 3]))
                 for _ in range(rng.choice([0, 3, 40]))]
        self.csv = write_table(context, "t.csv", "k,v,s,n", table)
        self.db = context.directory / "t.db"
        self.db.unlink(missing_ok=True)
        with sqlite3.connect(self.db) as database:
            database.execute("CREATE TABLE t (k INTEGER, v INTEGER, s TEXT, n NUMERIC)")
            database.executemany("INSERT INTO t VALUES (?, ?, ?, ?)", [[None if value == "" else value for value in row] for row in table])
        database.close()
        self.duck = duckdb.connect()
        self.duck.execute(f"CREATE TABLE l AS SELECT * FROM read_csv('{self.left}', header = true, columns = "
                          "{'at': 'TIMESTAMP', 'k': 'BIGINT', 'v': 'BIGINT', 's': 'VARCHAR'})")
        self.duck.execute(f"CREATE TABLE t AS SELECT * FROM read_csv('{self.csv}', header = true, columns = "
                          "{'k': 'BIGINT', 'v': 'BIGINT', 's': 'VARCHAR', 'n': 'INTEGER'})")
        context.write("t.json", "".join(line + "\n" for line in (row[0] for row in self.duck.execute(
            "SELECT to_json(t) FROM t").fetchall())))

    def ddl(self, kind, options):
        columns = "(k BIGINT, v BIGINT, s TEXT, n SMALLINT)"
        source = {"csv": "connector = 'file', type = 'lookup', path = 't.csv', format = 'csv'", "json": "connector = 'file', type = 'lookup', path = 't.json'",
                  "sqlite": "connector = 'sqlite', path = 't.db', table = 't'"}[kind]
        return LEFT.format(self.left) + f"CREATE TABLE t {columns} WITH ({source}{options});\n"


def plain(value):
    return "" if value is None else re.sub(r"(\.\d*?)0+$", r"\1", str(value))


def answer(text):
    return [tuple(map(plain, row)) for row in list(csv.reader(io.StringIO(text)))[1:]]


def matches(context, duckdb):
    rng = random.Random(31)
    for number in range(40 if context.full else 8):
        world = World(context, duckdb, rng)
        for kind in ("csv", "json", "sqlite"):
            join = rng.choice(["JOIN", "LEFT JOIN"])
            condition = rng.choice(JOINS)
            where = rng.choice(["", "", " WHERE l.v > 5", " WHERE t.v > 5", " WHERE t.k IS NULL OR l.v < t.v"])
            options = rng.choice(OPTIONS)
            query = f"SELECT l.at, {'k' if 'USING' in condition else 'l.k'}, l.v, t.v AS tv, t.s AS ts, t.n FROM l {condition.format(join)}{where}"
            expected = [tuple(map(plain, row)) for row in world.duck.execute(query).fetchall()]
            program = context.write("program.sql", world.ddl(kind, options) + query + ";\n")
            for size in (1, 7, 2048):
                for command in (["sql", "-f", program], ["run", program]):
                    got = context.run(*command, "-o", "csv", "-D", f"batch_rows={size}")
                    out = answer(got.stdout.decode()) if got.returncode == 0 else [(got.stderr.decode(),)]
                    context.check(f"{number} {kind}: {command[0]} {size}", sorted(out) == sorted(expected),
                                  f"{query}\n{options}\ngot {len(out)} {sorted(out)[:3]}, expected {len(expected)} {sorted(expected)[:3]}")
        windows(context, world, rng)


def windows(context, world, rng):
    """Rows wait for answers, and the watermark with them: windows come out once, with all their rows."""
    options = rng.choice(OPTIONS)
    expected = sorted(tuple(map(plain, row)) for row in world.duck.execute(
        "SELECT time_bucket(INTERVAL '5 seconds', l.at) AS w, t.s, count(*) AS n FROM l JOIN t ON t.k = l.k GROUP BY 1, 2").fetchall())
    query = ("SELECT tumble(INTERVAL '5 seconds').start AS w, t.s, count(*) AS n FROM l JOIN t ON t.k = l.k "
             "GROUP BY tumble(INTERVAL '5 seconds'), t.s")
    program = context.write("program.sql", world.ddl("sqlite", options) + query + ";\n")
    for size in (1, 7, 2048):
        got = context.run("run", program, "-o", "csv", "-D", f"batch_rows={size}")
        out = sorted(answer(got.stdout.decode())) if got.returncode == 0 else got.stderr.decode()
        context.check(f"windows {size}", out == expected and b"late" not in got.stderr, f"{options}\ngot {str(out)[:300]}, expected {expected[:3]}")


def ordered(context):
    """The order of the input, though answers come as they like."""
    lines = [("2024-01-01 00:00:00", (number * 7919) % 1000, number, "") for number in range(20000)]
    write_table(context, "l.csv", "at,k,v,s", lines)
    write_table(context, "t.csv", "k,v,s,n", [(number, number, "", "") for number in range(0, 1000, 2)])
    for options in ("", ", 'lookup.cache.max_bytes' = '0', 'lookup.batch' = '7'"):
        program = context.write("program.sql", LEFT.format("l.csv") + "CREATE TABLE t (k INT, v BIGINT) WITH (connector = 'file', type = 'lookup', path = "
                                f"'t.csv', format = 'csv'{options});\nSELECT l.v, t.v AS tv FROM l LEFT JOIN t ON t.k = l.k;\n")
        got = context.run("run", program, "-o", "csv")
        expected = "v,tv\n" + "".join(f"{line[2]},{line[1] if line[1] % 2 == 0 else ''}\n" for line in lines)
        context.check(f"ordered {options}", got.stdout.decode() == expected, f"{got.stdout[:80]} {got.stderr.decode()}")


def busy(context):
    """What the job does with one answer takes longer than others may take: they are not late."""
    write_table(context, "l.csv", "at,k,v,s", [("2024-01-01 00:00:00", number, 0, "") for number in range(30)])
    write_table(context, "t.csv", "k,v,s,n", [(number, number, "", "") for number in range(30)])
    expected = sum((k + n) % 7 == 0 for k in range(30) for n in range(1, 300001))
    for concurrency in (1, 2, 100):
        program = context.write("program.sql", LEFT.format("l.csv") + "CREATE TABLE t (k INT, v BIGINT) WITH (connector = 'file', type = 'lookup', path = 't.csv', "
                                f"format = 'csv', 'lookup.deadline' = '200 ms', 'lookup.batch' = '1', 'lookup.concurrency' = '{concurrency}');\n"
                                "SELECT count(*) AS n FROM (SELECT t.v FROM l JOIN t ON t.k = l.k) AS x, generate_series(1, 300000) AS g(n) WHERE (x.v + g.n) % 7 = 0;\n")
        got = context.run("sql", "-f", program, "-o", "csv", "-D", "batch_rows=1")
        context.check(f"busy: {concurrency} at a time", got.stdout.decode() == f"n\n{expected}\n", f"{got.stdout[:80]} {got.stderr.decode()}")


def prepare(context):
    """Two rows of the left side, and a database with a table, and a view that never answers."""
    write_table(context, "l.csv", "at,k,v,s", [("2024-01-01 00:00:01", 1, 5, "x"), ("2024-01-01 00:00:02", 2, 6, "y"), ("2024-01-01 00:00:03", "", 7, "y")])
    path = context.directory / "some.db"
    path.unlink(missing_ok=True)
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE t (k INTEGER, s TEXT)")
    database.executemany("INSERT INTO t VALUES (?, ?)", [(1, "one"), (2, "two")])
    database.execute("CREATE VIEW never AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x AS k, 's' AS s FROM c WHERE x = random()")
    database.commit()
    database.close()
    return path


def look_up(context, options, *arguments, columns="k BIGINT, s TEXT", join="LEFT JOIN t ON t.k = l.k", select="l.k, t.s", **more):
    program = context.write("program.sql", LEFT.format("l.csv") + f"CREATE TABLE t ({columns}) WITH ({options});\nSELECT {select} FROM l {join};\n")
    return context.run("run", program, "-o", "csv", *arguments, **more)


def failures(context):
    path = prepare(context)
    slow = "connector = 'sqlite', path = 'some.db', table = 'never', 'lookup.deadline' = '300 ms'"
    begun = time.monotonic()
    got = look_up(context, slow)
    context.check("never: fails", got.returncode == 1 and b"WEIR-5008" in got.stderr and b'"t"' in got.stderr and b"0.3 seconds" in got.stderr,
                  f"{got.returncode} {got.stderr.decode()}")
    got = look_up(context, slow + ", 'lookup.on_failure' = 'null'")
    context.check("never: null", got.stdout == b"k,s\n1,\n2,\n,\n" and b"2 keys looked up without an answer" in got.stderr, f"{got.stdout} {got.stderr.decode()}")
    context.check("never: in time", time.monotonic() - begun < 20, "too long")
    table = "connector = 'sqlite', path = 'some.db', table = 't'"
    lock = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    lock.execute("BEGIN EXCLUSIVE")
    got = look_up(context, table + ", 'lookup.retries' = '0'")
    context.check("locked: fails", got.returncode == 1 and b"WEIR-5009" in got.stderr and b"locked" in got.stderr, f"{got.returncode} {got.stderr.decode()}")
    got = look_up(context, table + ", 'lookup.retries' = '1000', 'lookup.deadline' = '500 ms'")
    context.check("locked: deadline", got.returncode == 1 and b"WEIR-5008" in got.stderr, f"{got.returncode} {got.stderr.decode()}")
    timer = threading.Timer(0.6, lambda: lock.execute("ROLLBACK"))
    timer.start()
    got = look_up(context, table + ", 'lookup.retries' = '1000', 'lookup.retry_delay' = '1 ms'")
    context.check("locked: repeated", got.stdout == b"k,s\n1,one\n2,two\n,\n", f"{got.stdout} {got.stderr.decode()}")
    timer.join()
    lock.close()


def broken(context):
    prepare(context)
    table = "connector = 'sqlite', path = 'some.db', table = 't'"
    cases = {"no such table": (dict(options=table.replace("'t'", "'u'")), 1, b"no such table: u"),
             "no such column": (dict(options=table, columns="k BIGINT, z TEXT", select="l.k, t.z"), 1, b"no such column: t.z"),
             "no database": (dict(options=table.replace("some.db", "none.db")), 1, b"none.db"),
             "not a database": (dict(options=table.replace("some.db", "l.csv")), 1, b"not a database"),
             "bad value": (dict(options=table, columns="k BIGINT, s BIGINT"), 1, b"column \"s\" has 'one' for BIGINT"),
             "no such file": (dict(options="connector = 'file', type = 'lookup', path = 'none.csv', format = 'csv'"), 1, b"none.csv"),
             "directory": (dict(options="connector = 'file', type = 'lookup', path = '/', format = 'csv'"), 1, b"regular file"),
             "bad record": (dict(options="connector = 'file', type = 'lookup', path = 'l.csv', format = 'csv'", columns="k BIGINT, s BIGINT"), 1, b"column \"s\""),
             "misspelt": (dict(options=table + ", 'lookup.cache.tll' = '1 s'"), 2, b'did you mean "lookup.cache.ttl"'),
             "no lookup": (dict(options="connector = 'generator', type = 'lookup'"), 2, b"is no lookup"),
             "range": (dict(options=table + ", 'lookup.batch' = '5000'"), 2, b"lookup.batch")}
    for name, (arguments, code, message) in cases.items():
        options = arguments.pop("options")
        got = look_up(context, options, **arguments)
        context.check(name, got.returncode == code and message in got.stderr, f"{got.returncode} {got.stderr.decode()}")
    misuse = {"alone": ("", "t.k"), "from": ("t", "t.k"), "right": ("l RIGHT JOIN t ON t.k = l.k", "l.k"), "left side": ("t JOIN l ON t.k = l.k", "l.k"),
              "no key": ("l JOIN t ON t.k > l.k", "l.k"), "versions": ("l JOIN t FOR SYSTEM_TIME AS OF l.at ON t.k = l.k", "l.k"),
              "asof": ("l ASOF JOIN t ON t.k <= l.k", "l.k"), "derived": ("l JOIN (SELECT * FROM t) x ON x.k = l.k", "l.k")}
    for name, (text, select) in misuse.items():
        got = context.run("run", context.write("program.sql", LEFT.format("l.csv") + f"CREATE TABLE t (k BIGINT, s TEXT) WITH ({table});\nSELECT {select} FROM {text or 't'};\n"))
        context.check(f"misuse {name}", got.returncode == 2 and b"WEIR-2035" in got.stderr, f"{got.returncode} {got.stderr.decode()}")


def shown(context):
    prepare(context)
    table = "CREATE TABLE t (k BIGINT, s TEXT) WITH (connector = 'sqlite', path = 'some.db', table = 't');\n"
    for form, message in {"EXPLAIN": b"JOIN lookup left on k = k", "EXPLAIN STATE": b"answers are kept", "EXPLAIN WATERMARK": b"l ("}.items():
        got = context.run("sql", LEFT.format("l.csv") + table + f"{form} SELECT l.k, t.s FROM l LEFT JOIN t ON t.k = l.k")
        context.check(form, message in got.stdout and (form != "EXPLAIN WATERMARK" or b"t (" not in got.stdout), f"{got.stdout.decode()} {got.stderr.decode()}")
    got = look_up(context, "connector = 'sqlite', path = 'some.db', table = 't'", join="LEFT JOIN t ON t.k = l.k LEFT JOIN t AS u ON u.s = t.s", select="l.k, t.s, u.k AS uk")
    context.check("twice", got.stdout == b"k,s,uk\n1,one,1\n2,two,2\n,,\n", f"{got.stdout} {got.stderr.decode()}")
    for join in ("LEFT JOIN t FOR SYSTEM_TIME AS OF proctime() ON t.k = l.k", "LEFT JOIN t FOR SYSTEM_TIME AS OF l.now ON t.k = l.k"):
        left = "(SELECT *, proctime() AS now FROM l) l" if "l.now" in join else "l"
        got = context.run("sql", "-o", "csv", LEFT.format("l.csv") + table + f"SELECT l.k, t.s FROM {left} {join}")
        context.check(f"of now: {join}", got.stdout == b"k,s\n1,one\n2,two\n,\n", f"{got.stdout} {got.stderr.decode()}")
    got = look_up(context, "connector = 'sqlite', path = 'some.db', table = 't'", select="l.k, t.s", join="JOIN t ON t.k = l.k LIMIT 1")
    context.check("limit", got.stdout.count(b"\n") == 2, f"{got.stdout} {got.stderr.decode()}")
    got = look_up(context, "connector = 'sqlite', path = 'some.db', table = 't'", select="g.k, t.s", join="")
    keys = context.run("sql", LEFT.format("l.csv") + table + "SELECT g.k, t.s FROM (SELECT k, count(*) AS n FROM l GROUP BY k) g JOIN t ON t.k = g.k ORDER BY 1", "-o", "csv")
    context.check("after an aggregate", keys.stdout == b"k,s\n1,one\n2,two\n", f"{keys.stdout} {keys.stderr.decode()}")


def piped(context, program):
    """A job that reads what is written to it; it is killed when it takes too long, unless the guard is called off."""
    process = subprocess.Popen([context.weir, "run", program, "-o", "csv"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=context.directory)
    guard = threading.Timer(20, process.kill)
    guard.start()
    return process, guard


def put(context, name, text):
    """The file all at once, as those do that replace it under a reader."""
    (context.directory / "next.csv").write_text(text)
    (context.directory / "next.csv").rename(context.directory / name)


def changing(context):
    """What is asked for after the file has changed is found as it is now."""
    context.write("now.csv", "k,s\n1,old\n")
    program = context.write("program.sql", "CREATE TABLE l (k BIGINT) WITH (connector = 'file', path = '-', format = 'json');\n"
                            "CREATE TABLE t (k BIGINT, s TEXT) WITH (connector = 'file', type = 'lookup', path = 'now.csv', format = 'csv', 'lookup.cache.max_bytes' = '0');\n"
                            "SELECT l.k, t.s FROM l LEFT JOIN t ON t.k = l.k;\n")
    process, guard = piped(context, program)
    process.stdin.write(b'{"k":1}\n')
    process.stdin.flush()
    first = process.stdout.readline() + process.stdout.readline()
    put(context, "now.csv", "k,s\n1,a newer one\n")
    process.stdin.write(b'{"k":1}\n')
    process.stdin.close()
    rest = process.stdout.read()
    guard.cancel()
    context.check("changing", first == b"k,s\n1,old\n" and rest == b"1,a newer one\n" and process.wait(20) == 0, f"{first} {rest}")


def taken_back(context):
    """A row is taken back as it came, whatever has become of the table; when no row with its key is out, the table is asked again."""
    (context.directory / "now.csv").write_text("k,s\n1,old\n2,two\n")
    program = context.write("program.sql", "CREATE TABLE l (k INT, v INT) WITH (connector = 'file', path = '-', format = 'json', changelog = 'op-column');\n"
                            "CREATE TABLE t (k INT, s TEXT) WITH (connector = 'file', type = 'lookup', path = 'now.csv', format = 'csv', "
                            "'lookup.cache.ttl' = '0 s', 'lookup.cache.max_bytes' = '0');\nSELECT l.v, t.s FROM l LEFT JOIN t ON t.k = l.k;\n")
    process, guard = piped(context, program)
    got = []

    def step(lines, answers):
        process.stdin.write("".join(f'{{"_op":"{op}","k":{k},"v":{v}}}\n' for op, k, v in lines).encode())
        process.stdin.flush()
        got.extend(process.stdout.readline().decode().strip() for _ in range(answers))

    step([("+", 1, 10)], 2)
    put(context, "now.csv", "k,s\n1,new\n")
    step([("+", 1, 11)], 1)
    step([("-", 1, 10)], 1)
    step([("-", 1, 11)], 1)
    step([("+", 1, 12)], 1)
    step([("-", 1, 12), ("+", 3, 12)], 2)
    process.stdin.close()
    rest = process.stdout.read()
    guard.cancel()
    expected = ["_op,v,s", "+,10,old", "+,11,old", "-,10,old", "-,11,old", "+,12,new", "-,12,new", "+,12,"]
    context.check("taken back", got == expected and rest == b"" and process.wait(20) == 0, f"{got} {rest}")


def summed(text, spell=plain):
    """The rows that are left of changes (or of rows, which are all there), and the least sum of any row on the way."""
    lines = [tuple(map(spell, row)) for row in csv.reader(io.StringIO(text))]
    changes = lines[1:] if lines and lines[0][0] == "_op" else [("+", *row) for row in lines[1:]]
    sums, worst = {}, 0
    for op, *row in changes:
        sums[tuple(row)] = sums.get(tuple(row), 0) + (1 if op == "+" else -1)
        worst = min(worst, sums[tuple(row)])
    return sorted(row for row, times in sums.items() for _ in range(times)), worst


def changing_left(context, duckdb):
    """Left sides that are updated: aggregates, tables of changes, joins; the sum of what comes out is DuckDB's answer, and never negative."""
    rng = random.Random(37)
    sides = ["(SELECT k, count(*) AS v, max(s) AS s FROM l GROUP BY k)", "(SELECT v % 7 AS k, sum(k) AS v, min(s) AS s FROM l GROUP BY 1)",
             "(SELECT a.k, b.v, a.s FROM l a LEFT JOIN l b ON a.k = b.v)"]
    for number in range(20 if context.full else 5):
        world = World(context, duckdb, rng)
        for kind in ("csv", "sqlite"):
            side, join, options = rng.choice(sides), rng.choice(["JOIN", "LEFT JOIN"]), rng.choice(OPTIONS)
            condition = rng.choice(["t.k = l.k", "t.k = l.k AND t.v > l.v", "t.k = l.v", "t.s = l.s"])
            query = f"SELECT l.k, l.v, t.v AS tv, t.s AS ts FROM {side} l {join} t ON {condition}"
            expected = sorted(tuple(map(plain, row)) for row in world.duck.execute(query).fetchall())
            program = context.write("program.sql", world.ddl(kind, options) + query + ";\n")
            for size in (1, 7, 2048):
                got = context.run("run", program, "-o", "csv", "-D", f"batch_rows={size}")
                out, worst = summed(got.stdout.decode()) if got.returncode == 0 else ([], 0)
                context.check(f"changing left {number} {kind} {size}", got.returncode == 0 and out == expected and worst == 0,
                              f"{query}\n{options}\ngot {len(out)} {out[:3]}, expected {len(expected)} {expected[:3]} {worst} {got.stderr.decode()}")


SUBQUERIES = ["SELECT l.v, (SELECT count(*) FROM l z JOIN t ON t.k = z.k WHERE z.v = l.v AND t.v > l.v) AS n FROM l",
              "SELECT l.v, x.s FROM l, LATERAL (SELECT t.s FROM (SELECT l.k AS k UNION ALL SELECT l.v) q LEFT JOIN t ON t.k = q.k) x",
              "SELECT l.v FROM l WHERE EXISTS (SELECT 1 FROM l z JOIN t ON t.k = z.k AND t.v > l.v WHERE z.k <> l.k)",
              "SELECT l.v, t.s FROM l JOIN t ON t.k = l.k AND l.v IN (SELECT z.k FROM l z) AND t.v > 2",
              "SELECT l.v, t.s FROM l LEFT JOIN t ON t.k = (SELECT max(z.k) FROM l z WHERE z.v > l.v)",
              "SELECT l.v, t.s FROM l LEFT JOIN t ON t.k = l.k AND l.v > (SELECT min(z.v) FROM l z WHERE z.k = l.k)",
              "SELECT l.v, t.s FROM l JOIN t ON t.v IN (SELECT z.k FROM l z) AND t.k = l.k",
              "SELECT l.v, t.s FROM l JOIN t ON t.k = l.k AND (EXISTS (SELECT 1 FROM l z WHERE z.k = t.v AND z.v <> l.v) OR l.v < (SELECT avg(z.v) FROM l z)) AND t.v > 0",
              "SELECT l.v, t.s FROM l JOIN t ON t.k = l.k AND t.v >= ALL (SELECT z.v - 3 FROM l z WHERE z.k = l.k) AND l.v > (SELECT min(z.v) FROM l z WHERE z.k = l.k)",
              "SELECT l.v, t.s, z.v AS w FROM l JOIN t ON t.k = l.k AND NOT EXISTS (SELECT 1 FROM l q WHERE q.v = t.v AND q.k > l.k) LEFT JOIN l z ON z.v = t.v",
              # DuckDB is asked with the subquery as a column of the table.
              ("SELECT l.v, (SELECT count(t.s) FROM l z LEFT JOIN t ON t.k = z.k AND t.v > (SELECT min(y.v) FROM l y WHERE y.k = t.k) WHERE z.v = l.v) AS n FROM l",
               "SELECT l.v, (SELECT count(t.s) FROM l z LEFT JOIN (SELECT *, (SELECT min(y.v) FROM l y WHERE y.k = t.k) AS m FROM t) t ON t.k = z.k AND t.v > t.m WHERE z.v = l.v) AS n FROM l"),
              ("SELECT l.v, x.s FROM l, LATERAL (SELECT t.s FROM (SELECT l.k AS k UNION ALL SELECT l.v) q LEFT JOIN t ON t.k = q.k AND t.v IN (SELECT y.v FROM l y)) x",
               "SELECT l.v, x.s FROM l, LATERAL (SELECT t.s FROM (SELECT l.k AS k UNION ALL SELECT l.v) q LEFT JOIN (SELECT *, v IN (SELECT y.v FROM l y) AS m FROM t) t ON t.k = q.k AND t.m) x"),
              ("SELECT l.v, t.s, u.v AS uv FROM l LEFT JOIN t ON t.k = l.k AND t.v IN (SELECT y.v FROM l y) LEFT JOIN t u ON u.k = t.n AND u.v > (SELECT avg(y.v) FROM l y WHERE y.k = u.k)",
               "SELECT l.v, t.s, u.v AS uv FROM l LEFT JOIN (SELECT *, v IN (SELECT y.v FROM l y) AS m FROM t) t ON t.k = l.k AND t.m "
               "LEFT JOIN (SELECT *, (SELECT avg(y.v) FROM l y WHERE y.k = t.k) AS m FROM t) u ON u.k = t.n AND u.v > u.m")]


def in_subqueries(context, duckdb):
    rng = random.Random(41)
    for number in range(10 if context.full else 3):
        world = World(context, duckdb, rng)
        for query in SUBQUERIES:
            query, oracle = query if isinstance(query, tuple) else (query, query)
            expected = sorted(tuple(map(plain, row)) for row in world.duck.execute(oracle).fetchall())
            program = context.write("program.sql", world.ddl(rng.choice(["csv", "sqlite"]), rng.choice(OPTIONS)) + query + ";\n")
            for size in (1, 7, 2048):
                got = context.run("sql", "-f", program, "-o", "csv", "-D", f"batch_rows={size}")
                out = sorted(answer(got.stdout.decode())) if got.returncode == 0 else got.stderr.decode()
                context.check(f"subqueries {number} {size}", out == expected, f"{query}\ngot {out if isinstance(out, str) else out[:3]}, expected {expected[:3]}")


# Over columns of the lookup table: such a condition is decided behind the answers.
BEHIND = ["t.k = l.k AND t.v > (SELECT avg(z.v) FROM l z WHERE z.k = t.n)", "t.k = l.k AND EXISTS (SELECT 1 FROM l z WHERE z.v = t.v)",
          "t.k = l.k AND NOT EXISTS (SELECT 1 FROM l z WHERE z.v = t.v AND z.k > l.k)", "t.k = l.k AND t.v < 15 AND (t.n IN (SELECT z.k FROM l z) OR l.v > 12)",
          "t.v >= ALL (SELECT z.v - 9 FROM l z WHERE z.k = l.k) AND t.k = l.k", "t.k = (SELECT max(z.k) FROM l z WHERE z.v > l.v) AND t.n NOT IN (SELECT z.k FROM l z WHERE z.s = t.s)",
          "t.s = l.s AND t.v = (SELECT max(z.v) FROM l z WHERE z.k = t.k) AND l.v <> t.v"]
LEFT_SIDES = ["(SELECT k, v, s FROM l)", "(SELECT x.at, x.k, x.v, x.s FROM l x)", "(SELECT k, count(*) AS v, max(s) AS s FROM l GROUP BY k)", "(SELECT v % 7 AS k, sum(k) AS v, min(s) AS s FROM l GROUP BY 1)",
              "(SELECT a.k, b.v, a.s FROM l a LEFT JOIN l b ON a.k = b.v)", "(SELECT k % 2 + 1 AS k, v % 3 AS v, s FROM l UNION ALL SELECT k % 2 + 1, v % 3, s FROM l)"]


def behind_answers(context, duckdb):
    """DuckDB has no such conditions in LEFT JOIN: the pairs, and the left rows that are in none."""
    rng = random.Random(43)
    for number in range(20 if context.full else 4):
        world = World(context, duckdb, rng)
        for condition in BEHIND:
            side, join = rng.choice(LEFT_SIDES), rng.choice(["JOIN", "LEFT JOIN", "LEFT JOIN"])
            pairs = (f"WITH n AS (SELECT *, row_number() OVER () AS number FROM {side} l), m AS (SELECT l.number, l.k, l.v, t.v AS tv, t.s AS ts FROM n l JOIN t ON true WHERE {condition}) "
                     "SELECT k, v, tv, ts FROM m")
            rest = " UNION ALL SELECT k, v, NULL, NULL FROM n WHERE number NOT IN (SELECT number FROM m)" if join == "LEFT JOIN" else ""
            where = rng.choice(["", "", " WHERE l.v > 5", " WHERE t.v IS NULL", " WHERE t.v > l.v", " WHERE l.k = 2 OR t.s = 'x'"])
            oracle = f"SELECT * FROM ({pairs}{rest}) AS o{where.replace('l.', 'o.').replace('t.', 'o.t')}"
            expected = sorted(tuple(map(plain, row)) for row in world.duck.execute(oracle).fetchall())
            query = f"SELECT l.k, l.v, t.v AS tv, t.s AS ts FROM {side} l {join} t ON {condition}{where}"
            options = rng.choice(OPTIONS)
            program = context.write("program.sql", world.ddl(rng.choice(["csv", "json", "sqlite"]), options) + query + ";\n")
            for size in (1, 7, 2048):
                for command in (["sql", "-f", program], ["run", program]):
                    got = context.run(*command, "-o", "csv", "-D", f"batch_rows={size}")
                    out, worst = summed(got.stdout.decode()) if got.returncode == 0 else (got.stderr.decode(), 0)
                    context.check(f"behind answers {number} {command[0]} {size}", out == expected and worst == 0,
                                  f"{query}\n{options}\ngot {len(out)} {out[:3]}, expected {len(expected)} {expected[:3]} {worst}")


def changing_behind(context):
    """Equal rows that are answered differently are different rows: one has a match, the next one has none, and has its nulls."""
    (context.directory / "now.csv").write_text("k,s\n1,one\n")
    context.write("some.csv", "s\none\n")
    program = context.write("program.sql", "CREATE TABLE l (k BIGINT) WITH (connector = 'file', path = '-', format = 'json');\n"
                            "CREATE TABLE some (s TEXT) WITH (connector = 'file', path = 'some.csv', format = 'csv');\n"
                            "CREATE TABLE t (k BIGINT, s TEXT) WITH (connector = 'file', type = 'lookup', path = 'now.csv', format = 'csv', 'lookup.cache.max_bytes' = '0', 'lookup.cache.ttl' = '0 s');\n"
                            "SELECT l.k, t.s FROM l LEFT JOIN t ON t.k = l.k AND EXISTS (SELECT 1 FROM some z WHERE z.s = t.s);\n")
    process, guard = piped(context, program)
    process.stdin.write(b'{"k":1}\n')
    process.stdin.flush()
    lines = [process.stdout.readline().decode()]
    while lines[-1] and summed("".join(lines))[0] != [("1", "one")]:
        lines.append(process.stdout.readline().decode())
    put(context, "now.csv", "k,s\n")
    process.stdin.write(b'{"k":1}\n')
    process.stdin.close()
    out, worst = summed("".join(lines) + process.stdout.read().decode())
    guard.cancel()
    context.check("changing behind", out == [("1", ""), ("1", "one")] and worst == 0 and process.wait(20) == 0, f"{out} {worst}")


def memory(context):
    write_table(context, "l.csv", "at,k,v,s", [("2024-01-01 00:00:00", number, number, "") for number in range(100000)])
    write_table(context, "t.csv", "k,s", [(number, "a text of some length that fills memory") for number in range(100000)])
    options = "connector = 'file', type = 'lookup', path = 't.csv', format = 'csv', 'lookup.cache.max_bytes' = '1 MB'"
    got = look_up(context, options, "-D", "memory_limit=64 MB")
    context.check("bounded", got.returncode == 0 and got.stdout.count(b"\n") == 100001, f"{got.returncode} {got.stderr.decode()}")
    got = look_up(context, options, "-D", "memory_limit=6 MB")
    context.check("limit", got.returncode == 3 and b"JOIN #" in got.stderr, f"{got.returncode} {got.stderr.decode()}")


def run(context):
    weir = context.run
    context.run = lambda *arguments, **more: weir(*arguments, **{"cwd": context.directory, **more})
    ordered(context)
    busy(context)
    failures(context)
    broken(context)
    shown(context)
    changing(context)
    taken_back(context)
    changing_behind(context)
    memory(context)
    try:
        import duckdb
    except ImportError as missing:
        context.skip("all", f"{missing}")
        return
    matches(context, duckdb)
    changing_left(context, duckdb)
    in_subqueries(context, duckdb)
    behind_answers(context, duckdb)
