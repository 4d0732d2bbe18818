"""Every code of errors.def that a program or its data can provoke is provoked, and says so."""

import re

SQL = {
    1001: ("args", ["sql", "-o"]), 1002: ("args", ["nonsense"]), 1003: ("args", ["sql", "--nonsense", "SELECT 1"]),
    2001: "SELECT FROM WHERE", 2002: "SELECT * FROM nowhere", 2003: "SELECT x FROM (VALUES (1)) AS t(a)",
    2004: "SELECT nosuch(1)", 2005: "SELECT 1::nosuch", 2006: "CREATE TABLE t WITH (connector='impulse', nosuch='1'); SELECT * FROM t",
    2007: "CREATE TABLE t WITH (connector='impulse', message_count='many'); SELECT * FROM t",
    2008: "CREATE TABLE t (a INT) WITH (connector='file'); SELECT * FROM t", 2009: "CREATE TABLE t (a INT) WITH (connector='nosuch')",
    2010: "SELECT a FROM (SELECT 1 AS a, 2 AS a) AS t", 2011: "CREATE VIEW v AS SELECT 1 AS a; CREATE VIEW v AS SELECT 2 AS a",
    2012: "SELECT a FROM (VALUES (1)) AS t(a) WHERE a", 2013: "SELECT a, count(*) FROM (VALUES (1)) AS t(a)", 2014: "SELECT 1 FROM (VALUES (1)) AS t(a) WHERE count(*) > 0",
    2016: "SELECT tumble(INTERVAL '1 second') AS w, count(*) FROM (VALUES (1)) AS t(a) GROUP BY w",
    2019: "CREATE TABLE o (a INT, b INT) WITH (connector='blackhole'); INSERT INTO o SELECT 1",
    2021: "SELECT a FROM (VALUES (1)) AS t(a) ORDER BY 5",
    2022: "CREATE TABLE o (a INT) WITH (connector='blackhole'); SELECT * FROM o",
    2024: "SELECT * FROM (VALUES (1)) AS t(a) JOIN (VALUES (1)) AS u(b) ON a = b",
    2029: "CREATE TABLE t (a INT) WITH (connector='file', path='x', format='nosuch'); SELECT * FROM t",
    2030: "CREATE TABLE t (a INT) WITH (connector='file', path='${WEIR_NOT_SET}'); SELECT * FROM t",
    2032: "SELECT (s).nosuch FROM (SELECT CAST(NULL AS STRUCT<a INT>) AS s) AS t",
    2023: ("run", "CREATE TABLE t WITH (connector='impulse', message_count='3'); CREATE TABLE o WITH (connector='file', path='o.json', format='json'); INSERT INTO o SELECT count(*) AS n FROM t"),
    2025: ("run", "CREATE TABLE t WITH (connector='impulse'); SELECT counter FROM t ORDER BY counter"),
    2027: ("run", "CREATE TABLE t WITH (connector='impulse')"), 2028: "SELECT * FROM 'empty.json'",
    3001: ("data", "json", b'{"a" 1}\n'), 3002: ("data", "csv", b'a\n"x\n'), 3003: ("data", "csv", b"a\n\xff\n"),
    3004: ("data", "json", b'{"a": "x"}\n'), 3005: ("data", "json", b"{}\n"), 3007: ("data", "json", b'{"a": 1, "b": "%s"}\n' % (b"x" * 3000)),
    3008: ("data", "json", b'{"a": 1, "b": ' + b"[" * 200 + b"]" * 200 + b"}\n"), 3009: ("data", "csv", b"a\n1,2\n"),
    3010: ("gzip", None), 4001: "SELECT 1 / i AS x FROM generate_series(0, 1) AS g(i)", 4002: "SELECT i + 9223372036854775807 AS x FROM generate_series(0::bigint, 1::bigint) AS g(i)",
    4003: "SELECT t::int AS x FROM (VALUES ('x'), ('1')) AS v(t)",
    5001: "CREATE TABLE t (a INT) WITH (connector='file', path='missing.json', format='json'); SELECT * FROM t",
    5002: "CREATE TABLE t (a INT) WITH (connector='file', path='.', format='json'); SELECT * FROM t",
    5003: ("fault", "io.write:fail@1"), 5005: "CREATE TABLE o WITH (connector='file', path='there.json', if_exists='error'); INSERT INTO o SELECT 1 AS a",
    5006: "CREATE TABLE o WITH (connector='file', path='/dev/full', format='json'); INSERT INTO o SELECT 1 AS a",
    7002: ("args", ["sql", "-D", "memory_limit=2MB", "SELECT count(DISTINCT i) AS n FROM generate_series(1, 1000000) AS g(i)"]),
    7003: "SELECT " + "(" * 1100 + "1" + ")" * 1100,
}


def run(context):
    context.write("empty.json", "")
    context.write("there.json", "x")
    known = {int(n) for n in re.findall(r"WEIR-(\d+)", context.run("errors").stdout.decode())}
    for code, case in SQL.items():
        context.check(f"{code} is listed", code in known)
        got = provoke(context, code, case)
        context.check(f"WEIR-{code}", f"WEIR-{code}" .encode() in got.stderr,
                      f"exit {got.returncode}\n{got.stderr.decode(errors='replace')[:600]}{got.stdout.decode(errors='replace')[:200]}")


def provoke(context, code, case):
    if isinstance(case, str):
        return context.run("sql", "-f", context.write(f"{code}.sql", case))
    kind = case[0]
    if kind == "args":
        return context.run(*case[1])
    if kind == "run":
        return context.run("run", context.write(f"{code}.sql", case[1]))
    if kind == "fault":
        return context.run("sql", "CREATE TABLE o WITH (connector='file', path='f.json'); INSERT INTO o SELECT 1 AS a",
                           env={"WEIR_FAULT": case[1]})
    if kind == "gzip":
        import gzip
        context.write("cut.gz", gzip.compress(b'{"a": 1}\n' * 1000)[:-9])
        return context.run("sql", "CREATE TABLE t (a INT) WITH (connector='file', path='cut.gz', format='json'); SELECT * FROM t")
    _, form, content = case
    path = context.write(f"{code}.{form}", content)
    return context.run("sql", f"CREATE TABLE t (a BIGINT NOT NULL) WITH (connector='file', path='{path}', max_record_size='2 KiB'); SELECT a FROM t")
