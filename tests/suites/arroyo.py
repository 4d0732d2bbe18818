"""Programs in the dialect of Arroyo, tests/sql/arroyo/*.sql, run as they are. `$input_dir` holds the files that are made
here, `$output_path` is where the result goes. Behind `--duckdb` stands, in comments, a query over the same rows (tables
rides, impulse, orders, users) whose answer the program must give, changes summed up; `--pk=N` there says that rows replace
each other by their first N columns."""

import collections
import concurrent.futures
import datetime
import decimal
import json
import os
import random
import re

from sqltest import outputs
from sqltest.check import shown

START = datetime.datetime(2023, 6, 1, 9)
SETTINGS = [(2048, "avx512"), (7, "avx2"), (1, "scalar")]
LEAST_PROGRAMS = 30
COLUMNS = {
    "rides": {"timestamp": "TIMESTAMP", "driver_id": "BIGINT", "event_type": "VARCHAR", "location": "VARCHAR", "fare": "STRUCT(base DOUBLE, tip DOUBLE)",
              "tags": "VARCHAR[]", "meta": "JSON"},
    "impulse": {"timestamp": "TIMESTAMP", "counter": "BIGINT", "subtask_index": "BIGINT"},
    "users": {"id": "BIGINT", "name": "VARCHAR", "city": "VARCHAR"},
    "orders": {"id": "BIGINT", "customer": "VARCHAR", "product": "VARCHAR", "quantity": "BIGINT", "price": "DOUBLE", "status": "VARCHAR"},
}


def lines(records):
    return "".join(json.dumps(record) + "\n" for record in records)


def rides(rng):
    """Less than a second out of order, which is what the default watermark waits."""
    out, now = [], START
    for _ in range(400):
        now += datetime.timedelta(seconds=rng.choice([1, 5, 20, 60, 300 if rng.random() < 0.2 else 2]))
        at = now - datetime.timedelta(milliseconds=rng.choice([0, 0, 250, 750]))
        out.append({"timestamp": at.isoformat(timespec="milliseconds"), "driver_id": rng.randrange(100, 106), "event_type": rng.choice(["pickup", "dropoff"]),
                    "location": rng.choice(["51.5,-0.1", "48.2,16.4", None]), "fare": {"base": rng.randrange(20, 80) / 4, "tip": rng.choice([None, 0.5, 2.0])},
                    "tags": rng.sample(["card", "night", "airport"], rng.randrange(3)),
                    "meta": {"device": {"os": rng.choice(["ios", "android"]), "version": rng.randrange(9)}, "codes": [200, rng.choice([404, 500])]}})
    return out


def impulse():
    return [{"timestamp": (START + datetime.timedelta(seconds=n)).isoformat(), "counter": n, "subtask_index": 0} for n in range(300)]


def orders(rng):
    """Envelopes, and the rows that are left."""
    rows, out = {}, []
    for number in range(300):
        ident = rng.randrange(1, 40)
        before = rows.get(ident)
        if before and rng.random() < 0.3:
            out.append({"before": before, "after": None, "op": "d", "ts_ms": number})
            del rows[ident]
            continue
        rows[ident] = {"id": ident, "customer": rng.choice(["ann", "bob", "eve"]), "product": rng.choice(["pen", "ink", "pad"]),
                       "quantity": rng.randrange(1, 9), "price": rng.randrange(4, 40) / 4, "status": rng.choice(["open", "paid", "sent"])}
        out.append({"before": before, "after": rows[ident], "op": "u" if before else rng.choice(["c", "r"]), "ts_ms": number})
    return out, list(rows.values())


def make(context):
    """The files, and the rows of each table."""
    rng = random.Random(11)
    envelopes, left = orders(rng)
    tables = {"rides": rides(rng), "impulse": impulse(), "orders": left,
              "users": [{"id": n, "name": f"user {n}", "city": rng.choice(["Wien", "London", None])} for n in range(98, 104)]}
    for name, records in tables.items():
        context.write(f"in/{name}.json", lines(records))
    context.write("in/orders.json", lines(envelopes))
    return tables


def loaded(context, duckdb, tables):
    connection = duckdb.connect()
    for name, records in tables.items():
        path = context.write(f"duck/{name}.json", lines(records))
        columns = ", ".join(f"{column}: '{kind}'" for column, kind in COLUMNS[name].items())
        connection.execute(f"CREATE TABLE {name} AS SELECT * FROM read_json('{path}', format = 'newline_delimited', columns = {{{columns}}})")
    return connection


def written(value):
    """As outputs.written spells the same value in JSON."""
    if isinstance(value, float):
        return outputs.number(repr(value))
    if isinstance(value, datetime.datetime):
        return outputs.written(value.isoformat())
    if isinstance(value, (datetime.date, datetime.timedelta)):
        return str(value)
    return outputs.written(value)


def rounded(fields):
    """Numbers that are no integers to twelve digits."""
    def spell(text):
        return outputs.number(f"{decimal.Decimal(text):.12g}") if re.fullmatch(r"-?\d+\.\d+", text) else text
    return tuple(map(spell, fields))


class Program:
    def __init__(self, path):
        self.name = path.name
        self.text, _, behind = path.read_text().partition("--duckdb\n")
        notes = [line.removeprefix("--").strip() for line in behind.splitlines() if line.startswith("--")]
        self.keys = next((int(line[3:]) for line in notes if line.startswith("pk=")), 0)
        self.query = "\n".join(line for line in notes if not line.startswith("pk="))

    def rows(self, text):
        if text.startswith('{"before"'):
            listed = outputs.envelopes(text)
        else:
            listed = outputs.changes(text)
        listed = [(sign, rounded(its)) for sign, its in listed]
        return outputs.replaced(listed, self.keys) if self.keys else outputs.summed(listed)

    def wrong(self, context, expected, batch, cpu):
        path = context.directory / f"{self.name}-{batch}.out"
        program = self.text.replace("$input_dir", str(context.directory / "in")).replace("$output_path", str(path))
        got = context.run("run", "-D", f"batch_rows={batch}", "-", stdin=program.encode(), env={"WEIR_CPU": cpu})
        if got.returncode != 0 or got.stderr:
            return f"exit {got.returncode}\n{got.stderr.decode(errors='replace')}"
        try:
            rows = self.rows(path.read_text())
        except AssertionError as error:
            return str(error)
        if rows == expected:
            return ""
        return f"of weir only\n{shown(list((rows - expected).elements())[:5])}of DuckDB only\n{shown(list((expected - rows).elements())[:5])}"


def run(context):
    try:
        import duckdb
    except ImportError as missing:
        context.skip("all", f"{missing}")
        return
    connection = loaded(context, duckdb, make(context))
    programs = [Program(path) for path in sorted((context.root / "tests" / "sql" / "arroyo").glob("*.sql"))]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for program in programs:
            expected = collections.Counter(rounded(map(written, row)) for row in connection.execute(program.query).fetchall())
            context.check(f"{program.name} has rows", sum(expected.values()) > 0)
            runs = [(its, pool.submit(program.wrong, context, expected, *its)) for its in SETTINGS]
            wrong = [(its, done.result()) for its, done in runs if done.result()]
            context.passed += len(runs) - len(wrong)
            for (batch, cpu), why in wrong[:1]:
                context.check(f"{program.name}, batch {batch}, {cpu}", False, why)
    context.check("there are enough programs", len(programs) >= LEAST_PROGRAMS, len(programs))
