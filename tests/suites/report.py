"""What a run tells of itself: late rows by table and window, state after the last row, what holds the watermark. And splits
that are idle, by the clock: one that waits for data no longer holds the watermark, one that is read from its backlog does."""

import json
import signal
import subprocess
import time

TABLES = """CREATE TABLE a (at TIMESTAMP, k TEXT, v BIGINT, WATERMARK FOR at) WITH (connector = 'file', path = '{0}/report_a.csv', format = 'csv');
CREATE TABLE b (at TIMESTAMP, k TEXT, v BIGINT, WATERMARK FOR at) WITH (connector = 'file', path = '{0}/report_b.csv', format = 'csv');
CREATE TABLE c (at TIMESTAMP, k TEXT, v BIGINT, WATERMARK FOR at) WITH (connector = 'file', path = '{0}/report_a.csv', format = 'csv',
  late = 'update', allowed_lateness = '7 seconds');
CREATE TABLE d (at TIMESTAMP, k TEXT, v BIGINT, WATERMARK FOR at) WITH (connector = 'file', path = '{0}/report_a.csv', format = 'csv',
  late = 'side:missed', allowed_lateness = '3 seconds');
CREATE TABLE missed (k TEXT, window_end TIMESTAMP) WITH (connector = 'file', path = '{0}/report_missed.csv', format = 'csv');
"""
# Of each: when the rows that it keeps are let go of, and how many are left after the last row.
STATES = [
    ("SELECT k, tumble(INTERVAL '10 seconds') AS w, count(*) AS n FROM a GROUP BY 1, 2", "window", 0),
    ("SELECT k, hop(INTERVAL '3 seconds', INTERVAL '10 seconds') AS w, count(*) AS n, array_agg(v) AS x FROM a GROUP BY 1, 2", "window", 0),
    ("SELECT k, session(INTERVAL '10 seconds') AS w, count(DISTINCT v) AS n FROM a GROUP BY 1, 2", "window", 0),
    ("SELECT k, session(INTERVAL '3 seconds') AS w, array_agg(v ORDER BY v) AS x FROM a GROUP BY 1, 2", "window", 0),
    ("SELECT k, cumulate(INTERVAL '2 seconds', INTERVAL '10 seconds') AS w, count(*) AS n, array_agg(v) AS x FROM a GROUP BY 1, 2", "window", 0),
    # Rows that come out before their window ends.
    ("SELECT k, tumble(INTERVAL '10 seconds') AS w, count(*) AS n FROM a GROUP BY 1, 2 EMIT CHANGES", "window", 0),
    ("SELECT k, tumble(INTERVAL '10 seconds') AS w, count(*) AS n FROM a GROUP BY 1, 2 EMIT EVERY INTERVAL '1 millisecond'", "window", 0),
    ("SELECT k, hop(INTERVAL '3 seconds', INTERVAL '10 seconds') AS w, count(*) AS n, max(v) AS m FROM a GROUP BY 1, 2 EMIT EVERY INTERVAL '1 hour'", "window", 0),
    ("SELECT k, session(INTERVAL '3 seconds') AS w, count(DISTINCT v) AS n FROM a GROUP BY 1, 2 EMIT CHANGES", "window", 0),
    ("SELECT k, session(INTERVAL '10 seconds') AS w, array_agg(v) AS n FROM a GROUP BY 1, 2 EMIT EVERY INTERVAL '1 millisecond'", "window", 0),
    # Rows that late ones may correct.
    ("SELECT k, tumble(INTERVAL '10 seconds') AS w, count(DISTINCT v) AS n FROM c GROUP BY 1, 2", "window", 0),
    ("SELECT k, cumulate(INTERVAL '2 seconds', INTERVAL '10 seconds') AS w, count(*) AS n FROM c GROUP BY 1, 2", "window", 0),
    ("SELECT k, session(INTERVAL '3 seconds') AS w, count(DISTINCT v) AS n FROM c GROUP BY 1, 2", "window", 0),
    ("SELECT k, session(INTERVAL '10 seconds') AS w, count(DISTINCT v) AS n FROM c GROUP BY 1, 2 EMIT AFTER LATENESS", "window", 0),
    # Rows for a table of late ones: what follows the sessions forgets them too.
    ("SELECT k, session(INTERVAL '3 seconds') AS w, count(*) AS n FROM d GROUP BY 1, 2", "window", 0),
    ("SELECT k, tumble(INTERVAL '10 seconds') AS w, count(*) AS n FROM d GROUP BY 1, 2", "window", 0),
    # Four moments that make one session, whose row is out.
    ("SELECT session(t, INTERVAL '3 seconds') AS w, count(*) AS n FROM (SELECT k, max(at) AS t FROM a GROUP BY k) GROUP BY 1 EMIT CHANGES", "input", 5),
    ("SELECT a.k, a.v, b.v AS w FROM a JOIN b ON a.k = b.k AND b.at BETWEEN a.at - INTERVAL '5 seconds' AND a.at + INTERVAL '5 seconds'", "time", 0),
    ("SELECT a.k, a.v, b.v AS w FROM a LEFT JOIN b ON a.k = b.k AND b.at BETWEEN a.at AND a.at + INTERVAL '5 seconds'", "time", 0),
    ("SELECT a.k, a.v, b.v AS w FROM a JOIN b ON a.k = b.k AND b.at BETWEEN a.at AND CASE WHEN a.v % 2 = 0 THEN a.at + INTERVAL '5 seconds' END", "time", 0),
    ("SELECT a.k, a.v, b.v AS w FROM a FULL JOIN b ON a.k = b.k AND b.at BETWEEN a.at AND CASE WHEN a.v % 2 = 0 THEN a.at + INTERVAL '5 seconds' END", "time", 0),
    ("SELECT k, n FROM (SELECT k, tumble(INTERVAL '10 seconds') AS w, count(*) AS n FROM a GROUP BY 1, 2) QUALIFY row_number() OVER (PARTITION BY w ORDER BY n DESC) = 1", "time", 0),
    ("SELECT k, count(*) AS n FROM a GROUP BY k", "input", 4),
    ("SELECT k, v FROM a QUALIFY row_number() OVER (PARTITION BY k ORDER BY v) = 1", "input", 4),
    ("SELECT count(*) AS n FROM a", "one row", 1),
]


def line(second, key, value):
    return f"2024-01-01 00:{second // 60:02}:{second % 60:02},{key},{value}\n"


def reported(context, query, *arguments):
    """The report of a run as JSON, and what was said besides."""
    path = context.directory / "report.json"
    program = context.write("report.sql", TABLES.format(context.directory) + query + ";\n")
    done = context.run("run", "-o", "json", "--report", path, *arguments, program)
    context.check(f"{query}: runs", done.returncode == 0, done.stderr.decode())
    return json.loads(path.read_text()), done.stderr.decode()


def untimed(context):
    """Nothing is said of the times of rows whose times nobody asks for."""
    program = context.write("untimed.sql", TABLES.format(context.directory) + "SELECT count(*) AS n FROM a;\n")
    said = context.run("run", "--stats", program).stderr.decode()
    context.check("no time of an event", "no event time is used" in said and "rows, ended" in said and "last event" not in said, said)


def states(context):
    context.write("report_a.csv", "at,k,v\n" + "".join(line(i, "wxyz"[i % 4], i) for i in range(200)))
    context.write("report_b.csv", "at,k,v\n" + "".join(line(i, "wxyz"[i % 3], i) for i in range(0, 200, 2)))
    for query, bound, left in STATES:
        for rows in (1, 7, 2048):
            report, _ = reported(context, query, "-D", f"batch_rows={rows}")
            last = report["state"][-1]
            context.check(f"{query} at {rows}: state after the last row", (last["bound"], last["rows"]) == (bound, left), str(report["state"]))
            kept = [entry for entry in report["state"] if entry["bound"] in ("window", "time") and entry["rows"]]
            context.check(f"{query} at {rows}: nothing is left of windows", not kept, str(kept))
            context.check(f"{query} at {rows}: no more memory than at most", 0 < last["bytes"] <= last["bytes_most"], str(last))
        splits = [split for source in report["sources"] for split in source["splits"]]
        context.check(f"{query}: all splits have ended", all(split["ended"] and split["rows"] for split in splits), str(splits))
    query = STATES[0][0]
    told = context.run("run", context.write("analyze.sql", TABLES.format(context.directory) + f"EXPLAIN ANALYZE STATE {query};\n")).stdout.decode()
    context.check("EXPLAIN ANALYZE STATE", "AGGREGATE #1 by k, tumble 10 seconds" in told and "; 0 rows now; " in told and "event time" in told, told)
    told = json.loads(context.run("sql", "-f", context.write("analyze.sql", TABLES.format(context.directory) + f"EXPLAIN ANALYZE WATERMARK (FORMAT JSON) {query};\n")).stdout)
    context.check("EXPLAIN ANALYZE WATERMARK", told["sources"][0]["splits"][0]["rows"] == 200 and "state" not in told, str(told))


def late(context):
    """Rows 5 s and 40 s behind; each window counts its own, with the tables that they are of."""
    behind = [line(i, "x", i) for i in range(100)]
    behind[60:60] = [line(55, "x", 0), line(20, "x", 0), line(20, "x", 0)]
    context.write("report_a.csv", "at,k,v\n" + "".join(behind))
    context.write("report_b.csv", "at,k,v\n" + "".join([line(i, "x", i) for i in range(95)] + [line(45, "x", 0)] + [line(i, "x", i) for i in range(95, 100)]))
    query = ("SELECT tumble(INTERVAL '10 seconds') AS w, count(*) AS n FROM a GROUP BY 1;\n"
             "SELECT tumble(INTERVAL '30 seconds') AS w, count(*) AS n FROM (SELECT at, v FROM a UNION ALL SELECT at, v FROM b) GROUP BY 1;\n"
             "SELECT tumble(INTERVAL '30 seconds') AS w, count(*) AS n FROM b GROUP BY 1")
    for rows in (1, 7, 2048):
        report, said = reported(context, query, "-D", f"batch_rows={rows}")
        got = {(entry["window"], *entry["tables"]): (entry["rows"], entry["first"], entry["last"], entry["delay_us"]) for entry in report["late"]}
        # The watermark is a second behind: 58 s when a's rows of 55 s and 20 s come, 93 s when b's of 45 s comes.
        want = {("tumble 10 seconds of event time", "a"): (2, "2024-01-01T00:00:29.999999", "2024-01-01T00:00:29.999999", 28000001),
                ("tumble 30 seconds of event time", "a"): (2, "2024-01-01T00:00:29.999999", "2024-01-01T00:00:29.999999", 28000001),
                ("tumble 30 seconds of event time", "b"): (1, "2024-01-01T00:00:59.999999", "2024-01-01T00:00:59.999999", 33000001)}
        of_b = [entry for entry in report["late"] if entry["tables"] == ["b"]]
        context.check(f"late rows by table and window at {rows}", got == want and report["late_rows"] == 6 and len(of_b) == 2, f"{report['late']}\nshould be {want}")
        context.check(f"the end report tells them at {rows}", said.count("2 rows of a missed AGGREGATE") == 2 and "28.000001 would have kept all" in said, said)


def follow(context, idle, seconds, active):
    """Follows two files, one of which is silent after its first row; what came out by then, and the report."""
    folder = context.directory / f"follow-{idle.replace(' ', '')}"
    folder.mkdir(exist_ok=True)
    (folder / "a.csv").write_text("at,k,v\n" + line(0, "a", 0))
    (folder / "b.csv").write_text("at,k,v\n" + line(1, "b", 0))
    program = context.write("follow.sql", f"""CREATE TABLE t (at TIMESTAMP, k TEXT, v BIGINT, WATERMARK FOR at)
        WITH (connector = 'file', path = '{folder}/*.csv', format = 'csv', follow = 'true', idle_timeout = '{idle}');
        SELECT tumble(INTERVAL '10 seconds').start AS s, count(*) AS n FROM t GROUP BY 1;\n""")
    out, path = folder / "out.json", folder / "report.json"
    with open(out, "w") as stdout:
        process = subprocess.Popen([context.weir, "run", "-o", "json", "--report", path, program], stdout=stdout, stderr=subprocess.PIPE)
        try:
            for i in range(1, int(seconds * 10)):
                with open(folder / "a.csv", "a") as file:
                    file.write(line(i, "a", i))
                time.sleep(0.1)
                if active and out.stat().st_size:
                    break
            seen = out.read_text()
        finally:
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=30)
    context.check(f"idle {idle}: ends well", process.returncode == 0, said.decode())
    return seen, json.loads(path.read_text())


def idle(context):
    seen, report = follow(context, "500 ms", 15, True)
    context.check("a window closes although a split is silent", seen.startswith('{"s":"2024-01-01T00:00:00","n":11}'), seen)
    splits = {split["split"].rsplit("/", 1)[1]: split for split in report["sources"][0]["splits"]}
    context.check("nothing was late", report["late"] == [] and splits["b.csv"]["rows"] == 1, str(report))
    seen, _ = follow(context, "off", 3, False)
    context.check("with idle_timeout off it never does", seen == "", seen)
    # A row in 125 ms over both files: each waits for its turn far longer than the timeout, and holds the watermark all the same.
    folder = context.directory / "backlog"
    folder.mkdir(exist_ok=True)
    (folder / "a.csv").write_text("at,k,v\n" + "".join(line(i * 100, "a", i) for i in range(8)))
    (folder / "b.csv").write_text("at,k,v\n" + "".join(line(i, "b", i) for i in range(8)))
    program = context.write("backlog.sql", f"""CREATE TABLE t (at TIMESTAMP, k TEXT, v BIGINT, WATERMARK FOR at)
        WITH (connector = 'file', path = '{folder}/*.csv', format = 'csv', rate = '8', idle_timeout = '10 ms');
        SELECT tumble(INTERVAL '3 seconds').start AS s, count(*) AS n FROM t GROUP BY 1;\n""")
    path = folder / "report.json"
    done = context.run("run", "-D", "batch_rows=1", "-o", "json", "--report", path, program)
    rows = sum(json.loads(text)["n"] for text in done.stdout.decode().splitlines())
    context.check("a backlog is never idle", rows == 16 and json.loads(path.read_text())["late_rows"] == 0, done.stdout.decode() + done.stderr.decode())


def holder(context):
    """The progress line names the split that holds the watermark."""
    folder = context.directory / "follow-off"
    program = context.write("holder.sql", f"""CREATE TABLE t (at TIMESTAMP, k TEXT, v BIGINT, WATERMARK FOR at)
        WITH (connector = 'file', path = '{folder}/*.csv', format = 'csv', follow = 'true', idle_timeout = 'off');
        SELECT tumble(INTERVAL '10 seconds').start AS s, count(*) AS n FROM t GROUP BY 1;\n""")
    process = subprocess.Popen([context.weir, "run", "--progress", "watermark", program], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    time.sleep(1.5)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    context.check("the progress line tells what holds the watermark", b"b.csv, last event 2024-01-01 00:00:01" in said, said.decode())
    done = context.run("run", "--report", context.directory, context.write("one.sql", "SELECT 1 AS a;\n"))
    context.check("a report that cannot be written", done.returncode == 1 and b"WEIR-5" in done.stderr, done.stderr.decode())
    done = context.run("run", "--stats", "--report", "-", context.write("one.sql", "SELECT 1 AS a;\n"))
    context.check("a report on standard error", done.returncode == 0 and b'{"rows_in":0,"rows_out":1,' in done.stderr and b"no operator keeps state" in done.stderr, done.stderr.decode())


def run(context):
    states(context)
    late(context)
    idle(context)
    holder(context)
    untimed(context)
