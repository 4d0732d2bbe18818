"""The command as a user meets it: exit codes, messages, typos, bad input, pipes, signals."""

import fcntl
import gzip
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time


def run(context):
    basics(context)
    typos(context)
    bad_json(context)
    bad_csv(context)
    csv_delimiters(context)
    files(context)
    pipes_and_signals(context)
    compressed(context)
    live_results(context)
    shell(context)
    silent_pipes(context)
    interrupts(context)


def expect(context, name, got, code, out=None, err=None):
    """Checks the exit code and texts that must occur."""
    shown = f"exit {got.returncode}\n{got.stdout.decode(errors='replace')[-500:]}\n{got.stderr.decode(errors='replace')[-800:]}"
    ok = got.returncode == code
    ok = ok and (out is None or out in got.stdout.decode(errors="replace"))
    ok = ok and (err is None or err in got.stderr.decode(errors="replace"))
    context.check(name, ok, f"wanted exit {code}, {out!r}, {err!r}; got {shown}")


def basics(context):
    sql = lambda *args, **kw: context.run("sql", *args, **kw)
    expect(context, "version", context.run("version"), 0, "weir ")
    expect(context, "--version", context.run("--version"), 0, "weir ")
    expect(context, "help", context.run("help"), 0, "commands:")
    generate(context)
    expect(context, "no arguments", context.run(), 2, "commands:")
    for command in ("run", "sql", "check", "explain", "generate", "connectors", "functions", "formats", "errors"):
        expect(context, f"help {command}", context.run("help", command), 0, f"usage: weir {command}")
        expect(context, f"{command} --help", context.run(command, "--help"), 0, f"usage: weir {command}")
    expect(context, "select", sql("SELECT 1 + 1 AS two"), 0, '{"two":2}\n')
    expect(context, "table", sql("-o", "table", "SELECT 1 AS a"), 0, "(1 row)")
    expect(context, "csv", sql("-o", "csv", "SELECT 1 AS a, NULL AS b, 'x,y' AS c"), 0, 'a,b,c\n1,,"x,y"\n')
    expect(context, "a comment first", sql("-- two\nSELECT 2 AS two"), 0, '{"two":2}\n')
    expect(context, "from a pipe", sql(stdin=b"SELECT 5 AS five;"), 0, '{"five":5}')
    expect(context, "several statements", sql("SELECT 1 AS a; SELECT 2 AS b"), 0, '{"a":1}\n{"b":2}\n')
    expect(context, "json values", sql("SELECT 'NaN'::float8 AS n, NULL AS z, 1.50 AS d, TIMESTAMP '2024-01-02 03:04:05' AS t"),
           0, '{"n":"NaN","z":null,"d":1.50,"t":"2024-01-02T03:04:05"}')
    expect(context, "explain", context.run("explain", "SELECT 1 AS a"), 0)
    expect(context, "explain json", context.run("explain", "--format", "json", "SELECT 1 AS a"), 0, "{")
    for shell in ("bash", "zsh", "fish"):
        expect(context, f"completion {shell}", context.run("completion", shell), 0, "weir")
    completions(context)
    expect(context, "completion of nothing", context.run("completion", "ksh"), 2)
    expect(context, "man page", context.run("help", "man"), 0, ".TH WEIR")
    for name in ("file", "impulse", "generator", "blackhole", "stdout", "memory", "single_file"):
        expect(context, f"connectors {name}", context.run("connectors", name), 0, name)
    for name in ("json", "csv", "tsv", "raw_string", "raw_bytes"):
        expect(context, f"formats {name}", context.run("formats", name), 0, name)
    expect(context, "errors 2003", context.run("errors", "2003"), 0, "WEIR-2003")
    expect(context, "options", context.run("options"), 0, "on_error")
    expect(context, "options timezone", context.run("options", "timezone"), 0, "default: UTC")
    expect(context, "no such option", context.run("options", "timezon"), 2, err='"timezone"')
    expect(context, "fault sites", context.run("fault-sites"), 0, "io.write")


def generate(context):
    """weir generate nexmark: the same events in one file, by kind, compressed."""
    made = context.run("generate", "nexmark", "-n", 200, "-")
    lines = [json.loads(line) for line in made.stdout.splitlines()]
    kinds = [list(line) for line in lines]
    context.check("generate: one object a line, under its kind", made.returncode == 0 and len(lines) == 200 and kinds[:5] == [["person"], ["auction"], ["auction"], ["auction"], ["bid"]]
                  and all(len(kind) == 1 for kind in kinds), made.stderr.decode())
    bids = context.run("generate", "nexmark", "--events=200", "--only", "bid", "-").stdout.splitlines()
    context.check("generate: only bids", [json.loads(bid) for bid in bids] == [line["bid"] for line in lines if "bid" in line])
    expect(context, "generate without end", context.run("generate", "nexmark", "-n", 0, "endless.json"), 2, err="fill the disk")
    expect(context, "generate csv", context.run("generate", "nexmark", "-n200", "--only", "person", "p.csv"), 0)
    text = (context.directory / "p.csv").read_text()
    context.check("generate: persons as csv", text.startswith("id,name,email_address,credit_card,city,state,date_time,extra\n1000,Peter Jones,nhd@xcat.com,"), text)
    expect(context, "generate gz", context.run("generate", "nexmark", "-n", 200, "n.ndjson.gz"), 0)
    context.check("generate: compressed", gzip.decompress((context.directory / "n.ndjson.gz").read_bytes()) == made.stdout)
    other = context.run("generate", "nexmark", "-n", 200, "--seed", 5, "-w", "bid_proportion=1", "-")
    context.check("generate: options", other.stdout.count(b'{"bid"') == 40 and other.stdout.splitlines()[0] != made.stdout.splitlines()[0], other.stderr.decode())
    for arguments, said in [(["nonsense", "-"], 'no data called "nonsense"'), ([], "no data called"), (["nexmark"], "needs one file"), (["nexmark", "--only", "cats", "-"], 'called "cats"'),
                            (["nexmark", "-w", "x", "-"], "NAME=VALUE"), (["nexmark", "-n", "many", "-"], "whole number"), (["nexmark", "-w", "colour=red", "-"], 'no option "colour"')]:
        expect(context, f"generate {arguments}", context.run("generate", *arguments), 2, err=said)


def typos(context):
    data = context.write("orders.ndjson", '{"amount": 3, "item": "tea"}\n')
    expect(context, "command", context.run("runn"), 2, err='did you mean "weir run"')
    expect(context, "SQL for a command", context.run("SELECT 1"), 2, err="weir sql")
    expect(context, "a program for a command", context.run("report.sql"), 2, err="weir run FILE.sql")
    expect(context, "WEIR_CPU", context.run("sql", "SELECT 1", env={"WEIR_CPU": "sclar"}), 2, err="scalar, avx2, avx512")
    expect(context, "scalar", context.run("version", env={"WEIR_CPU": "scalar"}), 0, "instruction set: scalar")
    expect(context, "describe a file", context.run("sql", f"DESCRIBE '{data}'"), 0, "BIGINT")
    expect(context, "describe as JSON", context.run("sql", "-o", "json", f"DESCRIBE '{data}'"), 0, '{"column":"amount","type":"BIGINT","null":"yes","notes":""}\n{"column":"item"')
    expect(context, "columns there are", context.run("sql", f"SELECT zzzzzzzz FROM '{data}'"), 2, err="there is amount, item")
    expect(context, "dead letter is a table", context.run("sql", f"CREATE TABLE bad WITH (connector='blackhole'); CREATE TABLE t (amount INT) WITH (connector='file', path='{data}', dead_letter='bad'); SELECT * FROM t"), 2, err="names a table")
    expect(context, "WHERE false reads nothing", context.run("explain", f"SELECT * FROM '{data}' WHERE 1 = 2"), 0, "VALUES 0 rows")
    expect(context, "flag", context.run("sql", "--fromat", "csv", "SELECT 1"), 2, err="--format")
    expect(context, "flag without value", context.run("sql", "-o"), 2, err="needs")
    expect(context, "format", context.run("sql", "-o", "xml", "SELECT 1"), 2, err="table, json, csv")
    expect(context, "keyword", context.run("sql", "SELCT 1"), 2, err="SELECT")
    expect(context, "column", context.run("sql", f"SELECT amout FROM '{data}'"), 2, err='"amount"')
    expect(context, "function", context.run("sql", "SELECT rond(1.5)"), 2, err="round")
    expect(context, "table", context.run("sql", "CREATE TABLE orders (a INT) WITH (connector='blackhole'); SELECT * FROM ordres"), 2, err="orders")
    expect(context, "type", context.run("sql", "SELECT 1::integr"), 2, err="WEIR-2005")
    expect(context, "connector", context.run("sql", "CREATE TABLE t (a INT) WITH (connector = 'flie', path = 'x')"), 2, err='"file"')
    expect(context, "option", context.run("sql", "CREATE TABLE t (a INT) WITH (connector = 'file', pth = 'x'); SELECT * FROM t"), 2, err="path")
    expect(context, "later connector", context.run("sql", "CREATE TABLE t (a INT) WITH (connector = 'kafka', topic = 'x')"), 2, err="WEIR-2024")
    expect(context, "later format", context.run("sql", "CREATE TABLE t (a INT) WITH (connector = 'file', path = 'x', format = 'avro'); SELECT * FROM t"), 2, err="WEIR-2024")
    both = context.run("sql", "CREATE TABLE t (a INTT) WITH (connector = 'flie', path = 'x')")
    expect(context, "a type and a connector", both, 2, err="WEIR-2005")
    expect(context, "a type and the connector", both, 2, err="WEIR-2009")
    expect(context, "window table", context.run("sql", "SELECT * FROM TUMBEL(t, ts, INTERVAL '1 minute')"), 2, err='did you mean "tumble"')
    expect(context, "when", context.run("sql", "--color", "sometimes", "SELECT 1"), 2, err="auto, always, never")
    options = context.write("options.sql", "CREATE TABLE a (x INT) WITH (connector = 'file', pth = 'a', formt = 'json', bad_data = 'maybe', rate = 'x');\n"
                            "CREATE TABLE b (x INT) WITH (connector = 'file', path = 'b', format = 'jsn', late = 'never', 'csv.header' = 'perhaps');\n"
                            "INSERT INTO a SELECT x FROM b; SELECT x FROM a;\n")
    got = context.run("check", "--format", "json", options)
    told = [(line["code"], line["line"], line["column"]) for line in map(json.loads, got.stdout.decode().splitlines())]
    wanted = [("WEIR-2006", 1, 50), ("WEIR-2006", 1, 61), ("WEIR-2007", 1, 88), ("WEIR-2007", 1, 104), ("WEIR-2029", 2, 71), ("WEIR-2007", 2, 85)]
    context.check("all wrong options of a table are told", told == wanted, f"{told}\n{got.stderr.decode()[:500]}")
    time_options(context)
    short = "CREATE TABLE t (a INT) WITH (connector = 'file', path = 'x.csv', format = 'csv', header = 'false'); SELECT a FROM t"
    misspelt = short.replace("header", "haeder")
    expect(context, "an option misspelt without its format", context.run("sql", misspelt), 2, err='did you mean "csv.header"?')
    expect(context, "an option without its format", context.run("sql", short), 2, err='did you mean "csv.header"?')
    expect(context, "time zone", context.run("sql", "SET timezone = 'Nowhere/City'; SELECT 1"), 2, err="1:16: error WEIR-2007")
    expect(context, "time zone by -D", context.run("sql", "-D", "timezone=Nowhere", "SELECT 1"), 2, err="WEIR-2007")
    table = "CREATE TABLE t (a INT NOT NULL, b INT PRIMARY KEY); INSERT INTO t"
    expect(context, "NOT NULL is asked of what is inserted", context.run("sql", f"{table} VALUES (NULL, 1); SELECT a FROM t"), 1, err='WEIR-3005: "a"')
    expect(context, "NOT NULL of a column left out", context.run("sql", f"{table} (b) VALUES (1); SELECT a FROM t"), 1, err="WEIR-3005")
    expect(context, "NOT NULL with values", context.run("sql", f"{table} VALUES (7, 1); SELECT a FROM t"), 0, '{"a":7}')
    time = "CREATE TABLE t (ts TIMESTAMP, WATERMARK FOR ts); INSERT INTO t VALUES (TIMESTAMP '2024-01-01'); SELECT tumble(INTERVAL '1 hour'), count(*) FROM t GROUP BY 1"
    expect(context, "a watermark in memory is not passed over", context.run("sql", time), 2, err="1:14: error WEIR-2024")
    expect(context, "job option", context.run("sql", "SET batch_row = 5"), 2, err="batch_rows")
    expect(context, "-D", context.run("sql", "-D", "batch_row=5", "SELECT 1"), 2, err="batch_rows")
    expect(context, "no program", context.run("run"), 2)
    expect(context, "missing program", context.run("run", "nothing.sql"), 2, err="nothing.sql")
    expect(context, "empty program", context.run("run", context.write("empty.sql", "-- nothing\n")), 2, err="WEIR-2027")
    program = context.write("two.sql", "SELECT a FROM nowhere;\nSELECT b FROM neverwhere;\n")
    got = context.run("check", program)
    expect(context, "check reports all", got, 2, err="neverwhere")
    context.check("check reports the first too", b"nowhere" in got.stderr and b"1:15" in got.stderr, got.stderr.decode())
    got = context.run("check", "--format", "json", program)
    lines = got.stdout.decode().splitlines()
    context.check("check as JSON", len(lines) == 2 and json.loads(lines[0])["code"] == "WEIR-2002", got.stdout.decode())
    sinks = context.write("sinks.sql", "CREATE TABLE s (k INT) WITH (connector = 'file', path = 's.ndjson', follow = 'true');\n"
                          "CREATE TABLE o WITH (connector = 'file', path = 'o.json', changelog = 'op-column');\nINSERT INTO o SELECT k, count(*) AS n FROM s GROUP BY k;\n")
    context.write("s.ndjson", "")
    notes = [json.loads(line) for line in context.run("check", "--format", "json", sinks).stdout.decode().splitlines()]
    context.check("check as JSON tells of state and sinks", [(its["severity"], its.get("keys"), its.get("sink"), its.get("rows")) for its in notes] ==
                  [("warning", "k", None, None), ("note", None, "o", "changelog")], notes)
    expect(context, "caret", context.run("sql", "SELECT 1 +"), 2, err="^")
    expect(context, "unicode name", context.run("sql", 'SELECT 1 AS "größe"'), 0, '{"größe":1}')
    expect(context, "division", context.run("sql", "SELECT 1 / 0 AS x"), 1, err="WEIR-4001")
    expect(context, "division as null", context.run("sql", "-D", "on_error=null", "SELECT 1 / 0 AS x"), 0, '{"x":null}')
    expect(context, "overflow", context.run("sql", "SELECT 2147483647 + 1 AS x"), 1, err="WEIR-4002")
    expect(context, "cast", context.run("sql", "SELECT 'x'::int AS x"), 2, err="WEIR-")
    expect(context, "try_cast", context.run("sql", "SELECT TRY_CAST('x' AS INT) AS x"), 0, '{"x":null}')
    expect(context, "guard", context.run("sql", "SELECT count(*) AS n FROM (VALUES (0), (2)) AS t(b) WHERE b <> 0 AND 4 / b > 1"), 0, '{"n":1}')


def time_options(context):
    """Windows, lateness and the options of sources that make rows: told with their place, before anything runs."""
    data = context.write("times.json", '{"at": "2024-05-01", "v": 1}\n')
    table = f"CREATE TABLE t (at TIMESTAMP NOT NULL, v INT, WATERMARK FOR at) WITH (connector='file', path='{data}'%s);\n"
    count = "SELECT %s AS w, count(*) AS n FROM t GROUP BY 1"
    refused = {
        "tumbl(INTERVAL '1 day')": 'did you mean "tumble"?',
        "sesion(INTERVAL '1 day')": 'did you mean "session"?',
        "tumble(INTERVAL '1 dya')": "hint: write it as INTERVAL",
        "tumble(INTERVAL '0 seconds')": "hint: write it as INTERVAL '10 seconds'",
        "tumble(INTERVAL '1 month 1 day')": "hint: write INTERVAL '1 month' or",
        "session(INTERVAL '1 month')": "hint: write days",
        "cumulate(INTERVAL '2 days', INTERVAL '1 day')": "hint: the step comes first",
        "hop(INTERVAL '1 us', INTERVAL '1 day')": "hint: make the slide longer",
    }
    for window, hint in refused.items():
        expect(context, window, context.run("sql", table % "" + count % window), 2, err=hint)
    expect(context, "a window in WHERE", context.run("sql", table % "" + "SELECT v FROM t WHERE tumble(INTERVAL '1 day').start > at"), 2, err="hint: group by it")
    late = count % "tumble(INTERVAL '1 day')"
    for options, says in {"late='side:t'": 'late rows of "t" cannot go to itself', "late='side:misst'": 'did you mean "missed"?',
                          "late='side:elsewhere'": "hint: declare it", "allowed_lateness='off'": "a duration such as '10 seconds'\n",
                          "idle_timeout='soon'": "or 'off'"}.items():
        program = context.write("late.sql", "CREATE TABLE missed (v INT) WITH (connector='blackhole');\n" + table % f", {options}" + late)
        got = context.run("check", program)
        expect(context, options, got, 2, err=says)
        expect(context, f"{options} has a place", got, 2, err="late.sql:2:")
    context.check("the file of a side table that was the table is as it was", data.read_text().count("\n") == 1)
    for options in ("connector='nexmark', event_rate='0'", "connector='nexmark', base_time='soon'", "connector='nexmark', event_rate='5', next_event_rate='6'",
                    "connector='nexmark', runtime='-1'", "connector='impulse', event_rate='-1'", "connector='impulse', event_time_interval='off'",
                    "connector='generator', rows_per_second='-1'", "connector='generator', 'a.min'='5', 'a.max'='4'", "connector='generator', 'a.kind'='odd'"):
        columns = "(a INT) " if "generator" in options else ""
        got = context.run("check", context.write("made.sql", f"CREATE TABLE t {columns}WITH ({options});\nSELECT * FROM t;\n"))
        expect(context, options, got, 2, err="made.sql:1:")
        expect(context, f"{options}: what it takes", got, 2, err="hint: ")
    for columns in ("(person TEXT) WITH (connector='nexmark'", "(counter TEXT) WITH (connector='impulse'", "(a JSON) WITH (connector='generator'"):
        expect(context, columns, context.run("check", context.write("made.sql", f"CREATE TABLE t {columns});\nSELECT * FROM t;\n")), 2, err="made.sql:1:14: error WEIR-2007")


def bad_json(context):
    deep = "[" * 200 + "]" * 200
    cases = {
        "malformed": b'{"a": 1}\n{"a": }\n', "truncated": b'{"a": 1}\n{"a": 2', "not an object": b"[1]\n",
        "deep": b'{"a": 1, "b": ' + deep.encode() + b"}\n", "invalid UTF-8": b'{"a": 1, "b": "\xff"}\n',
        "NUL": b'{"a": 1}\x00\n', "control character": b'{"a": 1, "b": "\x01"}\n', "huge number": b'{"a": 1e999999}\n',
        "trailing": b'{"a": 1} x\n', "wrong type": b'{"a": "one"}\n', "out of range": b'{"a": 99999999999999999999}\n',
        "lone surrogate": b'{"a": 1, "b": "\\ud800"}\n',
    }
    for name, content in cases.items():
        path = context.write(f"bad-{name.replace(' ', '-')}.ndjson", content)
        ddl = f"CREATE TABLE t (a BIGINT) WITH (connector = 'file', path = '{path}', format = 'json'"
        got = context.run("sql", f"{ddl}); SELECT sum(a) AS s FROM t")
        expect(context, f"json {name} fails", got, 1, err="WEIR-3")
        letter = context.directory / "dead.ndjson"
        got = context.run("sql", f"{ddl}, bad_data = 'drop', dead_letter = '{letter}'); SELECT count(a) AS n FROM t")
        expect(context, f"json {name} dropped", got, 0, '{"n":', "dropped")
        dead = [json.loads(line) for line in letter.read_text().splitlines()]
        context.check(f"json {name} dead letter", len(dead) == 1 and dead[0]["code"].startswith("WEIR-3"), dead)
    for name, content, said in (("an array", b'[{"a": 1}]\n', "jq -c"), ("two values", b'{"a": 1} {"a": 2}\n', "byte 9"), ("bad text", b'{"a": "\xff"}\n', "UTF-8")):
        expect(context, f"no columns of {name}", context.run("sql", f"SELECT * FROM '{context.write('refused.ndjson', content)}'"), 2, err=said)
    path = context.write("dup.ndjson", '{"a": 1, "a": 2, "\\u0061": 3}\n\n{"a": null}\n{}\n')
    expect(context, "json duplicates", context.run("sql", f"CREATE TABLE t (a BIGINT) WITH (connector='file', path='{path}'); SELECT a FROM t"),
           0, '{"a":3}\n{"a":null}\n{"a":null}\n')
    huge = context.directory / "huge.ndjson"
    with open(huge, "wb") as out:
        out.write(b'{"a": 1, "b": "')
        for _ in range(100):
            out.write(b"x" * (1 << 20))
        out.write(b'"}\n{"a": 7}\n')
    got = subprocess.run(["/usr/bin/time", "-f", "RSS %M", context.weir, "sql",
                          f"CREATE TABLE t (a BIGINT) WITH (connector='file', path='{huge}', bad_data='drop'); SELECT sum(a) AS s FROM t"],
                         capture_output=True) if os.path.exists("/usr/bin/time") else context.run("sql", f"CREATE TABLE t (a BIGINT) WITH (connector='file', path='{huge}', bad_data='drop'); SELECT sum(a) AS s FROM t")
    expect(context, "100 MB line", got, 0, '{"s":7}', "dropped")
    if b"RSS " in got.stderr and "asan" not in context.weir:
        rss = int(got.stderr.rsplit(b"RSS ", 1)[1])
        context.check("100 MB line takes little memory", rss < 64 << 10, f"{rss} KiB")
    huge.unlink()


def bad_csv(context):
    cases = {"field count": "a,b\n1,2\n3\n", "unclosed quote": 'a,b\n1,"x\n', "text after quote": 'a,b\n1,"x"y\n', "type": "a,b\nx,2\n"}
    for name, content in cases.items():
        path = context.write(f"bad-{name.replace(' ', '-')}.csv", content)
        ddl = f"CREATE TABLE t (a BIGINT, b TEXT) WITH (connector='file', path='{path}'"
        expect(context, f"csv {name} fails", context.run("sql", f"{ddl}); SELECT * FROM t"), 1, err="WEIR-3")
        expect(context, f"csv {name} dropped", context.run("sql", f"{ddl}, bad_data='drop'); SELECT count(a) AS n FROM t"), 0, '{"n":', "dropped")
    path = context.write("good.csv", '\ufeffb,a\n"x ""q"", y\nz",1\n,\n"",3\n')
    expect(context, "csv quotes, order, null", context.run("sql", f"CREATE TABLE t (a BIGINT, b TEXT) WITH (connector='file', path='{path}'); SELECT a, b FROM t"),
           0, '{"a":1,"b":"x \\"q\\", y\\nz"}\n{"a":null,"b":null}\n{"a":3,"b":""}\n')
    expect(context, "csv missing column", context.run("sql", f"CREATE TABLE t (c BIGINT) WITH (connector='file', path='{path}'); SELECT * FROM t"), 2, err='"c"')


def csv_delimiters(context):
    rows = '{"name":"Ada","amount":"1,5"}\n{"name":"B;|\\tb","amount":"2,5"}\n'
    for c, name in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
        path = context.write(f"{name}.csv", f'name{c}amount\n\nAda{c}1,5\n"B;|\tb"{c}2,5\n')
        expect(context, f"csv of {name} is found out", context.run("sql", f"SELECT * FROM '{path}'"), 0, rows)
        declared = f"CREATE TABLE t (name TEXT) WITH (connector='file', path='{path}'); SELECT name FROM t"
        shown = "\\t" if c == "\t" else c
        expect(context, f"csv of {name} and columns", context.run("sql", declared), 2, err=f"is csv.delimiter = '{shown}' meant?")
        given = f"CREATE TABLE t WITH (connector='file', path='{path}', csv.delimiter=','); SELECT count(*) AS n FROM t"
        expect(context, f"csv of {name}, a comma given", context.run("sql", given), 1, err="expected 1 fields, found 2")
    for name, text, wanted in (("commas first", "a,b\n1;2,3;4\n", '{"a":"1;2","b":"3;4"}\n'),
                               ("one column", "note\nhello; you\nbye\n", '{"note":"hello; you"}\n{"note":"bye"}\n'),
                               ("not all records", "a;b\n1;2\n3\n", '{"a;b":"1;2"}\n{"a;b":"3"}\n')):
        path = context.write("delimiters.csv", text)
        expect(context, f"csv delimiters: {name}", context.run("sql", f"SELECT * FROM '{path}'"), 0, wanted)


def files(context):
    expect(context, "missing file", context.run("sql", "SELECT * FROM 'missing.json'"), 1, err="missing.json")
    expect(context, "directory", context.run("sql", f"SELECT * FROM '{context.directory}'"), 1, err="directory")
    expect(context, "no match", context.run("sql", "SELECT * FROM 'none-*.json'"), 1, err="none-*.json")
    expect(context, "empty file", context.run("sql", f"SELECT * FROM '{context.write('empty.json', '')}'"), 2, err="WEIR-2028")
    for i in range(3):
        context.write(f"part-{i}.ndjson", f'{{"n": {i}}}\n')
    for path in ("prt-0.ndjson", f"{context.directory}/prt-0.ndjson"):
        got = context.run("sql", f"SELECT * FROM '{path}'")
        expect(context, "missing file: a near name", got, 1, err=f"did you mean '{path.replace('prt', 'part')}'?")
    context.write("mixed.json", '{"n": 1}\n{"n": "x"}\n')
    expect(context, "values of several types", context.run("sql", "SELECT sum(n) AS s FROM 'mixed.json'"), 2, err="TRY_CAST")
    expect(context, "values of several types, cast", context.run("sql", "SELECT sum(TRY_CAST(n AS DOUBLE)) AS s FROM 'mixed.json'"), 0, '{"s":1}')
    expect(context, "glob", context.run("sql", "SELECT sum(n) AS s FROM 'part-*.ndjson'"), 0, '{"s":3}')
    got = context.run("sql", "CREATE TABLE o WITH (connector='file', path='/dev/full', format='json'); INSERT INTO o SELECT 1 AS a")
    expect(context, "full disk", got, 3, err="WEIR-5006")
    context.write("old.json", "old\n")
    got = context.run("sql", "CREATE TABLE o WITH (connector='file', path='old.json', if_exists='error'); INSERT INTO o SELECT 1 AS a")
    expect(context, "output exists", got, 1, err="WEIR-5005")
    got = context.run("sql", "CREATE TABLE o WITH (connector='file', path='old.json'); INSERT INTO o SELECT 1 / (i - 2) AS a FROM generate_series(1, 3) AS g(i)")
    expect(context, "failing job", got, 1, err="WEIR-4001")
    context.check("a failed job leaves the old file", (context.directory / "old.json").read_text() == "old\n")
    context.check("and no temporary one", not list(context.directory.glob("*.weir-tmp")))
    got = context.run("sql", "CREATE TABLE o WITH (connector='file', path='old.json', if_exists='append'); INSERT INTO o SELECT 1 AS a")
    context.check("append", (context.directory / "old.json").read_text() == 'old\n{"a":1}\n', got.stderr.decode())
    got = context.run("sql", "-D", "memory_limit=2MB", "SELECT count(DISTINCT i) AS n FROM generate_series(1, 1000000) AS g(i)")
    expect(context, "memory limit", got, 3, err="WEIR-7002")


def pipes_and_signals(context):
    shell = subprocess.run(f"{context.weir} sql -o csv 'SELECT i FROM generate_series(1, 10000000) AS g(i)' | head -1",
                           shell=True, capture_output=True, timeout=60)
    context.check("closed pipe is quiet", shell.stdout == b"i\n" and shell.stderr == b"", shell.stderr.decode())
    for command in ("functions", "help sql", "completion bash", "sql 'SELECT 1'"):
        shell = subprocess.run(f"(sleep 0.1; {context.weir} {command}; echo $? >&2) | true", shell=True, capture_output=True, timeout=60)
        context.check(f"{command}: closed pipe is quiet", shell.stderr == b"0\n", shell.stderr.decode())
    for closed, said in ((">&-", b"cannot write <stdout>"), ("<&-", b"cannot read <stdin>")):
        shell = subprocess.run(f"echo SELECT 1 | ({context.weir} sql {closed})", shell=True, executable="/bin/bash", capture_output=True, timeout=60)
        context.check(f"{closed}: a stream that is not there", shell.returncode == 1 and said in shell.stderr, f"{shell.returncode} {shell.stderr}")
    once = context.run("sql", "SELECT * FROM '/dev/stdin'", stdin=b'{"a": 1}\n')
    expect(context, "columns of a pipe cannot be inferred", once, 2, err="WEIR-2028")
    once = context.run("sql", "CREATE TABLE t (a INT) WITH (connector = 'file', path = '/dev/stdin', format = 'json'); SELECT a FROM t", stdin=b'{"a": 1}\n{"a": 2}\n')
    expect(context, "a pipe by its path", once, 0, '{"a":1}\n{"a":2}\n')
    fifo = context.directory / "silent.fifo"
    os.mkfifo(fifo)
    for does in ("SELECT a FROM t", "INSERT INTO t SELECT 1"):
        process = subprocess.Popen([context.weir, "sql", f"CREATE TABLE t (a INT) WITH (connector = 'file', path = '{fifo}', format = 'json'); {does}"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        try:
            _, err = process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            err = b"did not stop"
        context.check(f"{does}: a pipe without another end can be interrupted", process.returncode == 128 + signal.SIGINT and b"interrupted" in err, f"{process.returncode} {err}")
    got = context.run("run", "-", stdin=b"CREATE TABLE t WITH (connector='impulse', message_count='3'); SELECT counter FROM t;")
    expect(context, "program from standard input", got, 0, '{"counter":2}')
    endless = context.write("endless.sql", "CREATE TABLE t WITH (connector='impulse', event_rate='1000');\n"
                            "CREATE TABLE o WITH (connector='file', path='endless.out', format='json');\n"
                            "INSERT INTO o SELECT counter FROM t;\n")
    for number in (signal.SIGINT, signal.SIGTERM):
        process = subprocess.Popen([context.weir, "run", endless], cwd=context.directory, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        time.sleep(0.5)
        process.send_signal(number)
        try:
            _, err = process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            err = b"did not stop"
        context.check(f"{signal.Signals(number).name} ends a job with 0", process.returncode == 0, f"{process.returncode} {err.decode()}")
    follow = context.write("follow.ndjson", '{"n": 1}\n')
    program = context.write("follow.sql", f"CREATE TABLE t (n INT) WITH (connector='file', path='{follow}', follow='true'); SELECT n FROM t;")
    logs = {name: value for name, value in os.environ.items() if name != "WEIR_LOG"}
    process = subprocess.Popen([context.weir, "run", "-o", "csv", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=logs)
    time.sleep(0.5)
    with open(follow, "a") as out:
        out.write('{"n": 2}\n')
    time.sleep(0.5)
    os.rename(follow, str(follow) + ".1")
    follow.write_text('{"n": 3}\n')
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=10)
    context.check("follow through rotation", out == b"n\n1\n2\n3\n", f"{out} {err}")
    context.check("its log", all(word in err for word in (b'level=info event="job started"', b'event="file was replaced"', b'event="job ended" status=stopped rows_in=3')), err.decode())
    follow_missing(context)
    marks(context)
    wide_numbers(context)
    side_table(context)
    analyses(context)


def silent_pipes(context):
    """What the clock brings about comes out while a pipe says nothing, and other pipes are read on."""
    pipe = "CREATE TABLE t (v INT) WITH (connector='file', path='-', format='json');\n"
    every = "SELECT count(*) AS n, sum(v) AS s FROM t EMIT EVERY INTERVAL '%s'"
    rows = [b'{"v": 1}\n', b'{"v": 2}\n', b'{"v": 4}\n']
    got, rest = while_open(context, pipe + every % "400 milliseconds", rows, 0.02, 1)
    context.check("EMIT EVERY comes when its time is over", got == [{"_op": "+", "n": 3, "s": 7}] and not rest, f"{got} {rest}")
    got, rest = while_open(context, pipe + every % "1 hour", rows, 0.3, 0)
    context.check("EMIT EVERY does not come before", not got and rest == [{"_op": "+", "n": 3, "s": 7}], f"{got} {rest}")
    got, rest = while_open(context, pipe + "SELECT tumble(proctime(), INTERVAL '1 hour').start > now() AS later, count(*) AS n FROM t GROUP BY tumble(proctime(), INTERVAL '1 hour')", rows, 0.02, 0)
    context.check("a window of processing time stays open", not got and sum(row["n"] for row in rest) == 3, f"{got} {rest}")
    got, rest = while_open(context, pipe + "SELECT count(*) AS n FROM t GROUP BY session(proctime(), INTERVAL '400 milliseconds')", rows, 0.02, 1)
    context.check("a window of processing time closes by the clock", got == [{"n": 3}] and not rest, f"{got} {rest}")
    for name in ("a.pipe", "b.pipe"):
        os.mkfifo(context.directory / name)
    table = "CREATE TABLE e (at TIMESTAMP NOT NULL, v INT, WATERMARK FOR at AS at) WITH (connector='file', path='?.pipe', format='json', idle_timeout='200 milliseconds');\n"
    query = "SELECT tumble(INTERVAL '10 seconds').start::TEXT AS w, sum(v) AS s FROM e GROUP BY tumble(INTERVAL '10 seconds')"
    busy, silent = (open(os.open(context.directory / name, os.O_RDWR), "wb", buffering=0) for name in ("a.pipe", "b.pipe"))
    job = subprocess.Popen([context.weir, "run", context.write("pipes.sql", table + query)], cwd=context.directory, stdout=subprocess.PIPE)
    with busy, silent:
        for second, v in ((1, 1), (2, 2), (12, 4), (25, 8)):
            busy.write(b'{"at": "2024-05-01T00:00:%02d", "v": %d}\n' % (second, v))
            if second == 1:
                silent.write(b'{"at": "2024-05-01T00:00:01", "v": 16}\n')
            time.sleep(0.4)
        got = lines_now(job.stdout, 2)
    rest = [json.loads(line) for line in job.stdout]
    job.wait()
    context.check("a silent pipe is idle", [row["s"] for row in got] == [19, 4] and [row["s"] for row in rest] == [8], f"{got} {rest}")


def while_open(context, program, rows, pause_s, count):
    """What comes while the input is still open, once `count` rows have, and what comes when it is closed."""
    job = subprocess.Popen([context.weir, "run", context.write("open.sql", program)], cwd=context.directory, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    for row in rows:
        job.stdin.write(row)
        job.stdin.flush()
        time.sleep(pause_s)
    got = lines_now(job.stdout, count)
    job.stdin.close()
    rest = [json.loads(line) for line in job.stdout]
    job.wait()
    return got, rest


def lines_now(stream, count):
    """The lines that there are, at least `count` within ten seconds."""
    text, until = b"", time.monotonic() + 10
    while text.count(b"\n") < count and time.monotonic() < until:
        if select.select([stream], [], [], 0.1)[0]:
            text += os.read(stream.fileno(), 65536)
    while select.select([stream], [], [], 0.1)[0]:
        text += os.read(stream.fileno(), 65536)
    return [json.loads(line) for line in text.splitlines()]


def completions(context):
    """What bash offers behind the words typed so far, the last of which is not finished."""
    script = context.write("completion.bash", context.run("completion", "bash").stdout.decode())
    for words, has, has_not in [("weir s", "sql", "run"), ("weir sql --format ", "table json csv", "text"), ("weir check -o ", "text json", "csv"), ("weir sql --format = j", "json", "csv"),
                                ("weir run --log w", "warning", "info"), ("weir functions date_", "date_trunc date_bin", "abs"), ("weir functions perc", "percentile_cont", "abs"),
                                ("weir connectors ", "file nexmark sqlite", "json"), ("weir formats deb", "debezium_json", "csv"), ("weir options mem", "memory_limit", "timezone"),
                                ("weir help com", "completion", "sql"), ("weir completion f", "fish", "bash"), ("weir run compl", "completion.bash", "sql"), ("weir generate --only ", "person auction bid", "nexmark")]:
        given = words.split(" ")
        ask = f"source {script}; COMP_WORDS=({' '.join(repr(word) for word in given)}); COMP_CWORD={len(given) - 1}; _weir; printf '%s\\n' \"${{COMPREPLY[@]}}\""
        got = subprocess.run(["bash", "-c", ask], cwd=context.directory, capture_output=True)
        offered = got.stdout.decode().split()
        context.check(f"bash completes {words!r}", set(has.split()) <= set(offered) and has_not not in offered, f"{offered[:20]} {got.stderr.decode()}")


def side_table(context):
    """A side table without columns gets each of the row's once, also where the row has its window's bounds."""
    lines = [("00:00:05", 1), ("00:00:25", 2), ("00:00:06", 4)]
    context.write("sided.ndjson", "".join(f'{{"ts":"2024-01-01T{ts}","v":{v}}}\n' for ts, v in lines))
    program = context.write("sided.sql", "CREATE TABLE e (ts TIMESTAMP, v INT, WATERMARK FOR ts) WITH (connector='file', path='sided.ndjson', late='side:l');\n"
                            "CREATE TABLE l WITH (connector='file', path='side.ndjson'); CREATE TABLE o WITH (connector='blackhole');\n"
                            "INSERT INTO o SELECT window_start, sum(v) AS s FROM TUMBLE(e, ts, INTERVAL '10 seconds') GROUP BY window_start;\n")
    got = context.run("run", program)
    rows = [json.loads(line, object_pairs_hook=list) for line in (context.directory / "side.ndjson").read_text().splitlines()]
    day = "2024-01-01T00:00:"
    wanted = [[["ts", day + "06"], ["v", 4], ["window_start", day + "00"], ["window_end", day + "10"], ["watermark", day + "24"]]]
    context.check("where its rows went is told", b"1 row was too late for its window; " in got.stderr and b"they went to l\n" in got.stderr, got.stderr.decode())
    context.check("a side table of TUMBLE", [[list(pair) for pair in row] for row in rows] == wanted, f"{rows} {got.stderr.decode()}")


def analyses(context):
    """One job tells what several EXPLAIN ANALYZE of a program ask for."""
    table = "CREATE TABLE e (ts TIMESTAMP, v INT, WATERMARK FOR ts) WITH (connector='file', path='sided.ndjson');\n"
    query = "SELECT tumble(INTERVAL '10 seconds') AS w, sum(v) AS s FROM e GROUP BY 1;\n"
    got = context.run("run", context.write("two.analyze.sql", f"{table}EXPLAIN ANALYZE WATERMARK {query}EXPLAIN ANALYZE STATE {query}"))
    context.check("two EXPLAIN ANALYZE", got.returncode == 0 and b"last event 2024-01-01" in got.stdout and b"rows now" in got.stdout, f"{got.stdout.decode()} {got.stderr.decode()}")


def wide_numbers(context):
    """Columns of whole numbers beyond 64 bits keep their digits, as DuckDB's HUGEINT does."""
    for name, text in [("wide.ndjson", '{"a":9223372036854775807}\n{"a":9223372036854775808}\n'), ("wide.csv", "a\n9223372036854775807\n9223372036854775808\n")]:
        path = context.write(name, text)
        expect(context, f"whole numbers of {name}", context.run("sql", "-o", "csv", f"SELECT sum(a) AS s, max(a) AS m FROM '{path}'"), 0, "s,m\n18446744073709551615,9223372036854775808")


def marks(context):
    """What is JSON but for its first bytes is told by name."""
    for name, text, why in [("mark.json", b'\xef\xbb\xbf{"a":1}\n', "a byte order mark is not JSON"),
                            ("wide.json", '{"a":1}\n'.encode("utf-16"), "this is UTF-16, JSON is UTF-8")]:
        path = context.directory / name
        path.write_bytes(text)
        expect(context, f"{name} to infer from", context.run("sql", f"SELECT * FROM '{path}'"), 2, err=why)
        table = f"CREATE TABLE t (a INT) WITH (connector = 'file', path = '{path}', format = 'json'); SELECT a FROM t"
        expect(context, f"{name} to read", context.run("sql", table), 1, err=why if name == "mark.json" else "ill-formed UTF-8")


def follow_missing(context):
    """A file that is not there yet, and one that goes and comes again, are waited for."""
    path = context.directory / "later.ndjson"
    program = context.write("later.sql", f"CREATE TABLE t (n INT) WITH (connector='file', path='{path}', follow='true'); SELECT n FROM t;")
    process = subprocess.Popen([context.weir, "run", "--log", "info", "-o", "csv", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(0.5)
    path.write_text('{"n": 1}\n')
    time.sleep(0.5)
    path.unlink()
    time.sleep(0.3)
    path.write_text('{"n": 2}\n')
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=10)
    context.check("a file that comes later is followed", out == b"n\n1\n2\n" and process.returncode == 0 and b'level=warning event="waiting for a file"' in err, f"{out} {err}")
    got = context.run("run", context.write("follow2.sql", f"CREATE TABLE t WITH (connector='file', path='{path}.not', follow='true'); SELECT n FROM t;"))
    expect(context, "but not for its columns", got, 2, err="declare the columns")
    one = context.write("one.sql", "SELECT 1 AS a;\n")
    got = context.run("run", "--log", "warning", one)
    expect(context, "--log", got, 0, '{"a":1}')
    context.check("--log warning is silent when nothing happens", got.stderr == b"", got.stderr.decode())
    got = context.run("run", "--log", "loud", one)
    expect(context, "--log of no level", got, 2, err="off, error, warning, info, debug")
    got = subprocess.run([context.weir, "run", one], capture_output=True, env={**os.environ, "WEIR_FORMAT": "csv", "WEIR_LOG": "off"})
    context.check("options from the environment", got.stdout == b"a\n1\n" and got.stderr == b"", f"{got.stdout} {got.stderr}")


def compressed(context):
    lines = "".join(f'{{"n": {i}}}\n' for i in range(5000)).encode()
    packed = gzip.compress(lines)
    context.write("n.ndjson.gz", packed + packed)
    expect(context, "gzip members", context.run("sql", "SELECT count(*) AS c, sum(n) AS s FROM 'n.ndjson.gz'"), 0, '{"c":10000,"s":24995000}')
    context.write("cut.ndjson.gz", packed[:-20])
    expect(context, "truncated gzip", context.run("sql", "CREATE TABLE t (n INT) WITH (connector='file', path='cut.ndjson.gz'); SELECT count(*) AS c FROM t"), 1, err="WEIR-3010")
    got = context.run("sql", "CREATE TABLE o WITH (connector='file', path='out.csv.gz'); INSERT INTO o SELECT 1 AS a")
    context.check("gzip output", got.returncode == 0 and gzip.decompress((context.directory / "out.csv.gz").read_bytes()) == b"a\n1\n", got.stderr.decode())
    got = context.run("sql", "CREATE TABLE o WITH (connector='file', path='out.ndjson.zst'); INSERT INTO o SELECT 1 AS a")
    expect(context, "zstd round trip", context.run("sql", "SELECT a FROM 'out.ndjson.zst'"), 0, '{"a":1}')


def on_terminal(context, args, keys=(), rows=24, timeout=60):
    """Runs the program on a pseudo-terminal. keys: (text to wait for, what is typed then), in order. Returns what it
    wrote, and its exit code (-999: it hung)."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(context.directory)
        os.environ["TERM"] = "xterm"
        os.execv(context.weir, [context.weir, *map(str, args)])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, 80, 0, 0))
    out, seen, keys, deadline = b"", 0, list(keys), time.monotonic() + timeout
    while time.monotonic() < deadline:
        while keys and (at := out.find(keys[0][0], seen)) >= 0:
            seen = at + len(keys[0][0])
            time.sleep(0.05)  # until the line editor listens
            os.write(terminal, keys.pop(0)[1])
        if not select.select([terminal], [], [], 0.1)[0]:
            continue
        try:
            piece = os.read(terminal, 1 << 16)
        except OSError:
            piece = b""
        if not piece:
            return out, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        out += piece
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return out, -999


def screen(out):
    """What stands on the terminal in the end: carriage returns, cursor up, and both erasures obeyed."""
    lines, row, column = [""], 0, 0
    for mark in re.finditer(rb"\x1b\[\??(\d*)([A-Za-z])|\r|\n|[^\x1b\r\n]+", out):
        text = mark.group().decode(errors="replace")
        if mark.group(2) == b"A":
            row = max(0, row - int(mark.group(1) or 1))
        elif mark.group(2) == b"J":
            lines = lines[:row] + [lines[row][:column]]
        elif mark.group(2) == b"K":
            lines[row] = lines[row][:column]
        elif text == "\n":
            row += 1
            lines += [""] * (row + 1 - len(lines))
        elif text == "\r":
            column = 0
        elif not mark.group(2):
            lines[row] = lines[row][:column].ljust(column) + text + lines[row][column + len(text):]
            column += len(text)
    return "\n".join(line.rstrip() for line in lines).rstrip("\n")


def live_results(context):
    """On a terminal a result is drawn over and over while its input is read; what stands there in the end is the
    answer, and nothing else."""
    context.write("slow.csv", "city,amount\n" + "".join(f"c{i % 7},{i % 100}\n" for i in range(30000)))
    table = ("CREATE TABLE s (city TEXT, amount BIGINT, at TIMESTAMP GENERATED ALWAYS AS (to_timestamp(amount)), WATERMARK FOR at AS at - INTERVAL '100 seconds') "
             "WITH (connector='file', path='slow.csv', rate='30000');\n")
    cases = {
        "top list of groups": ("SELECT city, count(*) AS n, sum(amount) AS total FROM s GROUP BY city ORDER BY total DESC LIMIT 3", 3),
        "groups without order": ("SELECT city, count(*) AS n FROM s GROUP BY city", 7),
        "having, and an expression": ("SELECT upper(city) AS c, avg(amount) AS a FROM s GROUP BY city HAVING count(*) > 2 ORDER BY c", 7),
        "top list of rows": ("SELECT amount, city FROM s ORDER BY amount DESC, city LIMIT 5", 5),
        "groups of groups": ("SELECT n, count(*) AS cities FROM (SELECT city, count(*) AS n FROM s GROUP BY city) AS g GROUP BY n ORDER BY n", None),
        "one row": ("SELECT count(*) AS n, max(amount) AS m FROM s", 1),
        "median": ("SELECT city, percentile_cont(0.5) WITHIN GROUP (ORDER BY amount) AS p FROM s GROUP BY city ORDER BY city", 7),
        "windows that overlap": ("SELECT hop(INTERVAL '10 seconds', INTERVAL '70 seconds') AS w, city, count(*) AS n FROM s GROUP BY city, w ORDER BY w.start, city LIMIT 30", 30),
        "windows that are merged": ("SELECT hop(INTERVAL '10 seconds', INTERVAL '70 seconds') AS w, city, bit_or(amount) AS n FROM s GROUP BY city, w ORDER BY w.start, city LIMIT 30", 30),
        "more rows than fit": ("SELECT amount, count(*) AS n FROM s GROUP BY amount ORDER BY amount", 100),
    }
    for name, (query, rows) in cases.items():
        program = context.write("live.sql", table + query + ";\n")
        at_once = context.write("at_once.sql", table.replace("30000", "0") + query + ";\n")
        wanted = context.run("sql", "-o", "table", "-f", at_once).stdout.decode()
        for command in (["sql", "-f"], ["run"]):
            if command == ["run"] and not name.startswith("top list"):
                continue
            for _ in range(3):  # a machine that is held up draws less often
                out, code = on_terminal(context, [*command, program])
                frames = out.count(b"\x1b[?7l")
                if frames >= 2:
                    break
            context.check(f"{name}: {command[0]} draws while it reads", code == 0 and frames >= 2, f"{code}, {frames} frames")
            context.check(f"{name}: {command[0]} ends with the answer", screen(out) == wanted.rstrip(), f"is\n{screen(out)}\nshould be\n{wanted}")
        context.check(f"{name}: rows", rows is None or f"({rows} row" in wanted, wanted)
    out, code = on_terminal(context, ["sql", "-o", "json", "-f", program])
    context.check("only tables are drawn", code == 0 and b"\x1b[?7l" not in out, out[-300:])
    out, code = on_terminal(context, ["sql", table + "SELECT 1 / (count(*) - 30000) AS x FROM s"])
    context.check("a failure leaves its message only", code == 1 and "WEIR-4001" in screen(out).splitlines()[0], screen(out))
    out, code = on_terminal(context, ["sql", table + "SELECT city, 1 / (count(*) - count(*)) AS x FROM s GROUP BY city"])
    context.check("a failing preview is no failure before the end", code == 1 and b"\x1b[?7l" not in out, screen(out))


def shell(context):
    """The interactive shell."""
    def dialogue(*lines):
        keys = [(b"weir> ", (line + "\n").encode()) for line in lines]
        return on_terminal(context, ["sql"], keys + [(b"weir> ", b".quit\n")])

    out, code = dialogue("SELECT 40 + 2 AS answer;")
    context.check("shell answers", code == 0 and "     42" in screen(out), screen(out))
    out, code = on_terminal(context, ["sql"], [(b"weir> ", b"SELECT 1 AS a,\n"), ("…> ".encode(), b"'x;y' AS b;\n"), (b"weir> ", b".quit\n")])
    context.check("shell: statements span lines", "x;y" in screen(out) and "(1 row)" in screen(out), screen(out))
    out, code = dialogue("CREATE VIEW numbers AS SELECT 1 AS one, 'x' AS letter;", ".tables", "\\d numbers", "\\d number")
    context.check("shell: .tables", "numbers" in screen(out), screen(out))
    context.check("shell: \\d", "letter" in screen(out) and "TEXT" in screen(out), screen(out))
    context.check("shell: \\d of nothing", 'did you mean "numbers"' in screen(out), screen(out))
    out, code = dialogue(".mode csv", "SELECT 1 AS a, 2 AS b;", ".mode xml", ".mode")
    context.check("shell: .mode", "a,b\n1,2" in screen(out) and "table, json, csv" in screen(out), screen(out))
    out, code = dialogue(".timing on", "SELECT 1;", ".explain on", "SELECT 2 AS two;", ".explain", "SELECT 3 AS three;")
    context.check("shell: .timing", re.search(r"\d\.\d{3} s", screen(out)) is not None, screen(out))
    context.check("shell: .explain", "VALUES" in screen(out) and "     3" in screen(out), screen(out))
    out, code = dialogue(".help", ".tabels", ".nosuchthing")
    context.check("shell: .help and typos", ".timing" in screen(out) and 'did you mean ".tables"' in screen(out) and "see .help" in screen(out), screen(out))
    out, code = dialogue("SELCT 1;", "SELECT 5 AS five;")
    context.check("shell goes on after an error", code == 0 and "WEIR-2001" in screen(out) and "    5" in screen(out), screen(out))
    out, code = on_terminal(context, ["sql"], [(b"weir> ", b"CREATE FUNCTION f(x INT) RETURNS INT LANGUAGE SQL AS $b$\n"), ("…> ".encode(), b"SELECT x + 1; -- one;\n"),
                                               ("…> ".encode(), b"$b$; /* so; */\n"), (b"weir> ", b"SELECT f(5) AS six, 'a;\n"), ("…> ".encode(), b"b' AS t;\n"), (b"weir> ", b".quit\n")])
    context.check("shell: semicolons in quotes and comments end nothing", code == 0 and "   6" in screen(out) and "error" not in screen(out), screen(out))
    out, code = dialogue("SEL\t 7 AS seven;")
    context.check("shell completes keywords", "     7" in screen(out), screen(out))
    out, code = on_terminal(context, ["sql"], [(b"weir> ", b"SELECT subst\t\t"), (b"substr_index", b"\x03"), (b"weir> ", b".quit\n")])
    context.check("shell lists each name once", screen(out).count("substring ") == 1, screen(out))
    out, code = dialogue("CREATE VIEW penguins AS SELECT 8 AS eight;", "SELECT * FROM peng\t;")
    context.check("shell completes tables", "     8" in screen(out), screen(out))
    out, code = on_terminal(context, ["sql"], [(b"weir> ", b"SELECT 9 AS nine\n"), ("…> ".encode(), b"\x04")])
    context.check("shell: the last statement needs no semicolon", code == 0 and "    9" in screen(out), screen(out))
    out, code = on_terminal(context, ["sql"], [(b"weir> ", b"exit\n")], timeout=10)
    context.check("shell: exit leaves", code == 0, screen(out))


def interrupts(context):
    """Ctrl-C stops the query and not the shell."""
    queries = {
        "series": "SELECT count(*) FROM generate_series(1, 100000000000);",
        "series through a view": "SELECT max(x) FROM (SELECT i * 2 AS x FROM generate_series(1, 100000000000) AS g(i)) AS t WHERE x > 0;",
        "rows": "SELECT i FROM generate_series(1, 100000000000) AS g(i);",
        "sort": "SELECT i FROM generate_series(1, 100000000) AS g(i) ORDER BY i % 77, i DESC;",
        "pairs": "SELECT count(*) FROM generate_series(1, 3000000) AS a(i), generate_series(1, 30000000) AS b(i) WHERE a.i < b.i - 29999999;",
        "ordered aggregate": "SELECT length(string_agg(i::TEXT, ',' ORDER BY i % 7919, -i)) FROM generate_series(1, 8000000) AS g(i);",
        "rate": "CREATE TABLE t (city TEXT) WITH (connector='file', path='slow.csv', rate='1'); SELECT * FROM t;",
        "endless": "CREATE TABLE e WITH (connector='impulse'); SELECT counter FROM e;",
    }
    for name, query in queries.items():
        out, code, took = interrupted(context, query.encode() + b"\n")
        context.check(f"Ctrl-C stops the query: {name}", code == 0 and took < 8 and "     42" in screen(out), f"exit {code} after {took:.1f} s\n{screen(out)[-800:]}")
    out, code = on_terminal(context, ["sql"], [(b"weir> ", b"SELECT nonsense\n"), ("…> ".encode(), b"\x03"), (b"weir> ", b"SELECT 42 AS answer;\n"), (b"weir> ", b".quit\n")])
    context.check("Ctrl-C forgets what is typed", code == 0 and "42" in screen(out) and "nonsense\"" not in screen(out), screen(out))
    process = subprocess.Popen([context.weir, "sql", "-o", "csv", "SELECT count(*) AS n FROM generate_series(1, 100000000000)"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=10)
    context.check("an interrupted query has no answer", process.returncode == 128 + signal.SIGINT and out == b"" and b"interrupted" in err, f"{process.returncode} {out} {err}")


def interrupted(context, query):
    """Types a query into the shell, Ctrl-C a second later, and asks another question."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(context.directory)
        os.environ["TERM"] = "xterm"
        os.execv(context.weir, [context.weir, "sql"])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    out, begin, stage = b"", time.monotonic(), 0
    stages = [(0.3, query), (0.9, b"\x03"), (None, b"SELECT 42 AS answer;\n"), (None, b".quit\n")]
    while time.monotonic() - begin < 30:
        at, text = stages[stage] if stage < len(stages) else (99, b"")
        prompted = out.rstrip(b" ").endswith(b"weir>")
        if (time.monotonic() - begin >= at) if at is not None else prompted:
            os.write(terminal, text)
            stage += 1
            out += b"\n" if at is None else b""
        if not select.select([terminal], [], [], 0.05)[0]:
            continue
        try:
            piece = os.read(terminal, 1 << 16)
        except OSError:
            piece = b""
        if not piece:
            return out, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), time.monotonic() - begin
        out = (out + piece)[-100000:]
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return out, -999, 30
