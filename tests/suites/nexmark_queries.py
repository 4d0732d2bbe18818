"""examples/nexmark: every query, streaming and in batch, over generated events and over a file of them, against
DuckDB's batch answer over the same file; those with windows and bounds of time also out of order. 100,000 events; WEIR_FULL=1: a million, also in batches of 7 rows."""

import sys

sys.path.insert(0, __file__.rsplit("/", 2)[0])
import nexmark_duckdb

try:
    import duckdb
except ImportError:
    duckdb = None

# Sources, and how each is asked.
WAYS = [("generator.sql", "run", []), ("file.sql", "run", []), ("generator.sql", "sql", [])]
TIMED = ["q4", "q5", "q6", "q7", "q8", "q9", "q11"]
LONG_WAYS = [*WAYS, ("file.sql", "run", ["-D", "batch_rows=7"])]


def run(context):
    if not duckdb:
        context.skip("all", "DuckDB for Python is missing")
        return
    events = 1_000_000 if context.full else 100_000
    file, side = context.directory / "events.ndjson", context.directory / "side.csv"
    made = context.run("generate", "nexmark", "-n", events, file, timeout=300)
    if not context.check("generate", made.returncode == 0, made.stderr.decode()):
        return
    nexmark_duckdb.side_input(side)
    env = {"NEXMARK_EVENTS": str(events), "NEXMARK_FILE": str(file), "NEXMARK_SIDE_INPUT": str(side)}
    db = database(file, side)
    for number in range(23):
        for source, command, arguments in LONG_WAYS if context.full else WAYS:
            ask(context, db, env, f"q{number}", source, command, arguments)
    # Two seconds out of order, within the watermark's delay of four.
    made = context.run("generate", "nexmark", "-n", events, "-w", "out_of_order_group_size=20000", file, timeout=300)
    if context.check("generate, out of order", made.returncode == 0, made.stderr.decode()):
        db = database(file, side)
        for name in TIMED:
            ask(context, db, env, name, "file.sql", "run", ["-D", "batch_rows=1000"])


def database(file, side):
    db = duckdb.connect()
    for view in nexmark_duckdb.views(file):
        db.execute(view)
    db.execute(f"CREATE TABLE side_input AS FROM '{side}'")
    return db


def hold(context, db, case, output, invariants):
    db.execute(f"CREATE OR REPLACE VIEW answer AS FROM read_json('{output}', format = 'newline_delimited')")
    for what, ours, theirs in invariants:
        got, want = sorted(db.execute(ours).fetchall()), sorted(db.execute(theirs).fetchall())
        context.check(f"{case}: {what}", got == want, f"is {got[:5]} …, should be {want[:5]} …")


def ask(context, db, env, name, source, command, arguments):
    folder = context.root / "examples/nexmark"
    case = " ".join([name, command, source, *arguments])
    text = "".join((folder / part).read_text() for part in (source, "views.sql", f"{name}.sql")).encode()
    done = context.run(command, "-o", "json", *arguments, *(["-"] if command == "run" else []), stdin=text, env=env, timeout=600)
    if not context.check(f"{case} runs", done.returncode == 0, done.stderr.decode()):
        return
    output = context.write("output.ndjson", done.stdout)
    if name in nexmark_duckdb.INVARIANTS:
        hold(context, db, case, output, nexmark_duckdb.INVARIANTS[name])
    else:
        changes = done.stdout.startswith(b'{"_op"')
        apart, rows = nexmark_duckdb.difference(db, nexmark_duckdb.QUERIES[name], output, changes)
        context.check(case, apart == 0 and rows > 0, f"{apart} rows differ from DuckDB's {rows}; {done.stderr.decode()}")
