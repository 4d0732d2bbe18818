"""updating_ttl: keys that nobody asks for are forgotten, by the clock. Rows come at a steady rate, so that a key that is
asked for now and then stays, one that is silent goes, and one that comes back begins anew; what is out stays as it was. What
must hold whatever the clock does is asked for, and what must have happened in the time that the rows took."""

import collections
import concurrent.futures
import json
import re

# 400 rows in four seconds; the time to live is long enough for a machine that is busy, too.
TABLE = """SET updating_ttl = '800 ms';
CREATE TABLE t WITH (connector = 'impulse', event_rate = '100', message_count = '400');
CREATE VIEW back AS SELECT CASE WHEN counter IN (0, 1, 399) THEN -1 ELSE counter % 3 END AS k, counter FROM t;
CREATE VIEW runs AS SELECT counter / 50 AS k, counter FROM t;
"""
EXPIRED = re.compile(r"(\d+) rows? of state forgotten")


# The same 400 rows from files: a table whose rows replace each other, one of versions, and one that asks for them.
FILES = """CREATE TABLE u (k INT PRIMARY KEY, counter INT) WITH (connector = 'file', path = '{0}/ttl_rows.json', format = 'json', upsert = 'true', rate = '100');
CREATE TABLE p (at TIMESTAMP, k INT PRIMARY KEY, counter INT, WATERMARK FOR at) WITH (connector = 'file', path = '{0}/ttl_rows.json', format = 'json', rate = '100');
CREATE TABLE c (k INT, counter INT) WITH (connector = 'file', path = '{0}/ttl_changes.json', format = 'json', changelog = 'op-column', rate = '100');
CREATE TABLE shown (k INT PRIMARY KEY, counter INT) WITH (connector = 'stdout', format = 'json');
"""


def files(context):
    rows, changes = [], []
    for n in range(400):
        key = -1 if n in (0, 1, 399) else n // 50
        rows.append({"at": f"2024-01-01 00:{n // 60:02}:{n % 60:02}", "k": key, "counter": n})
        changes.append({"_op": "+", "k": key, "counter": n})
    changes[200] = {"_op": "-", "k": -1, "counter": 1}
    for name, lines in (("rows", rows), ("changes", changes)):
        context.write(f"ttl_{name}.json", "".join(json.dumps(line) + "\n" for line in lines))


class Asked:
    """All queries at the same time: they mostly wait."""

    def __init__(self, context):
        self.context, self.jobs = context, {}
        self.pool = concurrent.futures.ThreadPoolExecutor(32)
        files(context)

    def ask(self, query):
        program = self.context.write(f"ttl{len(self.jobs)}.sql", f"{TABLE}{FILES.format(self.context.directory)}{query};\n")
        self.jobs[query] = self.pool.submit(self.context.run, "run", "-o", "json", "-D", "batch_rows=1", program)

    def changes(self, query):
        """The lines, as (op, row); how many rows of state were forgotten."""
        done = self.jobs[query].result()
        lines = []
        for line in done.stdout.decode().splitlines():
            row = json.loads(line)
            lines.append((row.pop("_op", "+"), tuple(row.values())))
        found = EXPIRED.search(done.stderr.decode())
        self.context.check(f"{query}: runs", done.returncode == 0, done.stderr.decode())
        return lines, int(found[1]) if found else 0


def left(context, query, lines):
    """The rows that are not taken back; none is taken back that is not out."""
    sums, worst = collections.Counter(), 0
    for op, row in lines:
        sums[row] += 1 if op == "+" else -1
        worst = min(worst, sums[row])
    context.check(f"{query}: what is taken back was out", worst == 0, str(lines))
    return sorted(sums.elements())


BACK = {f"SELECT k, {result} AS n FROM back GROUP BY k": (of_first, of_last) for result, of_first, of_last in [
    ("count(*)", 2, 1), ("max(counter)", 1, 399), ("count(DISTINCT counter)", 2, 1), ("array_agg(counter)", [0, 1], [399])]}
RUNS = "SELECT k, count(*) AS n FROM runs GROUP BY k"
STEPS = "SELECT n / 20 AS step, count(*) AS c, min(n) AS m FROM (SELECT counter % 4 AS k, count(*) AS n FROM t GROUP BY 1) GROUP BY 1"
INNER = "SELECT v, count(*) AS n FROM (SELECT k, max(counter) AS v FROM runs GROUP BY k) GROUP BY v"
DISTINCT = "SELECT DISTINCT k FROM back"
TOPS = [f"SELECT k, counter FROM back QUALIFY row_number() OVER (PARTITION BY k ORDER BY counter {order}" for order in ("DESC) = 1", ") <= 2")]
PAIRS = "SELECT l.k, l.counter AS a, r.counter AS b FROM back l JOIN back r ON l.k = r.k AND l.k < 0"
JOINS = [f"SELECT l.k, l.n AS a, r.n AS b FROM (SELECT k, count(*) AS n FROM runs GROUP BY k) l {kind} "
         "(SELECT k, max(counter) AS n FROM runs GROUP BY k) r ON l.k = r.k" for kind in ("JOIN", "LEFT JOIN", "FULL JOIN")]
WINDOWS = "SELECT tumble(m, INTERVAL '1 second').start AS s, count(*) AS n FROM (SELECT k, TIMESTAMP '2024-01-01' + max(k) * INTERVAL '1 second' AS m FROM runs GROUP BY k) GROUP BY 1"


# Sessions of times that are not the event time, and over input that takes rows back: of each key one. The rows of key -1 that come after
# it was forgotten are a session of their own.
SESSIONS = [f"SELECT k, session(TIMESTAMP '2024-01-01' + counter * INTERVAL '1 second', INTERVAL '1 hour').start AS s, {result} AS n FROM {source} GROUP BY 1, session("
            "TIMESTAMP '2024-01-01' + counter * INTERVAL '1 second', INTERVAL '1 hour') EMIT CHANGES" for result in ("count(*)", "array_agg(counter)")
            for source in ("back", "(SELECT k, max(counter) AS counter FROM back GROUP BY k, counter)")]
GONE = ("SELECT k, session(TIMESTAMP '2024-01-01' + counter * INTERVAL '1 second', INTERVAL '1 hour').start AS s, count(*) AS n FROM c "
        "GROUP BY 1, session(TIMESTAMP '2024-01-01' + counter * INTERVAL '1 second', INTERVAL '1 hour') EMIT CHANGES")


def sessions(context, asked):
    for query in SESSIONS:
        lines, expired = asked.changes(query)
        of = lambda numbers: len(numbers) if "count(*)" in query else list(numbers)
        seen = [row[2] for row in left(context, query, [(op, tuple(map(str, row))) for op, row in lines]) if row[0] == "-1"]
        context.check(f"{query}: a key that comes back begins anew", sorted(seen) == sorted(map(str, [of([0, 1]), of([399])])), str(seen))
        context.check(f"{query}: forgotten", expired >= 2, str(expired))
    lines, expired = asked.changes(GONE)
    context.check(f"{GONE}: what is taken back is left out", sum(row[2] if op == "+" else -row[2] for op, row in lines if row[0] == -1) == 3 and expired >= 100,
                  f"{[line for line in lines if line[1][0] == -1]} {expired}")


def aggregates(context, asked):
    for query, (of_first, of_last) in BACK.items():
        lines, expired = asked.changes(query)
        seen = [row[1] for op, row in lines if op == "+" and row[0] == -1]
        context.check(f"{query}: a key that comes back begins anew", seen[-2:] == [of_first, of_last] and ("-", (-1, of_first)) not in lines, str(seen))
        context.check(f"{query}: it was forgotten", expired >= 1, str(expired))
    lines, expired = asked.changes(RUNS)
    context.check(f"{RUNS}: all are right", left(context, RUNS, lines) == [(k, 50) for k in range(8)], str(lines[-5:]))
    context.check(f"{RUNS}: the first ones were forgotten", 3 <= expired <= 8, str(expired))


def over_changes(context, asked):
    """What is taken back of a group that was forgotten does not count. The inner groups live: each is asked for all the time."""
    lines, expired = asked.changes(STEPS)
    context.check(f"{STEPS}: steps were left and forgotten or taken back", left(context, STEPS, lines)[-1] == (5, 4, 100), str(lines[-5:]))
    lines, expired = asked.changes(INNER)
    context.check(f"{INNER}: all are right", left(context, INNER, lines) == [(50 * k + 49, 1) for k in range(8)], str(lines[-5:]))
    lines, expired = asked.changes(WINDOWS)
    context.check(f"{WINDOWS}: all are right", [row[1] for row in left(context, WINDOWS, lines)] == [1] * 8, str(lines[-5:]))
    context.check(f"{WINDOWS}: forgotten", expired >= 6, str(expired))


def rows(context, asked):
    lines, expired = asked.changes(DISTINCT)
    context.check(f"{DISTINCT}: comes again", lines.count(("+", (-1,))) == 2 and expired >= 1, f"{lines} {expired}")
    for query in TOPS:
        lines, expired = asked.changes(query)
        context.check(f"{query}: the last one is in", (-1, 399) in left(context, query, lines), str(lines[-3:]))
        context.check(f"{query}: what was out stays", ("-", (-1, 1)) not in lines and expired > 0, f"{lines} {expired}")


def joins(context, asked):
    """Every row meets its copy at once, whatever is forgotten later; the pairs of a key that came back are its own."""
    lines, expired = asked.changes(PAIRS)
    want = sorted([(-1, a, b) for a in (0, 1) for b in (0, 1)] + [(-1, 399, 399)])
    context.check(f"{PAIRS}: pairs", left(context, PAIRS, lines) == want and expired == 4, f"{lines} {expired}")
    for query in JOINS:
        lines, expired = asked.changes(query)
        context.check(f"{query}: all are right", left(context, query, lines) == [(k, 50, 50 * k + 49) for k in range(8)], str(lines[-5:]))
        context.check(f"{query}: forgotten", expired >= 12, str(expired))


NORMALIZED = "SELECT k, counter FROM u"
NETTED = "INSERT INTO shown SELECT k, counter FROM c"
VERSIONS = "SELECT l.counter, r.counter AS version FROM p l LEFT JOIN p FOR SYSTEM_TIME AS OF l.at AS r ON r.k = CASE WHEN l.counter IN (10, 390) THEN -1 ELSE l.k END"
WAITING = "SELECT l.counter, r.counter AS next FROM p l ASOF LEFT JOIN p r ON l.k = r.k AND l.at < r.at"


def tables_of_changes(context, asked):
    """The row of a key that was silent stays out; the last event of the key finds none."""
    lines, expired = asked.changes(NORMALIZED)
    seen = [line for line in lines if line[1][0] == -1]
    context.check(f"{NORMALIZED}: a key that comes back begins anew", seen[-2:] == [("+", (-1, 1)), ("+", (-1, 399))], str(seen))
    context.check(f"{NORMALIZED}: others are replaced", left(context, NORMALIZED, lines)[2:] == [(k, 50 * k + (48 if k == 7 else 49)) for k in range(8)], str(lines[-5:]))
    context.check(f"{NORMALIZED}: forgotten", 4 <= expired <= 9, str(expired))
    lines, expired = asked.changes(NETTED)
    seen = [line for line in lines if line[1][0] == -1]
    context.check(f"{NETTED}: what was out stays, and nothing is taken back of it", seen[-2:] == [("+", (-1, 1)), ("+", (-1, 399))], str(seen))
    context.check(f"{NETTED}: forgotten", expired >= 100, str(expired))


def versions(context, asked):
    """A version that nobody asked for is forgotten; rows that wait for one come out alone."""
    lines, expired = asked.changes(VERSIONS)
    got = dict(row for _, row in lines)
    context.check(f"{VERSIONS}: each row once", sorted(got) == list(range(400)) and len(lines) == 400, str(lines[:5]))
    context.check(f"{VERSIONS}: known, then forgotten", got[10] == 1 and got[390] is None and expired >= 4, f"{got[10]} {got[390]} {expired}")
    lines, expired = asked.changes(WAITING)
    expected = {n: n + 1 if n % 50 != 49 else None for n in range(400)} | {1: None, 398: None, 399: None, 0: 1}
    got = dict(row for _, row in lines)
    context.check(f"{WAITING}: each row once", got == expected and len(lines) == 400, str(set(got.items()) ^ set(expected.items())))
    context.check(f"{WAITING}: waited too long", 4 <= expired <= 9, str(expired))


def same_batch(context):
    """What comes and goes within a batch is known, whatever the state has forgotten."""
    context.write("ttl_l.json", '{"_op":"+","k":1}\n{"_op":"-","k":1}\n{"_op":"+","k":2}\n{"_op":"-","k":3}\n')
    context.write("ttl_r.json", "".join(f'{{"_op":"+","k":{k}}}\n' for k in (1, 2, 3)))
    text = "SET updating_ttl = '1 hour';\n" + "".join(
        f"CREATE TABLE {name} (k INT) WITH (connector = 'file', path = '{context.directory}/ttl_{name}.json', format = 'json', changelog = 'op-column');\n" for name in "lr")
    for rows in (1, 2, 2048):
        got = context.run("run", "-o", "json", "-D", f"batch_rows={rows}", context.write("same.sql", text + "SELECT l.k FROM l JOIN r ON l.k = r.k;\n"))
        keys = sum((1 if line["_op"] == "+" else -1) * 10 ** line["k"] for line in map(json.loads, got.stdout.decode().splitlines()))
        context.check(f"a row that comes and goes at {rows}", keys == 100 and b"1 change of rows that were not there" in got.stderr, f"{got.stdout} {got.stderr}")
    context.write("ttl_l.json", '{"_op":"+","k":null}\n{"_op":"+","k":1}\n{"_op":"-","k":null}\n{"_op":"+","k":null}\n')
    for rows in (1, 2048):
        for kind, nulls in (("LEFT", 1), ("FULL", 1), ("", 0)):
            got = context.run("run", "-o", "json", "-D", f"batch_rows={rows}", context.write("same.sql", text + f"SELECT l.k, 1 AS one FROM l {kind} JOIN r ON l.k = r.k WHERE l.k IS NULL AND r.k IS NULL;\n"))
            left = sum(1 if json.loads(line).get("_op", "+") == "+" else -1 for line in got.stdout.decode().splitlines())
            context.check(f"a row without a key is taken back at {rows} {kind}", left == nulls, f"{got.stdout} {got.stderr}")


def told(context):
    for query, operator, words in [(NORMALIZED, "NORMALIZE", "keys silent for 800 ms are forgotten"), (NETTED, "NET", "keys silent for 800 ms are forgotten"),
                                   (VERSIONS, "JOIN", "the last one of a key on the right when it is silent for 800 ms"), (WAITING, "JOIN", "keys silent for 800 ms are forgotten")]:
        got = context.run("run", context.write("told.sql", f"{TABLE}{FILES.format(context.directory)}EXPLAIN STATE {query};\n")).stdout.decode()
        context.check(f"{query}: told", any(operator in line and words in line for line in got.splitlines()), got)

    text = TABLE.replace("'100'", "'100000'") + "SELECT session(TIMESTAMP '2024-01-01' + counter * INTERVAL '1 s', INTERVAL '1 s') AS w, count(*) AS n FROM t GROUP BY 1 EMIT CHANGES;\n"
    got = context.run("run", "-o", "json", context.write("sessions.sql", text.replace("800 ms", "1 ms")))
    context.check("sessions are not forgotten", got.returncode == 0 and got.stdout.count(b'"_op":"+"') == 400, got.stderr.decode())
    text = f"{TABLE}EXPLAIN STATE SELECT k, count(*) AS n FROM runs GROUP BY k;\n"
    got = context.run("run", context.write("told.sql", text)).stdout.decode()
    context.check("EXPLAIN STATE tells the time", "keys silent for 800 ms are forgotten" in got, got)
    text = TABLE.replace("'100'", "'100000'") + "SELECT k, count(*) AS n FROM back WHERE k < 0 GROUP BY k;\n"
    got = context.run("sql", "-o", "json", "-f", context.write("asked.sql", text)).stdout.decode()
    context.check("a query over bounded input forgets nothing", got == '{"k":-1,"n":3}\n', got)


def run(context):
    asked = Asked(context)
    for query in [*BACK, RUNS, STEPS, INNER, WINDOWS, DISTINCT, *TOPS, PAIRS, *JOINS, NORMALIZED, NETTED, VERSIONS, WAITING, *SESSIONS, GONE]:
        asked.ask(query)
    told(context)
    same_batch(context)
    aggregates(context, asked)
    over_changes(context, asked)
    rows(context, asked)
    joins(context, asked)
    tables_of_changes(context, asked)
    versions(context, asked)
    sessions(context, asked)
