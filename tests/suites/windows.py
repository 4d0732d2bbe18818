"""Windows that overlap, hop and cumulate, over random events that come out of order: what `weir sql`
answers and what `weir run` emits as they close is DuckDB's answer, at every batch size."""

import csv
import datetime
import io
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


def run(context):
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
        query = f"SELECT {window}.start AS s, {window}.end AS e, k, count(*) AS n, sum(v) AS v FROM e GROUP BY {window}, k"
        expected = sorted((int(s), int(e), k or "", int(n), int(v)) for s, e, k, n, v in duck.execute(in_duckdb(kind, slide, width, offset)).fetchall())
        program = context.write("program.sql", ddl + query + ";\n")
        for rows in (1, 7, 2048):
            for command in (["sql", "-f", program], ["run", program]):
                got = context.run(*command, "-o", "csv", "-D", f"batch_rows={rows}")
                answer = parse(got.stdout.decode()) if got.returncode == 0 else got.stderr.decode()
                context.check(f"{number}: {command[0]} {rows} {window}", answer == expected, f"{query}\ngot {answer[:4]}, expected {expected[:4]}")
