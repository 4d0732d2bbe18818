#!/usr/bin/env python3
"""Nexmark: the queries of examples/nexmark, their results thrown away (connector blackhole).

usage: bench/nexmark.py [--weir PATH] [--rows EVENTS] [--runs N] [QUERY…]

Prints for each query, with the generator in the process: events read in a second of time, CPU per event, what of it is the
generator's own (a program that only reads the same fields, in the same run), and what is left for the query. Rows
NEXMARK and Q of bench/run.py are here too: the queries over a file of the events beside DuckDB, and over the generator
within a share of DuckDB's time.
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import flink
import run

sys.path.insert(0, str(run.ROOT / "tests"))
import nexmark_duckdb

QUERIES = run.ROOT / "examples/nexmark"
NAMES = [f"q{i}" for i in range(23)]
BID = "bid.auction, bid.bidder, bid.price, bid.extra, date_time"
AUCTION = "auction.id, auction.item_name, auction.description, auction.initial_bid, auction.reserve, auction.expires, auction.seller, auction.category, auction.extra"
WON = "auction.id, auction.expires, bid.auction, bid.price, date_time"
STATISTICS = "bid.auction, bid.bidder, bid.price, date_time"
# The fields that each query reads.
FIELDS = {
    "q0": BID, "q1": BID, "q2": "bid.auction, bid.price",
    "q3": "auction.id, auction.seller, auction.category, person.id, person.name, person.city, person.state",
    "q4": f"{WON}, auction.category", "q5": "bid.auction, date_time", "q6": f"{WON}, auction.seller, bid.bidder", "q7": BID,
    "q8": "person.id, person.name, auction.seller, date_time", "q9": f"{AUCTION}, {BID}", "q10": BID, "q11": "bid.bidder, date_time",
    "q12": "bid.bidder", "q13": "bid.auction, bid.bidder, bid.price, date_time", "q14": BID, "q15": STATISTICS,
    "q16": f"{STATISTICS}, bid.channel", "q17": "bid.auction, bid.price, date_time", "q18": f"{BID}, bid.channel, bid.url",
    "q19": f"{BID}, bid.channel, bid.url", "q20": f"{BID}, bid.channel, bid.url, {AUCTION}",
    "q21": "bid.auction, bid.bidder, bid.price, bid.channel, bid.url", "q22": "bid.auction, bid.bidder, bid.price, bid.channel, bid.url",
}
# Over a file: at least so many times as fast as DuckDB. With the generator: at most so many ns an event, or that share of DuckDB's time.
FLOORS = {"q0": 6, "q1": 6, "q2": 6, "q3": 6, "q7": 6, "q5": 4, "q8": 4, "q4": 2, "q9": 2}
LIMITS = {"q15": 600, "q16": 600, "q17": 600, "q18": 500, "q19": 500, "q20": 500}
SHARES = {"q0": 0.1, "q1": 0.1, "q2": 0.1}
SHARE_RUNS = 3
# Bytes over so many events, where time bounds the state.
PEAK_LIMIT, PEAK_EVENTS, PEAK_LIMITED = 200_000_000, 10_000_000, ("q4", "q5", "q7", "q8", "q9")
# CPU of Flink in that of weir; its file has no more events than that.
FLINK_FLOOR, FLINK_EVENTS = 10, 1_000_000


def environment(events, file):
    side = run.DATA / "nexmark-side.csv"
    if not side.exists():
        run.DATA.mkdir(parents=True, exist_ok=True)
        nexmark_duckdb.side_input(side)
    os.environ.update(NEXMARK_EVENTS=str(events), NEXMARK_FILE=str(file), NEXMARK_SIDE_INPUT=str(side))


def thrown_away(text):
    """A query's program with its result into a sink that forgets it. What stands before the SELECT stays before."""
    *before, query = text.rstrip().rstrip(";").split(";\n")
    return "".join(part + ";\n" for part in before) + "CREATE TABLE nowhere WITH (connector = 'blackhole');\nINSERT INTO nowhere\n" + query + ";\n"


def program(name, source, text):
    path = run.DATA / f"nexmark-{name}.sql"
    views = (QUERIES / "views.sql").read_text()
    path.write_text((QUERIES / source).read_text() + views + thrown_away(text))
    return path


def measure(weir, path):
    """CPU seconds, seconds, peak MiB, and what was said on failure."""
    command = ["time", "-f", "%M", weir, "run", str(path)]
    with tempfile.TemporaryFile() as said:
        before = time.monotonic()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = status
        seconds = time.monotonic() - before
        said.seek(0)
        text = said.read().decode()
    if status != 0:
        return None, seconds, 0, next((line[line.index("error"):] for line in text.splitlines() if "error" in line), text)
    return usage.ru_utime + usage.ru_stime, seconds, int(text.split()[-1]) / 1024, ""


def generated(weir, name, runs):
    """A query and reading its fields alone, in turn: medians of its CPU, its seconds, what it uses beyond the reading beside
    it (machines get slower and faster), and of the reading; peak; the refusal, if any."""
    query = program(name, "generator.sql", (QUERIES / f"{name}.sql").read_text())
    fields = ", ".join(f"{field} AS f{i}" for i, field in enumerate(FIELDS[name].split(", ")))
    alone = program(f"{name}-fields", "generator.sql", f"SELECT {fields} FROM nexmark;")
    cpu, seconds, left, own, peak = [], [], [], [], 0
    for _ in range(runs):
        used, took, peak, refusal = measure(weir, query)
        if used is None:
            return None, None, None, None, 0, refusal
        cpu.append(used)
        seconds.append(took)
        own.append(measure(weir, alone)[0])
        left.append(used - own[-1])
    return *(statistics.median(values) for values in (cpu, seconds, left, own)), peak, ""


def title(name):
    """The words before the colon of its first line."""
    return (QUERIES / f"{name}.sql").read_text().splitlines()[0].removeprefix("-- ").split(":")[0].lower().rstrip(".")


def runner(weir, events, runs, names):
    environment(events, run.DATA / f"nexmark-events-{events}.ndjson")
    print(f"{'':4} {'':28} {'events/s':>12} {'CPU ns/event':>13} {'generator':>10} {'query':>8} {'peak MiB':>9}")
    for name in names:
        cpu, seconds, left, own, peak, refusal = generated(weir, name, runs)
        if refusal:
            print(f"{name:4} {title(name):28} skipped: {refusal}", flush=True)
            continue
        total, made, query = (value / events * 1e9 for value in (cpu, own, left))
        print(f"{name:4} {title(name):28} {events / seconds:12,.0f} {total:13.1f} {made:10.1f} {max(query, 0):8.1f} {peak:9.1f}", flush=True)


# ---- rows of bench/run.py ----

def events_file(bench, events):
    """Made if it is missing, and what programs read from now on."""
    path = run.DATA / f"nexmark-events-{events}.ndjson"
    if not path.exists():
        subprocess.run([bench.weir, "generate", "nexmark", "-n", str(events), path], check=True)
    environment(events, path)
    return path


def duck_side(bench, name, path):
    """DuckDB makes every column of the answer, and counts it."""
    views = ";\n".join(nexmark_duckdb.views(path))
    return bench.duck(f"{views};\nSELECT count(*), count(COLUMNS(*)) FROM ({nexmark_duckdb.QUERIES[name]})")


def check_answer(bench, name, path):
    import duckdb
    db = duckdb.connect()
    for view in nexmark_duckdb.views(path):
        db.execute(view)
    output = run.DATA / "nexmark-answer.ndjson"
    text = "".join((QUERIES / part).read_text() for part in ("file.sql", "views.sql", f"{name}.sql"))
    with open(output, "wb") as out:
        subprocess.run([bench.weir, "run", "-o", "json", "-"], input=text.encode(), stdout=out, check=True)
    with open(output) as lines:
        changes = lines.readline().startswith('{"_op"')
    apart, rows = nexmark_duckdb.difference(db, nexmark_duckdb.QUERIES[name], output, changes)
    if apart:
        raise SystemExit(f"row NEXMARK {name}: {apart} rows differ from DuckDB's {rows}")


def file_rows(bench):
    path = events_file(bench, bench.rows)
    for name in sorted(FLOORS, key=lambda name: int(name[1:])):
        check_answer(bench, name, path)
        bench.inputs = [path]
        subject = run.Side("weir", [bench.weir, "run", str(program(f"{name}-file", "file.sql", (QUERIES / f"{name}.sql").read_text()))])
        bench.compare("NEXMARK", f"{name} {title(name)}", subject, [duck_side(bench, name, path)], {"DuckDB": FLOORS[name]}, lambda peer: None)
    peak_rows(bench)


def peak_rows(bench):
    """What the queries with bounded state keep over ten million events."""
    path = events_file(bench, PEAK_EVENTS)
    peaks = []
    for name in PEAK_LIMITED:
        peak = measure(bench.weir, program(f"{name}-file", "file.sql", (QUERIES / f"{name}.sql").read_text()))[2]
        peaks.append(f"{name} {peak:.0f} MiB{' ok' if peak * 2**20 <= PEAK_LIMIT else f' ABOVE {PEAK_LIMIT // 10**6} MB'}")
    bench.note(f"NEXMARK peak over {PEAK_EVENTS:,} events: {', '.join(peaks)}")
    path.unlink()  # gigabytes


def generator_rows(bench):
    path = events_file(bench, bench.rows)
    for name in [*SHARES, *LIMITS]:
        # A share is small beside what it is the difference of: from more runs.
        _, _, left, own, peak, refusal = generated(bench.weir, name, bench.runs * (SHARE_RUNS if name in SHARES else 1))
        if refusal:
            line = f"Q    {name} {title(name)}: skipped, {refusal}"
        else:
            made, left = own / bench.rows * 1e9, max(left / bench.rows * 1e9, 0)
            line = f"Q    {name + ' ' + title(name):28} weir {left:7.1f} ns beside the generator's {made:6.1f} ns  {peak:5.1f} MiB"
            if name in SHARES:
                duck = duck_side(bench, name, path)
                for _ in range(bench.runs):
                    duck.run()
                theirs = duck.seconds / bench.rows * 1e9
                line += f" | DuckDB over the file {theirs:7.1f} ns: {left / theirs:.0%}{' ok' if left <= SHARES[name] * theirs else f' ABOVE {SHARES[name]:.0%}'}"
            else:
                line += f"{' ok' if left <= LIMITS[name] else f' ABOVE {LIMITS[name]}'}"
        bench.note(line)


def flink_rows(bench):
    events = min(bench.rows, FLINK_EVENTS)
    path = events_file(bench, events)
    run.settle(path)

    def seconds(name):
        return measure(bench.weir, program(f"{name}-file", "file.sql", (QUERIES / f"{name}.sql").read_text()))[0]
    names = [name for name in NAMES if name != "q6"]  # Flink has no OVER over rows that may be taken back
    flink.compare(bench, path, events, names, title, seconds, FLINK_FLOOR)


def main():
    parser = argparse.ArgumentParser(description="Nexmark with the generator in the process")
    parser.add_argument("--weir", default=str(run.ROOT / "build/weir"))
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    for name in arguments.names:
        if name not in NAMES:
            raise SystemExit(f"no query {name}; there are q0 to q22")
    os.sched_setaffinity(0, {0})
    runner(arguments.weir, arguments.rows, arguments.runs, arguments.names or NAMES)


if __name__ == "__main__":
    main()
