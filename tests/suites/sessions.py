"""Sessions: closed ones, and as they grow, against DuckDB; over tables whose rows are taken back, so that sessions shrink, split
and vanish, after every change against a model; rows that come late, by every policy, against a model that takes rows one at a
time. What is kept after the last row is nothing."""

import collections
import csv
import io
import json
import random

from suites.windows import EPOCH, MICROSECOND, events, microseconds, net, plain

SECOND = 1_000_000


def sessions(context, duckdb, rng):
    """Sessions of rows less than a gap apart: DuckDB's are runs of rows between wider steps."""
    for number in range(60 if context.full else 12):
        lines = ["at,k,v"] + [f"{at:%Y-%m-%d %H:%M:%S.%f},{k},{v}" for at, k, v in events(rng, rng.choice([1, 20, 300]))]
        path = context.write("events.csv", "\n".join(lines) + "\n")
        duck = duckdb.connect()
        duck.execute(f"CREATE TABLE e AS SELECT * FROM read_csv('{path}', header = true, columns = {{'at': 'TIMESTAMP', 'k': 'VARCHAR', 'v': 'BIGINT'}})")
        gap, by_key = rng.choice([1, 1, 2, 4, 20]), rng.random() < 0.7
        keys, partition = (", k", "PARTITION BY k") if by_key else ("", "")
        calls = "count(*) AS n, sum(v) AS v, count(DISTINCT v) AS d, string_agg(CAST(v AS TEXT), '' ORDER BY v) AS l, avg(v) AS a, max(v) FILTER (WHERE v < 5) AS m"
        window = f"session(INTERVAL '{gap} seconds')"
        query = f"SELECT {window}.start AS s, {window}.end AS e{keys}, {calls} FROM e GROUP BY {window}{keys}"
        if rng.random() < 0.4:
            by = " PARTITION BY k" if by_key else ""
            query = f"SELECT window_start AS s, window_end AS e{keys}, {calls} FROM SESSION(e{by}, at, INTERVAL '{gap} seconds') GROUP BY window_start, window_end{keys}"
        answer = duck.execute(f"""WITH steps AS (SELECT *, coalesce("at" - lag("at") OVER ({partition} ORDER BY "at") >= INTERVAL '{gap} seconds', true) AS first FROM e),
            runs AS (SELECT *, sum(first::INTEGER) OVER ({partition} ORDER BY "at") AS run FROM steps)
            SELECT min("at"), max("at") + INTERVAL '{gap} seconds'{keys}, {calls} FROM runs GROUP BY run{keys}""").fetchall()
        expected = sorted(tuple(map(plain, row)) for row in answer)
        program = context.write("program.sql", "CREATE TABLE e (at TIMESTAMP NOT NULL, k TEXT, v BIGINT, WATERMARK FOR at AS at - INTERVAL '4 seconds') "
                                f"WITH (connector = 'file', path = '{path}', format = 'csv');\n{query};\n")
        for rows in (1, 7, 2048):
            for command in (["sql", "-f", program], ["run", program]):
                got = context.run(*command, "-o", "csv", "-D", f"batch_rows={rows}")
                rows_out = sorted(tuple(map(plain, row)) for row in list(csv.reader(io.StringIO(got.stdout.decode())))[1:]) if got.returncode == 0 else got.stderr.decode()
                context.check(f"session {number}: {command[0]} {rows} {window}", rows_out == expected, f"{query}\ngot {rows_out[:4]}, expected {expected[:4]}")
            # As they grow and merge; over the event time, or over a column, which closes nothing.
            for time in ("", "at, "):
                for emission in ("CHANGES", "EVERY INTERVAL '1 millisecond'"):
                    changing = query.replace("session(INT", f"session({time}INT") + f" EMIT {emission}"
                    text = open(program).read().replace(query, changing)
                    got, worst = net(context.run("run", context.write("changes.sql", text), "-o", "json", "-D", f"batch_rows={rows}"))
                    context.check(f"session {number}: {emission} {rows} {window} {time}", got == expected and worst >= 0, f"{changing}\ngot {got[:4]}, expected {expected[:4]}; {worst}")


def runs(times, gap):
    """Sessions of times as (start, end, how many)."""
    out = []
    for t in sorted(times):
        if out and t < out[-1][1]:
            out[-1] = (out[-1][0], t + gap, out[-1][2] + 1)
        else:
            out.append((t, t + gap, 1))
    return out


def stamp(t):
    return f"{EPOCH + t * MICROSECOND:%Y-%m-%d %H:%M:%S.%f}"


def changed_sessions(context, rng):
    """A table of changes, whose sessions after each of them are known."""
    gap = 5 * SECOND
    for number in range(40 if context.full else 8):
        start, rows, steps, envelopes = 1_700_000_000 * SECOND, {}, [], []
        for _ in range(rng.choice([20, 60])):
            ident = rng.randrange(12)
            before = rows.pop(ident, None)
            after = (start + rng.randrange(60) * SECOND if rng.random() < 0.9 else None, rng.choice("ab"), rng.randrange(6)) if not before or rng.random() < 0.6 else None
            if after:
                rows[ident] = after
            spell = lambda row: row and {"id": ident, "at": row[0] and stamp(row[0]), "k": row[1], "v": row[2]}
            envelopes.append({"before": spell(before), "after": spell(after), "op": "u" if before and after else "c" if after else "d"})
            steps.append(collections.Counter(answer(rows.values(), gap)))
        path = context.write("changes.json", "".join(json.dumps(envelope) + "\n" for envelope in envelopes))
        for key, emission, size in [("", "CHANGES", 1), ("", "CHANGES", 7), ("", "CHANGES", 2048), (", PRIMARY KEY (id)", "CHANGES", 1), ("", "EVERY INTERVAL '1 millisecond'", 3)]:
            program = context.write("changed.sql", f"CREATE TABLE e (id BIGINT, at TIMESTAMP, k TEXT, v BIGINT{key}) WITH (connector = 'file', path = '{path}', format = 'debezium_json');\n"
                                    "SELECT session(at, INTERVAL '5 seconds').start AS s, session(at, INTERVAL '5 seconds').end AS e, k, count(*) AS n, sum(v) AS t, max(v) AS m, "
                                    f"count(DISTINCT v) AS d, string_agg(CAST(v AS TEXT), '' ORDER BY v DESC) AS l FROM e GROUP BY 1, 2, session(at, INTERVAL '5 seconds'), k EMIT {emission};\n")
            done = context.run("run", program, "-o", "json", "-D", f"batch_rows={size}")
            context.check(f"changed sessions {number}: runs", done.returncode == 0, done.stderr.decode())
            sums, passed, wrong = collections.Counter(), 0, ""
            for text in done.stdout.decode().splitlines():
                row = json.loads(text)
                change = 1 if row.pop("_op", "+") == "+" else -1
                while passed < len(steps) and +sums == steps[passed]:
                    passed += 1
                sums[tuple(row[name] if name in "kl" else plain(row[name]) for name in ("s", "e", "k", "n", "t", "m", "d", "l"))] += change
                wrong = wrong or (f"{text} goes and was not there" if min(sums.values()) < 0 else "")
            while passed < len(steps) and +sums == steps[passed]:
                passed += 1
            context.check(f"changed sessions {number}: after every step {size}{key}", size > 1 or passed == len(steps), f"{passed} of {len(steps)}")
            context.check(f"changed sessions {number}: {emission} {size}{key}", +sums == steps[-1] and not wrong, f"{wrong}\nof weir only {+sums - steps[-1]}\nof the model only {steps[-1] - +sums}")


def answer(rows, gap):
    """What is said of each session of the rows (time, key, value)."""
    for key in {row[1] for row in rows}:
        mine = [row for row in rows if row[1] == key]
        sessions = [(start, end, [v for t, _, v in mine if t is not None and start <= t < end]) for start, end, _ in runs({t for t, _, _ in mine if t is not None}, gap)]
        sessions += [(None, None, values)] if (values := [v for t, _, v in mine if t is None]) else []
        for start, end, values in sessions:
            bounds = tuple("" if t is None else plain(stamp(t)) for t in (start, end))
            yield (*bounds, key, str(len(values)), str(sum(values)), str(max(values)), str(len(set(values))), "".join(map(str, sorted(values, reverse=True))))


class Model:
    """Takes rows one at a time: a row is late when it touches a session that has closed, or when its own stretch has and no open
    session holds it. Sessions close at whole seconds of the watermark, which is 2 s behind the rows, less what is allowed."""

    def __init__(self, gap, allowed):
        self.gap, self.allowed, self.watermark, self.sessions, self.late, self.delay = gap, allowed, None, {}, [], 0

    def row(self, t, k):
        closed = None if self.watermark is None else (self.watermark - self.allowed) // SECOND * SECOND
        of_key = self.sessions.setdefault(k, [])
        for session in of_key:  # [first, end, rows, whether it has closed]
            session[3] = closed is not None and session[1] <= closed
        touched = [s for s in of_key if s[0] < t + self.gap and t < s[1]]
        within = any(not s[3] and s[0] <= t < s[1] for s in touched)
        if any(s[3] for s in touched) or (closed is not None and t + self.gap <= closed and not within):
            ends = [s[1] for s in touched if s[3]] + [t + self.gap] * (not any(s[0] <= t < s[1] for s in touched))
            ends += [t + 1] * (t + self.gap < closed)  # those that are long gone are not remembered
            self.delay = max(self.delay, self.watermark - self.allowed - -(-min(ends) // SECOND) * SECOND + 1)
            self.late.append((t, k))
        else:
            merged = [min([t] + [s[0] for s in touched]), max([t + self.gap] + [s[1] for s in touched]), 1 + sum(s[2] for s in touched), False]
            self.sessions[k] = [s for s in of_key if s not in touched] + [merged]
        self.watermark = max(self.watermark or 0, t - 2 * SECOND)

    def answer(self):
        return sorted((s[0], s[1], k, s[2]) for k, of_key in self.sessions.items() for s in of_key)


def late_sessions(context, rng):
    """Rows that come behind the watermark, by each policy."""
    gap = 8 * SECOND
    for number in range(80 if context.full else 16):
        policy, allowed = rng.choice(["drop", "update", "update", "after", "side", "side"]), rng.choice([0, 0, 1, 3, 10, 25]) * SECOND
        at, lines, model = 1_700_000_000 * SECOND, ["at,k"], Model(gap, allowed)
        for _ in range(rng.choice([30, 300])):
            at += rng.choice([100_000, 2 * SECOND, 9 * SECOND])
            t, k = at - rng.choice([0, 0, 0, 1, 5, 9, 20, 30]) * SECOND, rng.choice("ab")
            lines.append(f"{stamp(t)},{k}")
            model.row(t, k)
        path, out = context.write("late.csv", "\n".join(lines) + "\n"), context.directory / "side.csv"
        option = {"after": "update", "side": "side:missed"}.get(policy, policy)
        key, by = rng.choice([("k", "k"), ("k", "k"), ("upper(k)", "upper(k)")])
        window = "session(INTERVAL '8 seconds')"
        query = f"SELECT {window}.start AS s, {window}.end AS e, {key} AS k, count(*) AS n FROM e GROUP BY {window}, {by}"
        if key == "k" and rng.random() < 0.4:
            query = "SELECT window_start AS s, window_end AS e, k, count(*) AS n FROM SESSION(e PARTITION BY k, at, INTERVAL '8 seconds') GROUP BY window_start, window_end, k"
        program = context.write("late.sql", "CREATE TABLE e (at TIMESTAMP NOT NULL, k TEXT, WATERMARK FOR at AS at - INTERVAL '2 seconds') "
                                f"WITH (connector = 'file', path = '{path}', format = 'csv', late = '{option}', allowed_lateness = '{allowed // SECOND} s');\n"
                                f"CREATE TABLE missed (k TEXT, at TIMESTAMP, window_start TIMESTAMP, window_end TIMESTAMP) WITH (connector = 'file', path = '{out}', format = 'csv');\n"
                                f"{query}{' EMIT AFTER LATENESS' if policy == 'after' else ''};\n")
        late, expected = len(model.late), [(s, e, k.upper() if "upper" in key else k, n) for s, e, k, n in model.answer()]
        for rows in (1, 7, 2048):
            report = context.directory / "late-report.json"
            got = context.run("run", "-o", "json", "-D", f"batch_rows={rows}", "--report", report, program)
            answer, worst = net(got)
            found = sorted((microseconds(s), microseconds(e), k, int(float(n))) for s, e, k, n in answer) if got.returncode == 0 else answer
            fine = found == sorted(expected) and worst >= 0
            fine &= f"{late:,} row" in got.stderr.decode() if late else "late" not in got.stderr.decode()
            fine &= (policy == "update" and allowed > 0) == ('"_op"' in got.stdout.decode())
            if policy == "side" and got.returncode == 0:
                written = sorted((microseconds(t), k, microseconds(s), microseconds(e)) for k, t, s, e in list(csv.reader(open(out)))[1:])
                fine &= written == sorted((t, k, t, t + gap) for t, k in model.late)
            fine &= got.returncode == 0 and [entry["delay_us"] for entry in json.loads(report.read_text())["late"]] == [model.delay] * bool(late)
            left = [its for its in json.loads(report.read_text())["state"] if its["rows"]] if got.returncode == 0 else []
            context.check(f"late sessions {number}: {policy}, {allowed // SECOND} s, {rows}", fine and not left,
                          f"{query}\n{late} late, left {left}\ngot {found[:4]}, expected {sorted(expected)[:4]}; {worst}\n{got.stderr.decode()[-600:]}")


def run(context):
    rng = random.Random(11)
    late_sessions(context, rng)
    changed_sessions(context, rng)
    try:
        import duckdb
    except ImportError as missing:
        context.skip("all", f"{missing}")
        return
    sessions(context, duckdb, rng)
