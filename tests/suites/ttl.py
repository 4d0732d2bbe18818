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


class Asked:
    """All queries at the same time: they mostly wait."""

    def __init__(self, context):
        self.context, self.jobs = context, {}
        self.pool = concurrent.futures.ThreadPoolExecutor(32)

    def ask(self, query):
        program = self.context.write(f"ttl{len(self.jobs)}.sql", f"{TABLE}{query};\n")
        self.jobs[query] = self.pool.submit(self.context.run, "run", "-o", "json", program)

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


def told(context):
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
    for query in [*BACK, RUNS, STEPS, INNER, WINDOWS, DISTINCT, *TOPS, PAIRS, *JOINS]:
        asked.ask(query)
    told(context)
    aggregates(context, asked)
    over_changes(context, asked)
    rows(context, asked)
    joins(context, asked)
