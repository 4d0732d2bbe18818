"""Every code of errors.def is provoked, and says so: by a program or its data, from the command line, by a fault, or,
where only a mistake in weir itself could, by a unit test. A code without a case fails this suite."""

import gzip
import os
import re
import signal
import sqlite3
import subprocess
import time


TABLE = "CREATE TABLE t (a BIGINT NOT NULL) WITH (connector='file', path='{path}', max_record_size='2 KiB'); SELECT a FROM t"

LOOKUP = "CREATE TABLE t (k BIGINT) WITH (connector = 'sqlite', path = 'e.db', table = '{}', 'lookup.deadline' = '200 ms'); "

# What provokes a code. A text is SQL for weir sql; otherwise the first item says how: arguments of the command; SQL for
# weir run; bytes in a file of that format, read through TABLE; a function below.
CASES = {
    1001: ("args", ["sql", "-o"]),
    1002: ("args", ["nonsense"]),
    1003: ("args", ["sql", "--nonsense", "SELECT 1"]),
    2001: "SELECT FROM WHERE",
    2002: "SELECT * FROM nowhere",
    2003: "SELECT x FROM (VALUES (1)) AS t(a)",
    2004: "SELECT nosuch(1)",
    2005: "SELECT 1::nosuch",
    2006: "CREATE TABLE t WITH (connector='impulse', nosuch='1'); SELECT * FROM t",
    2007: "CREATE TABLE t WITH (connector='impulse', message_count='many'); SELECT * FROM t",
    2008: "CREATE TABLE t (a INT) WITH (connector='file'); SELECT * FROM t",
    2009: "CREATE TABLE t (a INT) WITH (connector='nosuch')",
    2010: "SELECT a FROM (SELECT 1 AS a, 2 AS a) AS t",
    2011: "CREATE VIEW v AS SELECT 1 AS a; CREATE VIEW v AS SELECT 2 AS a",
    2012: "SELECT a FROM (VALUES (1)) AS t(a) WHERE a",
    2013: "SELECT a, count(*) FROM (VALUES (1)) AS t(a)",
    2014: "SELECT 1 FROM (VALUES (1)) AS t(a) WHERE count(*) > 0",
    2015: "CREATE TABLE t WITH (connector='impulse', message_count='3'); SELECT counter, count(*) AS n FROM t WHERE tumble(INTERVAL '1 second') IS NOT NULL GROUP BY counter",
    2016: "SELECT tumble(INTERVAL '1 second') AS w, count(*) FROM (VALUES (1)) AS t(a) GROUP BY w",
    2017: "SELECT percentile_cont(x) WITHIN GROUP (ORDER BY x) FROM (VALUES (0.5)) AS t(x)",
    2018: "SELECT DATE 'yesterweek'",
    2019: "CREATE TABLE o (a INT, b INT) WITH (connector='blackhole'); INSERT INTO o SELECT 1",
    2020: "SELECT (SELECT 1, 2)",
    2021: "SELECT a FROM (VALUES (1)) AS t(a) ORDER BY 5",
    2022: "CREATE TABLE o (a INT) WITH (connector='blackhole'); SELECT * FROM o",
    2023: ("run", "CREATE TABLE t WITH (connector='impulse', message_count='3'); CREATE TABLE o WITH (connector='file', path='o.json', format='json'); INSERT INTO o SELECT count(*) AS n FROM t"),
    2024: "WITH RECURSIVE r AS (SELECT 1 AS a UNION ALL SELECT a + 1 FROM r WHERE a < 9) SELECT * FROM r",
    2025: ("run", "CREATE TABLE t WITH (connector='impulse'); SELECT counter FROM t ORDER BY counter"),
    2026: ("run", "CREATE TABLE t WITH (connector='impulse', message_count='3'); SELECT count(*) AS n, random() AS r FROM t"),
    2027: ("run", "CREATE TABLE t WITH (connector='impulse')"),
    2028: "SELECT * FROM 'empty.json'",
    2029: "CREATE TABLE t (a INT) WITH (connector='file', path='x', format='nosuch'); SELECT * FROM t",
    2030: "CREATE TABLE t (a INT) WITH (connector='file', path='${WEIR_NOT_SET}'); SELECT * FROM t",
    2031: "CREATE VIEW v AS SELECT * FROM v; SELECT * FROM v",
    2032: "SELECT (s).nosuch FROM (SELECT CAST(NULL AS STRUCT<a INT>) AS s) AS t",
    2033: "CREATE TABLE a (t TIMESTAMP, WATERMARK FOR t) WITH (connector = 'file', path = 'a', format = 'csv', late = 'update', allowed_lateness = '1 s');"
          "CREATE TABLE b (t TIMESTAMP, WATERMARK FOR t) WITH (connector = 'file', path = 'b', format = 'csv');"
          "SELECT count(*) FROM (SELECT t FROM a UNION ALL SELECT t FROM b) AS u GROUP BY tumble(INTERVAL '1 hour')",
    2034: "SELECT * FROM (VALUES (1)) AS l(k) ASOF JOIN (VALUES (1)) AS r(k) ON l.k = r.k",
    2035: LOOKUP.format("t") + "SELECT * FROM t",
    2040: ("run", "CREATE TABLE t WITH (connector='impulse', message_count='3'); SELECT approx_distinct(n) AS d FROM (SELECT counter % 2 AS k, count(*) AS n FROM t GROUP BY 1)"),
    3001: ("json", b'{"a" 1}\n'),
    3002: ("csv", b'a\n"x\n'),
    3003: ("csv", b"a\n\xff\n"),
    3004: ("json", b'{"a": "x"}\n'),
    3005: ("json", b"{}\n"),
    3006: "CREATE TABLE t (at TIMESTAMP, WATERMARK FOR at) WITH (connector='file', path='null.json'); SELECT * FROM t",
    3007: ("json", b'{"a": 1, "b": "%s"}\n' % (b"x" * 3000)),
    3008: ("json", b'{"a": 1, "b": ' + b"[" * 200 + b"]" * 200 + b"}\n"),
    3009: ("csv", b"a\n1,2\n"),
    3010: "CREATE TABLE t (a INT) WITH (connector='file', path='cut.gz', format='json'); SELECT * FROM t",
    3011: "CREATE TABLE t (at TIMESTAMP) WITH (connector='file', path='far.json', format='json', 'json.timestamp_format'='s'); SELECT * FROM t",
    3012: "CREATE TABLE t (a INT) WITH (connector='file', path='op.json', format='debezium_json'); SELECT * FROM t",
    4001: "SELECT 1 / i AS x FROM generate_series(0, 1) AS g(i)",
    4002: "SELECT i + 9223372036854775807 AS x FROM generate_series(0::bigint, 1::bigint) AS g(i)",
    4003: "SELECT t::int AS x FROM (VALUES ('x'), ('1')) AS v(t)",
    4004: "SELECT sqrt(i) FROM generate_series(-1, 1) AS g(i)",
    4005: "SELECT 'a' ~ '('",
    4006: "SELECT now() AT TIME ZONE 'Nowhere/City'",
    4007: "SELECT jsonb_path_exists('{}'::jsonb, '$[')",
    4008: "SELECT (VALUES (1), (2))",
    5001: "CREATE TABLE t (a INT) WITH (connector='file', path='missing.json', format='json'); SELECT * FROM t",
    5002: "CREATE TABLE t (a INT) WITH (connector='file', path='.', format='json'); SELECT * FROM t",
    5003: ("fault", "io.write:fail@1"),
    5004: ("function", "cut_while_read"),
    5005: "CREATE TABLE o WITH (connector='file', path='there.json', if_exists='error'); INSERT INTO o SELECT 1 AS a",
    5006: "CREATE TABLE o WITH (connector='file', path='/dev/full', format='json'); INSERT INTO o SELECT 1 AS a",
    5007: ("function", "closed_pipe"),
    5008: LOOKUP.format("never") + "SELECT * FROM (VALUES (1)) AS l(k) JOIN t ON t.k = l.k",
    5009: LOOKUP.format("u") + "SELECT * FROM (VALUES (1)) AS l(k) JOIN t ON t.k = l.k",
    6001: ("unit", "STATE_DAMAGED"),
    7001: ("fault", "memory.alloc:fail@20"),
    7002: ("args", ["sql", "-D", "memory_limit=2MB", "SELECT count(DISTINCT i) AS n FROM generate_series(1, 1000000) AS g(i)"]),
    7003: "SELECT " + "(" * 1100 + "1" + ")" * 1100,
    7004: ("function", "interrupt"),
    9001: ("unit", "INTERNAL"),
}


def foreign(context):
    """Names of other engines: unknown here, told with what there is instead, which is there."""
    names = re.findall(r'^WEIR_FOREIGN\((\w+), "([^"]+)", "(.*)"\)$', (context.root / "src/plan/foreign.def").read_text(), re.M)
    as_used = {"FUNCTION": "SELECT {}(1)", "CONNECTOR": "CREATE TABLE t{n} (a INT) WITH (connector = '{}')", "SETTING": "SET '{}' = '1'"}
    program = context.write("foreign.sql", "".join(as_used[kind].format(name, n=n) + ";\n" for n, (kind, name, _) in enumerate(names)))
    said = context.run("check", program).stderr.decode()
    told = dict(re.findall(r'error WEIR-\d+: no [a-z ]+"([^"]+)"\n(?:  .*\n)*?  hint: (.*)\n', said))
    for kind, name, hint in names:
        context.check(f"hint for {name}", told.get(name) == hint, told.get(name))
        for function in re.findall(r"\b([a-z_]+)\(", hint):
            context.check(f"hint for {name}: {function}", context.run("functions", function).returncode == 0, function)
    context.check("names of other engines", len(names) > 40, len(names))
    for text in ("EXECUTE STATEMENT SET BEGIN", "BEGIN STATEMENT SET"):
        got = context.run("sql", f"{text}; SELECT 1; END").stderr.decode()
        context.check(text, "all INSERTs of a program are one job" in got, got)
    for text, hint in {"CREATE TABLE t (at TIMESTAMP, WATERMARK at AS at) WITH (connector = 'impulse')": "a watermark is declared by WATERMARK FOR column [AS expression]",
                       "CREATE TABLE t (a INT) WITH (conector = 'file')": 'did you mean "connector"?',
                       "CREATE TABLE b LIKE a": "columns and options are written again"}.items():
        got = context.run("sql", text)
        context.check(text, got.returncode == 2 and f"hint: {hint}" in got.stderr.decode(), got)


def run(context):
    context.write("empty.json", "")
    context.write("there.json", "x")
    context.write("op.json", '{"before": null, "after": {"a": 1}, "op": "x"}\n')
    context.write("null.json", '{"at": null}\n')
    with sqlite3.connect(context.directory / "e.db") as database:
        database.execute("CREATE VIEW never AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x AS k FROM c WHERE x = random()")
    context.write("far.json", '{"at": 99999999999999999}\n')
    context.write("cut.gz", gzip.compress(b'{"a": 1}\n' * 1000)[:-9])
    table = (context.root / "src/base/errors.def").read_text()
    known = {int(number): symbol for symbol, number in re.findall(r"^WEIR_ERROR\((\w+), (\d+),", table, re.M)}
    listed = {int(n) for n in re.findall(r"WEIR-(\d+)", context.run("errors").stdout.decode())}
    context.check("weir errors lists them all", listed == set(known), sorted(listed ^ set(known)))
    context.check("every code has a case", set(known) == set(CASES), sorted(set(known) ^ set(CASES)))
    sources = "".join(path.read_text() for path in (context.root / "src").glob("**/*.c"))
    for code in sorted(set(known) & set(CASES)):
        if f"WEIR_E_{known[code]}" not in sources:
            context.skip(f"WEIR-{code}", "nothing raises it")
            continue
        provoke(context, code, CASES[code])
    foreign(context)


def provoke(context, code, case):
    kind = "sql" if isinstance(case, str) else case[0]
    if kind == "unit":
        tests = "".join(path.read_text() for path in (context.root / "tests/unit").glob("**/*.c"))
        context.check(f"{code} in a unit test", f"WEIR_E_{case[1]}" in tests)
        return
    if kind == "function":
        globals()[case[1]](context, code)
        return
    if kind == "sql":
        got = context.run("sql", "-f", context.write(f"{code}.sql", case))
    elif kind == "args":
        got = context.run(*case[1])
    elif kind == "run":
        got = context.run("run", context.write(f"{code}.sql", case[1]))
    elif kind == "fault":
        got = context.run("sql", "CREATE TABLE o WITH (connector='file', path='f.json'); INSERT INTO o SELECT 1 AS a",
                          env={"WEIR_FAULT": case[1]})
    else:
        path = context.write(f"{code}.{kind}", case[1])
        got = context.run("sql", TABLE.format(path=path))
    said = f"error WEIR-{code}: ".encode() in got.stderr
    wanted = exit_code(context, code)
    context.check(f"WEIR-{code}", said and got.returncode == wanted, f"exit {got.returncode}, {wanted} wanted\n"
                  f"{got.stderr.decode(errors='replace')[:600]}{got.stdout.decode(errors='replace')[:200]}")


def exit_code(context, code):
    text = (context.root / "src/base/errors.def").read_text()
    return int(re.search(rf"^WEIR_ERROR\(\w+, {code}, (\d)", text, re.M).group(1))


def cut_while_read(context, code):
    rows = b"a\n" + b"".join(b"%d\n" % (i * 7919 % 10_000_019) for i in range(1_500_000))
    for name, content in (("cut.csv", rows), ("cut.csv.gz", gzip.compress(rows, 1))):
        path = context.write(name, content)
        process = subprocess.Popen([context.weir, "sql", f"CREATE TABLE t (a INT) WITH (connector='file', path='{path}', rate='1000000'); SELECT count(*) FROM t"],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        time.sleep(0.3)
        os.truncate(path, len(content) * 3 // 5)
        _, err = process.communicate(timeout=30)
        context.check(f"WEIR-{code} {name}", process.returncode == 1 and f"WEIR-{code}".encode() in err, err.decode())


def closed_pipe(context, code):
    """The one error that is not told: who would read it?"""
    done = subprocess.run(f"{context.weir} sql 'SELECT i FROM generate_series(1, 1000000) AS g(i)' | head -1", shell=True, capture_output=True)
    context.check(f"WEIR-{code}", done.stdout == b'{"i":1}\n' and not done.stderr, done.stderr.decode())


def interrupt(context, code):
    process = subprocess.Popen([context.weir, "sql", "SELECT count(*) FROM generate_series(1, 100000000000)"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(0.4)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    context.check(f"WEIR-{code}", process.returncode == 130 and not out and b"interrupted" in err, f"{process.returncode} {err.decode()}")
