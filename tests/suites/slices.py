"""Windows that are made of slices: by adding slices to a running window and taking them away, and by
merging them. The same windows are asked for twice, once with a call that cannot be taken away again,
and both answers are DuckDB's. Keys fill a range, are few, jump, move on with time, are texts, or are
none; events come out of order, slices come late, and sums leave their range."""

import random
import re

CALLS = [
    ("count(*)", "count(*)"),
    ("count(v)", "count(v)"),
    ("sum(v)", "sum(v)"),
    ("sum(CAST(v AS SMALLINT))", "sum(v)"),
    ("avg(v)", "avg(v)"),
    ("sum(CAST(v AS DECIMAL(20, 2)))", "sum(v)"),
    ("count(*) FILTER (WHERE v > 3)", "count(*) FILTER (WHERE v > 3)"),
    ("count_if(v > 3)", "count(*) FILTER (WHERE v > 3)"),
    ("bool_and(v < 9)", "bool_and(v < 9)"),
    ("bool_or(v = 0)", "bool_or(v = 0)"),
]
STUCK = [(f"{name}(v)", f"{name}(v)") for name in ("bit_or", "min", "max")]  # what cannot be taken away again


def keys_of(kind, rng, number, count):
    """The key of an event, as JSON."""
    if rng.random() < 0.02:
        return "null"
    if kind == "dense":
        return str(rng.randrange(700) - 50)
    if kind == "moving":
        return str(number * 2000 // count * 10 + rng.randrange(300))
    if kind == "jumping":
        return str(rng.choice([rng.randrange(600), rng.randrange(-2**63, 2**63), 2**63 - 1, -2**63]))
    return str(rng.randrange(5))


def write_events(context, rng, kind, count):
    lines, at = [], 1_700_000_000_000 + rng.randrange(10**7)
    for number in range(count):
        at += rng.choice([0, 1, 3, 10])
        if rng.random() < 0.0005:
            at += rng.choice([3_000, 40_000])
        early = rng.randrange(2500) if rng.random() < 0.05 else 0
        value = "null" if rng.random() < 0.1 else str(rng.randrange(10))
        lines.append(f'{{"ms":{at - early},"k":{keys_of(kind, rng, number, count)},"v":{value}}}')
    return context.write("events.ndjson", "\n".join(lines) + "\n")


def normal(text):
    """A row of CSV with its numbers rounded: quotients may differ in the last place."""
    return re.sub(r"\d+\.\d+", lambda found: f"{float(found.group()):.9g}", text).replace("true", "1").replace("false", "0")


def answer_of(got, columns):
    """Sorted rows with the first columns."""
    if got.returncode != 0:
        return got.stderr.decode()
    return sorted(",".join(normal(line).split(",")[:columns]) for line in got.stdout.decode().splitlines()[1:])


def duck_answer(duckdb, path, key, calls, width, slide):
    db = duckdb.connect()
    db.execute(f"CREATE TABLE e AS SELECT * FROM read_json('{path}', format = 'newline_delimited', columns = {{ms: 'BIGINT', k: 'BIGINT', v: 'BIGINT'}})")
    shown = ", ".join(call for _, call in calls)
    base = f"ms // {slide} * {slide} - j * {slide}"
    rows = db.execute(
        f"WITH w AS (SELECT {base} AS s, k, v, ms FROM (SELECT *, unnest(generate_series(0, {width // slide})) AS j FROM e)) "
        f"SELECT s, {key}, {shown} FROM w WHERE ms < s + {width} GROUP BY s, {key}").fetchall()
    return sorted(",".join("" if value is None else normal(str(value).lower()) if not isinstance(value, float) else normal(f"{value!r}")
                           for value in row) for row in rows)


def agree(context, duckdb, rng):
    kinds = ["dense", "moving", "jumping", "few", "text", "none"]
    for number in range(60 if context.full else 12):
        kind = kinds[number % len(kinds)]
        path = write_events(context, rng, "dense" if kind in ("text", "none") else kind, rng.choice([300, 8000]))
        slide = rng.choice([500, 1000, 2000, 3000])
        width = rng.choice([2, 3, 7, 20]) * slide + rng.choice([0, 0, 0, 250])
        calls = rng.sample(CALLS, rng.randint(1, 4))
        key, shown_key = {"text": ("CAST(k AS TEXT) || 'th of many keys'",) * 2, "none": ("1", "1")}.get(kind, ("k", "k"))
        window = f"hop(INTERVAL '{slide} milliseconds', INTERVAL '{width} milliseconds')"
        group = f"{window}" if kind == "none" else f"{window}, {key}"
        ddl = (f"CREATE TABLE e (ms BIGINT, k BIGINT, v BIGINT, at TIMESTAMP GENERATED ALWAYS AS (to_timestamp_millis(ms)), "
               f"WATERMARK FOR at AS at - INTERVAL '3 seconds') WITH (connector = 'file', path = '{path}', format = 'json');\n")
        last = rng.choice(STUCK)
        answer = duck_answer(duckdb, path, shown_key, calls + [last], width, slide)
        for stuck in ([], [last]):
            expected = sorted(",".join(line.split(",")[:len(calls + stuck) + 2]) for line in answer)
            columns = ", ".join(call for call, _ in calls + stuck)
            query = f"SELECT (extract(epoch FROM {window}.start) * 1000)::BIGINT AS s, {key} AS key, {columns} FROM e GROUP BY {group};\n"
            program = context.write("program.sql", ddl + query)
            for command, rows in (("sql", 2048), ("run", 2048), ("run", 61)):
                got = answer_of(context.run(command, *(["-f"] if command == "sql" else []), program, "-o", "csv", "-D", f"batch_rows={rows}"), len(calls + stuck) + 2)
                same = got == expected
                wrong = [pair for pair in zip(got, expected) if pair[0] != pair[1]][:3] if isinstance(got, list) else got
                context.check(f"{number}: {kind} {command} {rows} {width} by {slide} ms{' merged' if stuck else ''}", same,
                              f"{query}{len(got)} rows, expected {len(expected)}: {wrong}")


def overflow(context):
    """Sums that leave their 64 bits in a window are NULL there, and the windows around it are right."""
    hours = [1, 2_500_000_000, 2, 2_500_000_000, 3, 2_500_000_000, 2_500_000_000, -2_500_000_000, 4, 5, 6]
    path = context.write("hours.ndjson", "".join(f'{{"s":{s},"v":{v}}}\n' for s, v in enumerate(hours)))
    ddl = ("CREATE TABLE e (s BIGINT, v BIGINT, at TIMESTAMP GENERATED ALWAYS AS (to_timestamp(s)), WATERMARK FOR at AS at) "
           f"WITH (connector = 'file', path = '{path}', format = 'json');\n")
    window = "hop(INTERVAL '1 second', INTERVAL '2 seconds')"
    expected = []
    for start in range(-1, len(hours)):
        within = [hours[s] for s in (start, start + 1) if 0 <= s < len(hours)]
        fits = abs(sum(within)) * 3_600_000_000 < 2**63
        expected.append(f"{start},{sum(within) if fits else ''},{len(within)}")
    for stuck in ("", ", bit_or(v)"):
        query = (f"SELECT extract(epoch FROM {window}.start)::BIGINT AS s, (extract(epoch FROM sum(v * INTERVAL '1 hour')) / 3600)::BIGINT AS v, "
                 f"count(*) AS n{stuck} FROM e GROUP BY {window};\n")
        program = context.write("hours.sql", ddl + query)
        for command, rows in (("sql", 2048), ("run", 2048), ("run", 1)):
            got = context.run(command, *(["-f"] if command == "sql" else []), program, "-o", "csv", "-D", f"batch_rows={rows}", "-D", "on_error=null")
            answer = got.stderr.decode() if got.returncode else [",".join(line.split(",")[:3]) for line in got.stdout.decode().splitlines()[1:]]
            context.check(f"a sum out of range: {command} {rows}{stuck}", answer == expected, f"{answer}\n{expected}\n{got.stderr.decode()}")


def run(context):
    try:
        import duckdb
    except ImportError as missing:
        context.skip("all", f"{missing}")
        return
    agree(context, duckdb, random.Random(11))
    overflow(context)
