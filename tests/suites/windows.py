"""Time over random events that come out of order, at every batch size. Windows that overlap, hop and
cumulate: what `weir sql` answers and what `weir run` emits as they close is DuckDB's answer. Joins by
bounds on event times and by windows: what `weir run` writes into a file, which takes only new rows."""

import collections
import csv
import datetime
import io
import json
import random

EPOCH = datetime.datetime(1970, 1, 1)
MICROSECOND = datetime.timedelta(microseconds=1)


def events(rng, count):
    at = 1_700_000_000_000 + rng.randrange(10**8)
    for _ in range(count):
        at += rng.choice([100, 1000, 5000])
        yield EPOCH + datetime.timedelta(milliseconds=at - rng.randrange(3000)), rng.choice(["a", "b", ""]), rng.randrange(10)


def in_duckdb(kind, slide, width, offset):
    """Every event beside the windows it is in, spelled out."""
    slide, width, offset = slide * 10**6, width * 10**6, offset * 10**6
    base = f"CAST(floor((t - {offset}) / {slide if kind == 'hop' else width}::DOUBLE) AS BIGINT) * {slide if kind == 'hop' else width} + {offset}"
    if kind == "hop":
        windows = f"SELECT t, k, v, {base} - j * {slide} AS s, {base} - j * {slide} + {width} AS e FROM n"
        numbers = f"generate_series(0, {width // slide + 1})"
    else:
        windows = f"SELECT t, k, v, {base} AS s, least({base} + j * {slide}, {base} + {width}) AS e FROM n"
        numbers = f"generate_series(1, {-(-width // slide)})"
    return (f"WITH n AS (SELECT epoch_us(\"at\") AS t, k, v, unnest({numbers}) AS j FROM e), w AS ({windows}) "
            "SELECT s, e, k, count(*), sum(v) FROM w WHERE s <= t AND t < e GROUP BY ALL")


def microseconds(text):
    return int((datetime.datetime.fromisoformat(text.replace("T", " ")) - EPOCH) / MICROSECOND)


def parse(text):
    rows = list(csv.reader(io.StringIO(text)))[1:]
    return sorted((microseconds(s), microseconds(e), k, int(n), int(float(v))) for s, e, k, n, v in rows)


def plain(value):
    text = "" if value is None else str(value).replace("T", " ")
    return text.rstrip("0").rstrip(".") if "." in text else text


def random_join(rng):
    before, after = rng.choice([1, 5, 20]), rng.choice([0, 2, 10])
    low, high = f"INTERVAL '{before} seconds'", f"INTERVAL '{after} seconds'"
    condition = rng.choice([
        f'l.k = r.k AND r."at" BETWEEN l."at" - {low} AND l."at" + {high}',
        f'l.k = r.k AND l."at" >= r."at" - {low} AND l."at" - {high} <= r."at"',
        f'r."at" > l."at" - {low} AND r."at" < l."at" + {high} AND l.v < r.v'])
    if rng.random() < 0.3:
        return f'SELECT l."at" AS a, l.k AS b, l.v AS c FROM l {rng.choice(["SEMI", "ANTI"])} JOIN r ON {condition}'
    return (f'SELECT l."at" AS a, l.k AS b, l.v AS c, r."at" AS d, r.k AS e, r.v AS f '
            f'FROM l {rng.choice(["JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"])} r ON {condition}')


WINDOWED = """SELECT a.w.start AS s, a.k, a.n, b.n AS m FROM
  (SELECT tumble(INTERVAL '5 seconds') AS w, k, count(*) AS n FROM l GROUP BY 1, 2) a {kind} JOIN
  (SELECT tumble(INTERVAL '5 seconds') AS w, k, count(*) AS n FROM r GROUP BY 1, 2) b ON a.w = b.w AND a.k = b.k"""
WINDOWED_DUCK = """SELECT a.w, a.k, a.n, b.n FROM
  (SELECT time_bucket(INTERVAL '5 seconds', "at") AS w, k, count(*) AS n FROM l GROUP BY ALL) a {kind} JOIN
  (SELECT time_bucket(INTERVAL '5 seconds', "at") AS w, k, count(*) AS n FROM r GROUP BY ALL) b ON a.w = b.w AND a.k = b.k"""


def joins(context, duckdb, rng):
    for number in range(60 if context.full else 10):
        duck, ddl = duckdb.connect(), ""
        for table in "lr":
            lines = ["at,k,v"] + [f"{at:%Y-%m-%d %H:%M:%S.%f},{rng.choice([1, 2, 3, ''])},{v}" for at, _, v in events(rng, rng.choice([1, 30, 300]))]
            if table == "r":  # both begin at the same time
                shift = datetime.datetime.fromisoformat(first) - datetime.datetime.fromisoformat(lines[1].split(",")[0])
                lines[1:] = [f"{datetime.datetime.fromisoformat(line.split(',', 1)[0]) + shift:%Y-%m-%d %H:%M:%S.%f},{line.split(',', 1)[1]}" for line in lines[1:]]
            first = lines[1].split(",")[0]
            path = context.write(f"{table}.csv", "\n".join(lines) + "\n")
            duck.execute(f"CREATE TABLE {table} AS SELECT * FROM read_csv('{path}', header = true, columns = {{'at': 'TIMESTAMP', 'k': 'BIGINT', 'v': 'BIGINT'}})")
            ddl += (f"CREATE TABLE {table} (at TIMESTAMP NOT NULL, k BIGINT, v BIGINT, WATERMARK FOR at AS at - INTERVAL '4 seconds') "
                    f"WITH (connector = 'file', path = '{path}', format = 'csv');\n")
        kind = rng.choice(["", "LEFT", "FULL"])
        query = random_join(rng) if number % 5 else WINDOWED.format(kind=kind)
        answer = duck.execute(query if number % 5 else WINDOWED_DUCK.format(kind=kind)).fetchall()
        expected = sorted(tuple(map(plain, row)) for row in answer)
        out = context.directory / "joined.csv"
        program = context.write("program.sql", f"{ddl}CREATE TABLE o WITH (connector = 'file', path = '{out}', format = 'csv');\nINSERT INTO o {query};\n")
        for rows in (1, 7, 2048):
            got = context.run("run", "-D", f"batch_rows={rows}", program)
            rows_out = sorted(tuple(map(plain, row)) for row in list(csv.reader(open(out)))[1:]) if got.returncode == 0 else got.stderr.decode()
            context.check(f"join {number}, {rows}", rows_out == expected, f"{query}\ngot {rows_out[:3]}, expected {expected[:3]}")


NESTED = {  # over c: window_start, window_end, k, n; each appends only
    "as they are": "SELECT window_start AS s, window_end AS e, k, n FROM c",
    "again": "SELECT window_start AS s, window_end AS e, max(n) AS m, count(*) AS n FROM c GROUP BY window_start, window_end",
    "first": "SELECT s, e, k, n FROM (SELECT window_start AS s, window_end AS e, k, n, row_number() OVER (PARTITION BY window_start, window_end ORDER BY n DESC, k) AS r FROM c) AS t WHERE r <= 2",
    "greatest": "SELECT a.window_start AS s, a.window_end AS e, a.k, a.n FROM c a JOIN (SELECT window_start, window_end, max(n) AS m FROM c GROUP BY window_start, window_end) b "
                "ON a.window_start = b.window_start AND a.window_end = b.window_end AND a.n = b.m",
    "beside": "SELECT a.window_end AS s, b.window_start AS e, a.k, b.n FROM c a LEFT JOIN c b ON a.window_end = b.window_end AND a.window_start = b.window_start AND b.n < a.n",
    "first, again": "SELECT tumble(INTERVAL '17 seconds').end AS s, count(*) AS e, sum(n) AS n FROM (SELECT * FROM c QUALIFY rank() OVER (PARTITION BY window_start, window_end ORDER BY n DESC) = 1) AS t GROUP BY 1",
    "three": "SELECT s, e, sum(m) AS m, count(*) AS n FROM (SELECT window_start AS s, window_end AS e, n % 2 AS p, max(n) AS m FROM c GROUP BY window_start, window_end, n % 2) AS d GROUP BY s, e",
}
TUMBLE_17 = "tumble(INTERVAL '17 seconds').end"
TUMBLE_17_DUCK = "make_timestamp((epoch_us(window_end) - 1) // 17000000 * 17000000 + 17000000)"  # the event time of a window's row is its end less 1 us


def nested(context, duckdb, rng):
    """Windows that overlap, as tables, and what is done by their columns: all of it appends."""
    for number in range(60 if context.full else 12):
        lines = ["at,k,v"] + [f"{at:%Y-%m-%d %H:%M:%S.%f},{k},{v}" for at, k, v in events(rng, rng.choice([1, 20, 200]))]
        path, out = context.write("events.csv", "\n".join(lines) + "\n"), context.directory / "nested.csv"
        duck = duckdb.connect()
        duck.execute(f"CREATE TABLE e AS SELECT * FROM read_csv('{path}', header = true, columns = {{'at': 'TIMESTAMP', 'k': 'VARCHAR', 'v': 'BIGINT'}})")
        kind, width = rng.choice(["hop", "cumulate"]), rng.choice([5, 10, 12])
        slide = rng.choice([s for s in (2, 3, 4, 7) if kind == "hop" or s <= width])
        intervals = f"INTERVAL '{slide} seconds', INTERVAL '{width} seconds'"
        made = rng.choice([f"SELECT window_start, window_end, k, count(*) AS n FROM {kind.upper()}(e, at, {intervals}) GROUP BY window_start, window_end, k",
                           f"SELECT window_start, window_end, k, count(*) AS n FROM {kind.upper()}(e, at, {intervals}) WHERE v >= 0 GROUP BY k, window_end, window_start",
                           f"SELECT w.start AS window_start, w.end AS window_end, k, n FROM (SELECT {kind}({intervals}) AS w, k, count(*) AS n FROM e GROUP BY 1, k) AS t"])
        name, query = rng.choice(list(NESTED.items()))
        of_duck = f"SELECT make_timestamp(s) AS window_start, make_timestamp(e) AS window_end, k, count(*) AS n FROM ({in_duckdb(kind, slide, width, 0).replace('GROUP BY ALL', 'GROUP BY s, e, k')}) AS t(s, e, k, n, v) GROUP BY ALL"
        of_duck = of_duck.replace("count(*) AS n FROM (", "sum(n) AS n FROM (", 1)
        expected = sorted(tuple(map(plain, row)) for row in duck.execute(f"WITH c AS ({of_duck}) {query.replace(TUMBLE_17, TUMBLE_17_DUCK)}").fetchall())
        program = context.write("program.sql", "CREATE TABLE e (at TIMESTAMP NOT NULL, k TEXT, v BIGINT, WATERMARK FOR at AS at - INTERVAL '4 seconds') "
                                f"WITH (connector = 'file', path = '{path}', format = 'csv');\nCREATE TABLE o WITH (connector = 'file', path = '{out}', format = 'csv');\n"
                                f"INSERT INTO o WITH c AS ({made}) {query};\n")
        for rows in (1, 7, 2048):
            got = context.run("run", "-D", f"batch_rows={rows}", program)
            rows_out = sorted(tuple(map(plain, row)) for row in list(csv.reader(open(out)))[1:]) if got.returncode == 0 else got.stderr.decode()
            context.check(f"nested {number}, {name}: {rows} {kind} {intervals}", rows_out == expected, f"{made}\ngot {rows_out[:4]}, expected {expected[:4]}")


GREATEST = [  # over e: a window joined with its own greatest, planned as a rank
    ("SELECT {c}(v) AS m, window_start, window_end FROM TUMBLE(e, at, INTERVAL '7 seconds') GROUP BY window_start, window_end", ""),
    ("SELECT {c}(v) AS m, k, window_start, window_end FROM TUMBLE(e, at, INTERVAL '7 seconds') GROUP BY k, window_start, window_end", " AND a.k = b.k"),
]


def greatest(context, duckdb, rng):
    for number in range(30 if context.full else 6):
        lines = ["at,k,v"] + [f"{at:%Y-%m-%d %H:%M:%S.%f},{k},{rng.choice([v, v, ''])}" for at, k, v in events(rng, rng.choice([1, 20, 200]))]
        path, out = context.write("events.csv", "\n".join(lines) + "\n"), context.directory / "greatest.csv"
        duck = duckdb.connect()
        duck.execute(f"CREATE TABLE e AS SELECT *, time_bucket(INTERVAL '7 seconds', \"at\", TIMESTAMP '1970-01-01') AS window_start, window_start + INTERVAL '7 seconds' AS window_end "
                     f"FROM read_csv('{path}', header = true, columns = {{'at': 'TIMESTAMP', 'k': 'VARCHAR', 'v': 'BIGINT'}})")
        group, more = rng.choice(GREATEST)
        group, where = group.format(c=rng.choice(["max", "min"])), rng.choice(["", " WHERE v <> 9"])
        group = group.replace(" GROUP", f"{where} GROUP")
        ours = "TUMBLE(e, at, INTERVAL '7 seconds')"
        query = (f"SELECT a.window_end AS e, a.at AS t, a.k, a.v, b.m FROM {ours} a JOIN ({group}) b ON a.window_start = b.window_start AND a.window_end = b.window_end AND a.v = b.m{more}{where}")
        expected = sorted(tuple(map(plain, row)) for row in duck.execute(query.replace("WHERE v", "WHERE a.v").replace("a.v <> 9 GROUP", "v <> 9 GROUP").replace(ours, "e").replace("a.at", 'a."at"')).fetchall())
        program = context.write("program.sql", "CREATE TABLE e (at TIMESTAMP NOT NULL, k TEXT, v BIGINT, WATERMARK FOR at AS at - INTERVAL '4 seconds') "
                                f"WITH (connector = 'file', path = '{path}', format = 'csv');\nCREATE TABLE o WITH (connector = 'file', path = '{out}', format = 'csv');\nINSERT INTO o {query};\n")
        planned = context.run("explain", program).stdout.decode()
        context.check(f"greatest {number} is a rank", "rank()" in planned and "JOIN" not in planned, planned)
        for rows in (1, 7, 2048):
            got = context.run("run", "-D", f"batch_rows={rows}", program)
            rows_out = sorted(tuple(map(plain, row)) for row in list(csv.reader(open(out)))[1:]) if got.returncode == 0 else got.stderr.decode()
            context.check(f"greatest {number}: {rows}", rows_out == expected, f"{query}\ngot {rows_out[:4]}, expected {expected[:4]}")


def net(done):
    """What changes come to, and the least that a row's sum was on the way."""
    sums, worst = collections.Counter(), 0
    for text in done.stdout.decode().splitlines():
        row = json.loads(text)
        change = 1 if row.pop("_op", "+") == "+" else -1
        key = tuple(plain(value) for value in row.values())
        sums[key] += change
        worst = min(worst, sums[key])
    return sorted(sums.elements()) if done.returncode == 0 else [done.stderr.decode()], worst


def windows_of(kind, t, slide, width):
    """Starts and ends of the windows that a time is in, in us."""
    if kind == "tumble":
        return [(t // width * width, t // width * width + width)]
    first = t // slide * slide
    return [(first - n * slide, first - n * slide + width) for n in range(width // slide + 1) if first - n * slide + width > t]


def lateness(context, rng):
    """Policies for late rows, against a model that takes rows one at a time: a row is late for the
    windows that have ended by the watermark before it, less allowed_lateness."""
    for number in range(60 if context.full else 12):
        kind, policy = rng.choice(["tumble", "hop"]), rng.choice(["drop", "update", "update", "after", "side", "side"])
        allowed, width, slide = rng.choice([0, 1, 3, 10]) * 10**6, 10 * 10**6, rng.choice([1, 2, 3, 4, 5]) * 10**6
        at, lines, watermark, answer, late, side, delay = 1_700_000_000_000_000, ["at,k"], None, {}, 0, [], 0
        for _ in range(rng.choice([30, 300])):
            at += rng.choice([100_000, 2_000_000, 9_000_000])
            t, k = at - rng.choice([0, 0, 0, 1, 5, 9, 20, 30]) * 1_000_000, rng.choice("ab")
            lines.append(f"{EPOCH + t * MICROSECOND:%Y-%m-%d %H:%M:%S.%f},{k}")
            closed = [w for w in windows_of(kind, t, slide, width) if watermark is not None and w[1] + allowed <= watermark]
            late += bool(closed)
            delay = max([delay] + [watermark - allowed - end + 1 for _, end in closed])
            side += [(t, k, start, end) for start, end in closed]
            for window in windows_of(kind, t, slide, width):
                if window not in closed:
                    answer[window + (k,)] = answer.get(window + (k,), 0) + 1
            watermark = max(watermark or 0, t - 2_000_000)
        path, out = context.write("late.csv", "\n".join(lines) + "\n"), context.directory / "side.csv"
        window = "tumble(INTERVAL '10 seconds')" if kind == "tumble" else f"hop(INTERVAL '{slide // 10**6} seconds', INTERVAL '10 seconds')"
        option = {"after": "update", "side": "side:missed"}.get(policy, policy)
        program = context.write("program.sql", "CREATE TABLE e (at TIMESTAMP NOT NULL, k TEXT, WATERMARK FOR at AS at - INTERVAL '2 seconds') "
                                f"WITH (connector = 'file', path = '{path}', format = 'csv', late = '{option}', allowed_lateness = '{allowed // 10**6} s');\n"
                                f"CREATE TABLE missed (k TEXT, at TIMESTAMP, window_start TIMESTAMP, window_end TIMESTAMP) WITH (connector = 'file', path = '{out}', format = 'csv');\n"
                                f"SELECT {window}.start AS s, {window}.end AS e, k, count(*) AS n FROM e GROUP BY {window}, k{' EMIT AFTER LATENESS' if policy == 'after' else ''};\n")
        from_table = kind == "hop" and rng.random() < 0.5  # the windows are columns
        if from_table:
            text = open(program).read()
            query = f"SELECT {window}.start AS s, {window}.end AS e, k, count(*) AS n FROM e GROUP BY {window}, k"
            assert query in text
            table = f"HOP(e, at, INTERVAL '{slide // 10**6} seconds', INTERVAL '10 seconds')"
            context.write("program.sql", text.replace(query, f"SELECT window_start AS s, window_end AS e, k, count(*) AS n FROM {table} GROUP BY window_start, window_end, k"))
        for rows in (1, 7, 2048):
            report = context.directory / "late-report.json"
            got = context.run("run", "-o", "csv", "-D", f"batch_rows={rows}", "--report", report, program)
            sums, least, changes = {}, 0, policy == "update" and allowed > 0
            for row in list(csv.reader(io.StringIO(got.stdout.decode())))[1:]:
                sign = {"+": 1, "-": -1}[row.pop(0)] if changes else 1
                key = (microseconds(row[0]), microseconds(row[1]), row[2], int(row[3]))
                sums[key] = sums.get(key, 0) + sign
                least = min(least, sums[key])
            rows_out = sorted(key for key, count in sums.items() if count == 1)
            fine = rows_out == sorted((start, end, k, n) for (start, end, k), n in answer.items()) and all(count in (0, 1) for count in sums.values())
            fine &= least >= 0
            if not from_table:  # there each window of a row counts
                fine &= f"{late:,} row" in got.stderr.decode() if late else "late" not in got.stderr.decode()
            if policy == "side" and got.returncode == 0:
                written = sorted((microseconds(t), k, microseconds(s), microseconds(e)) for k, t, s, e in list(csv.reader(open(out)))[1:])
                fine &= written == sorted(side)
            fine &= got.returncode == 0 and [entry["delay_us"] for entry in json.loads(report.read_text())["late"]] == [delay] * bool(late)
            context.check(f"lateness {number}: {kind}, {policy}, {allowed // 10**6} s, {rows}", fine, f"{late} late, {got.stderr.decode()[-500:]}\ngot {rows_out[:3]}")


HEAD = "CREATE TABLE {0} (at TIMESTAMP NOT NULL, k BIGINT, WATERMARK FOR at AS at - INTERVAL '1 second') WITH (connector = 'file', path = '{0}.csv', format = 'csv');\n"
FOUND = [  # what generated programs have found (tests/oracle/streams)
    ("a group by a bound of a window is one of the window", {"l": ["00:00:01,1", "00:00:02,1", "00:00:12,1", "00:00:13,2"]},
     "SELECT sum(n) AS n FROM (SELECT tumble(INTERVAL '10 seconds') AS w, k, count(*) AS n FROM l GROUP BY 1, 2) GROUP BY w.end HAVING w.start >= TIMESTAMP '2000-01-01'", ["2", "2"]),
    ("equal rows expire once", {"l": ["00:00:01,1", "00:00:01,1", "00:00:30,2"], "r": ["00:00:01,3", "00:00:30,4"]},
     "SELECT l.k FROM l LEFT JOIN r ON l.k = r.k AND r.at BETWEEN l.at AND l.at + INTERVAL '2 seconds'", ["1", "1", "2"]),
    ("rows that differ in their event time only have each its own", {"l": ["00:00:01,1", "00:00:12,1", "00:00:13,2"], "r": ["00:00:02,1"]},
     "SELECT count(*) AS n FROM (SELECT l.k FROM l JOIN r ON l.k = r.k) GROUP BY tumble(INTERVAL '10 seconds')", ["1", "1"]),
    ("rows that a join lets go late are not late", {"l": ["00:00:01.1,1", "00:00:02.2,", "00:00:02.9,9", "00:00:06.8,1"], "r": ["00:00:06.8,2"]},
     "SELECT count(*) AS n FROM (SELECT l.k FROM l LEFT JOIN r ON l.k = r.k AND r.at BETWEEN l.at AND l.at) GROUP BY tumble(INTERVAL '700 milliseconds')",
     ["1", "1", "1", "1"]),
    ("windows of a column stay open", {"l": ["00:00:01,1", "00:00:25,1", "00:00:39,2"], "r": []},
     "SELECT sum(n) AS n FROM (SELECT tumble(INTERVAL '10 seconds').start AS s, count(*) AS n FROM l GROUP BY tumble(INTERVAL '10 seconds')) "
     "GROUP BY hop(s, INTERVAL '5 seconds', INTERVAL '10 seconds') HAVING count(*) > 0", ["1"] * 6),
    ("windows of a column that has the event time, over rows without one", {"l": ["00:00:01,1", "00:00:30,2", "00:00:31,1"], "r": ["00:00:30,1", "00:00:50,5"]},
     "SELECT count(*) AS n FROM (SELECT at, k FROM l WHERE k IN (SELECT k FROM r)) GROUP BY tumble(INTERVAL '10 seconds')", ["1", "1"]),
    ("windows that columns say stay open over changes", {"l": ["00:00:01,1", "00:00:02,2", "00:00:30,1", "00:00:50,2"], "r": []},
     "SELECT window_end, count(m) AS n FROM (SELECT window_start, window_end, max(k) OVER (PARTITION BY k % 2) AS m FROM hop(l, at, INTERVAL '10 seconds', "
     "INTERVAL '10 seconds')) GROUP BY window_start, window_end", ["2024-01-01 00:00:10,2", "2024-01-01 00:00:40,1", "2024-01-01 00:01:00,1"]),
]


def found(context):
    for name, tables, query, expected in FOUND:
        for table, lines in tables.items():
            context.write(f"{table}.csv", "\n".join(["at,k", *(f"2024-01-01 {line}" for line in lines)]) + "\n")
        program = context.write("program.sql", "".join(map(HEAD.format, tables)) + query + ";\n")
        for rows in (1, 7, 2048):
            got = context.run("run", "-o", "csv", "-D", f"batch_rows={rows}", program)
            sums = {}
            for line in got.stdout.decode().splitlines()[1:]:
                sign, line = (line[0], line[2:]) if line[0] in "+-" else ("+", line)
                sums[line] = sums.get(line, 0) + (1 if sign == "+" else -1)
            answer = sorted(line for line, count in sums.items() for _ in range(count))
            context.check(f"{name}, {rows}", answer == expected, f"{answer} {got.stderr.decode()}")


def by_the_clock(context):
    """Windows of processing time: each comes out once, while rows are still coming, and all rows are in them."""
    table = "CREATE TABLE t WITH (connector = 'impulse', event_rate = '2000', message_count = '1500');"
    window = "INTERVAL '200 ms'"
    for what, query, times in [
            ("tumble", f"SELECT tumble(proctime(), {window}) AS w, count(*) AS n FROM t GROUP BY 1", 1),
            ("a bound of tumble", f"SELECT tumble(p, {window}).end AS w, count(*) AS n FROM (SELECT *, proctime() AS p FROM t) GROUP BY 1", 1),
            ("TUMBLE", f"SELECT window_start AS w, count(*) AS n FROM TUMBLE((SELECT *, proctime() AS p FROM t), p, {window}) GROUP BY 1", 1),
            ("hop", f"SELECT hop(proctime(), {window}, INTERVAL '600 ms') AS w, count(*) AS n FROM t GROUP BY 1", 3),
            ("cumulate", f"SELECT cumulate(proctime(), {window}, {window}) AS w, count(*) AS n FROM t GROUP BY 1", 1),
            ("session", "SELECT session(proctime(), INTERVAL '1 minute') AS w, count(*) AS n FROM t GROUP BY 1", 1),
            ("nested", f"SELECT w, sum(n) AS n FROM (SELECT tumble(proctime(), {window}) AS w, counter % 7 AS k, count(*) AS n FROM t GROUP BY 1, 2) GROUP BY 1", 1),
            ("nested, by a bound", f"SELECT w.end AS w, sum(n) AS n FROM (SELECT tumble(proctime(), {window}) AS w, counter % 7 AS k, count(*) AS n FROM t GROUP BY 1, 2) GROUP BY w.end", 1)]:
        for command in (["run"], ["sql", "-f"]):
            got = context.run(*command, context.write("clock.sql", f"{table}\n{query};\n"), "-o", "json")
            rows = [json.loads(line) for line in got.stdout.decode().splitlines()]
            total = sum(int(row["n"]) for row in rows)
            why = f"{query}\n{got.stderr.decode(errors='replace')}{rows}"
            context.check(f"proctime, {what}, {command[0]}: all rows", total == 1500 * times, why)
            context.check(f"proctime, {what}, {command[0]}: each window once", len({json.dumps(row["w"]) for row in rows}) == len(rows), why)
            if command == ["run"] and what != "session":
                context.check(f"proctime, {what}: as the clock goes", len(rows) > 2, why)


def later(moment, length):
    """length: months, or a timedelta. The last day of a month is the latest there is."""
    if isinstance(length, datetime.timedelta):
        return moment + length
    year, month = divmod(moment.year * 12 + moment.month - 1 + length, 12)
    for day in range(moment.day, 0, -1):
        try:
            return moment.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue


def calendar_windows(kind, slide, width, moment):
    """The windows by the calendar that hold a moment; slide and width in months, or timedeltas."""
    epoch, month = datetime.datetime(1970, 1, 1), (moment.year - 1970) * 12 + moment.month - 1
    if kind == "hop":
        if isinstance(slide, int):
            starts = [later(epoch, start) for start in range(month - 40, month + 1) if start % slide == 0]
        else:
            weeks = slide % datetime.timedelta(days=7) == datetime.timedelta(0)
            first = epoch + datetime.timedelta(days=4 if weeks else 0)  # weeks begin on Mondays
            last = (moment - first) // slide
            starts = [first + number * slide for number in range(last - datetime.timedelta(days=800) // slide, last + 1)]
        windows = [(start, later(start, width)) for start in starts]
    else:
        start, end = (later(epoch, month - month % width + more) for more in (0, width))
        if isinstance(slide, datetime.timedelta):
            stops = [start + step * slide for step in range(1, (end - start) // slide + 1)]
        else:
            stops = [later(start, step) for step in range(slide, width, slide)]
        windows = [(start, stop) for stop in sorted({*stops, end})]
    return [(start, end) for start, end in windows if start <= moment < end]


def calendar_lengths(rng):
    """Kind, slide (or step) and width."""
    kind, width = rng.choice(["hop", "hop", "cumulate", "cumulate"]), rng.choice([1, 2, 3, 12, 24])
    slide = rng.choice([s for s in (1, 2, 3, 5, 6, 18) if kind == "hop" or s <= width])
    days = datetime.timedelta(days=rng.choice([1, 7, 10, 27, 50] if kind == "hop" else [7, 10, 27]))
    which = rng.random()
    if which < 0.1 and kind == "hop":
        return kind, datetime.timedelta(hours=rng.choice([6, 36, 100])), width
    if which < 0.3:
        return kind, days, width
    if which < 0.6 and kind == "hop":
        return kind, slide, datetime.timedelta(hours=rng.choice([5, 24, 36, 24 * 45]))
    return kind, slide, width


def interval(length):
    seconds = length.total_seconds() if isinstance(length, datetime.timedelta) else None
    return f"INTERVAL '{length} months'" if seconds is None else f"INTERVAL '{seconds / 3600:.0f} hours'"


def calendar(context, rng):
    """Windows of months, before 1970, too: as expressions and as tables."""
    for number in range(60 if context.full else 16):
        first = datetime.datetime(rng.choice([1903, 1968, 1999, 2023]), 12, 1)
        moments = sorted(first + datetime.timedelta(seconds=rng.randrange(900 * 86400)) for _ in range(rng.choice([3, 60])))
        path = context.write("calendar.csv", "at,v\n" + "".join(f"{at:%Y-%m-%d %H:%M:%S},{n}\n" for n, at in enumerate(moments)))
        kind, slide, width = calendar_lengths(rng)
        sums = {}
        for n, at in enumerate(moments):
            for window in calendar_windows(kind, slide, width, at):
                sums[window] = sums.get(window, 0) + n
        expected = sorted(f"{start},{end},{total}" for (start, end), total in sums.items())
        ddl = ("CREATE TABLE e (at TIMESTAMP NOT NULL, v BIGINT, WATERMARK FOR at AS at) "
               f"WITH (connector = 'file', path = '{path}', format = 'csv');\n")
        lengths = f"{interval(slide)}, {interval(width)}"
        for query in (f"SELECT {kind}({lengths}).start AS s, {kind}({lengths}).end AS e, sum(v) AS v FROM e GROUP BY {kind}({lengths})",
                      f"SELECT window_start, window_end, sum(v) AS v FROM {kind}(e, at, {lengths}) GROUP BY 1, 2"):
            program = context.write("program.sql", ddl + query + ";\n")
            for command in (["sql", "-f", program], ["run", program, "-D", "batch_rows=7"]):
                got = context.run(*command, "-o", "csv")
                lines = sorted(got.stdout.decode().splitlines()[1:])
                context.check(f"calendar {number}: {command[0]}", lines == expected, f"{query}\n{got.stderr.decode()}\ngot {lines[:4]}, expected {expected[:4]}")


def run(context):
    found(context)
    by_the_clock(context)
    calendar(context, random.Random(17))
    try:
        import duckdb
    except ImportError as missing:
        context.skip("all", f"{missing}")
        return
    rng = random.Random(5)
    for number in range(60 if context.full else 10):
        lines = ["at,k,v"] + [f"{at:%Y-%m-%d %H:%M:%S.%f},{k},{v}" for at, k, v in events(rng, rng.choice([1, 20, 300]))]
        path = context.write("events.csv", "\n".join(lines) + "\n")
        duck = duckdb.connect()
        duck.execute(f"CREATE TABLE e AS SELECT * FROM read_csv('{path}', header = true, columns = {{'at': 'TIMESTAMP', 'k': 'VARCHAR', 'v': 'BIGINT'}})")
        kind, width = rng.choice(["hop", "cumulate"]), rng.choice([1, 5, 10, 12, 30])
        slide, offset = rng.choice([s for s in (1, 2, 3, 4, 7, 10, 20) if kind == "hop" or s <= width]), rng.choice([0, 0, 1, 5])
        window = f"{kind}(INTERVAL '{slide} seconds', INTERVAL '{width} seconds', INTERVAL '{offset} seconds')"
        ddl = ("CREATE TABLE e (at TIMESTAMP NOT NULL, k TEXT, v BIGINT, WATERMARK FOR at AS at - INTERVAL '4 seconds') "
               f"WITH (connector = 'file', path = '{path}', format = 'csv');\n")
        key = window + rng.choice(["", ".end", ".start" if kind == "hop" else ""])  # a bound that tells windows apart is as good
        query = f"SELECT {window}.start AS s, {window}.end AS e, k, count(*) AS n, sum(v) AS v FROM e GROUP BY {key}, k"
        expected = sorted((int(s), int(e), k or "", int(n), int(v)) for s, e, k, n, v in duck.execute(in_duckdb(kind, slide, width, offset)).fetchall())
        program = context.write("program.sql", ddl + query + ";\n")
        for rows in (1, 7, 2048):
            for command in (["sql", "-f", program], ["run", program]):
                got = context.run(*command, "-o", "csv", "-D", f"batch_rows={rows}")
                answer = parse(got.stdout.decode()) if got.returncode == 0 else got.stderr.decode()
                context.check(f"{number}: {command[0]} {rows} {window}", answer == expected, f"{query}\ngot {answer[:4]}, expected {expected[:4]}")
    joins(context, duckdb, rng)
    nested(context, duckdb, rng)
    greatest(context, duckdb, rng)
    lateness(context, rng)
