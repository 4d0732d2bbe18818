#!/usr/bin/env python3
"""The speed table: weir and its peers on the same input in the same run, on one core.

usage: bench/run.py --weir PATH [--rows N] [--runs N] [--readme] [ROW…]      rows: A B C D E F G O N CSV T JOIN NEXMARK Q

--readme writes the last results of all rows, of this run and earlier ones, into README.md. Each row checks that both sides give the same answer, then runs them in turn (A B A B …). Quoted is
CPU time (user + system) per record: of the whole process for weir and jq; for peers that live in
Python of the query alone. `calibration` is the time of reading the same bytes and counting line
feeds, so that figures of different machines can be compared. Rows A, B, C and N count by the worst
of three inputs; `fast` is the share of their records that took the fast path.
"""

import argparse
import csv
import datetime
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

BENCH = pathlib.Path(__file__).resolve().parent
ROOT = BENCH.parent
DATA = ROOT / "build" / "bench"


def cpu_of(command, stdin=None, stdout=subprocess.DEVNULL):
    """Runs a command; CPU seconds."""
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, stdin=stdin, stdout=stdout, stderr=errors)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = status
        if status != 0:
            errors.seek(0)
            raise SystemExit(f"{command} failed:\n{errors.read().decode()}")
    return usage.ru_utime + usage.ru_stime


class Side:
    """One contestant: run() notes CPU seconds and, of a peer in Python, its answer: rows of texts."""

    def __init__(self, name, command, inner=False):
        self.name, self.command, self.inner, self.answer = name, command, inner, None
        self.times = []

    def run(self):
        if self.inner:
            out = subprocess.run(self.command, capture_output=True, check=True).stdout
            reply = json.loads(out.decode().strip().splitlines()[-1])
            self.times.append(reply["cpu"])
            self.answer = reply.get("rows")
        else:
            self.times.append(cpu_of(self.command))

    @property
    def seconds(self):
        """Of the best run: neighbours on a machine only ever take, and never the same twice."""
        return min(self.times)


def settle(path):
    """A file that was just written lies in the page cache in single pages, and so does one that the
    system has taken parts of out of the cache again; one that was read from the disk, as inputs are in
    real life, in large ones, which all sides read faster. So: to the disk, out of the cache, and back by
    reading."""
    with open(path, "rb", buffering=0) as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        while file.read(1 << 20):
            pass


class Bench:
    def __init__(self, arguments):
        self.weir = arguments.weir
        self.rows = arguments.rows
        self.runs = arguments.runs
        self.peers = ROOT / ".deps" / "bench" / "bin" / "python"
        self.duck_python = ROOT / ".deps" / "py" / "bin" / "python"
        self.results = []
        self.inputs = []  # of the row at hand: settled before each of its rounds
        DATA.mkdir(parents=True, exist_ok=True)

    def input(self, kind):
        path = DATA / f"{kind}-{self.rows}.{'csv' if kind == 'csv' else 'ndjson'}"
        if not path.exists():
            subprocess.run([sys.executable, BENCH / "generate.py", kind, str(self.rows), path], check=True)
        self.inputs = [path]
        return path

    def gzip(self, path):
        packed = pathlib.Path(str(path) + ".gz")
        if not packed.exists():
            with open(packed, "wb") as out:
                subprocess.run(["gzip", "-6", "-c", path], stdout=out, check=True)
        self.inputs = [packed]
        return packed

    def duck(self, sql):
        return Side("DuckDB", [str(self.duck_python), str(BENCH / "peers/duck.py"), sql], inner=True)

    def click(self, sql, *setup):
        if not self.peers.exists():
            return None
        return Side("ClickHouse", [str(self.peers), str(BENCH / "peers/click.py"), sql, *setup], inner=True)

    def program(self, name, text):
        path = DATA / f"{name}.sql"
        path.write_text(text)
        return path

    def weir_rows(self, subject):
        """What the subject prints, as rows of texts."""
        out = subprocess.run(subject.command, capture_output=True, check=True).stdout
        return list(csv.reader(out.decode().splitlines()))[1:]

    def peak_and_fast_share(self, subject):
        """By GNU time: the peak that wait4 tells counts this interpreter."""
        command = ["time", "-f", "%M", subject.command[0], subject.command[1], "--stats", *subject.command[2:]]
        report = subprocess.run(command, capture_output=True, check=True).stderr.decode()
        found = re.search(r"([0-9.]+) % of records on the fast path", report)
        peak = int(report.split()[-1]) / 1024
        return f"  {peak:5.1f} MiB" + (f"  fast {float(found[1]):5.1f} %" if found else "")

    def note(self, line):
        """A line of the table."""
        print(line, flush=True)
        self.results.append(line)

    def compare(self, row, what, subject, peers, floors, check):
        """Has check(peer) judge each answer, then interleaves the runs and prints the ratios; floors:
        peer name -> least ratio."""
        peers = [peer for peer in peers if peer]
        subject.run()
        subject.times.clear()
        for peer in peers:
            peer.run()
            check(peer)
            peer.times.clear()
        for _ in range(self.runs):
            for path in self.inputs:
                settle(path)
            for side in [subject, *peers]:
                side.run()
        ns = subject.seconds / self.rows * 1e9
        line = f"{row:4} {what:28} weir {ns:7.1f} ns" + self.peak_and_fast_share(subject)
        for peer in peers:
            ratio = peer.seconds / subject.seconds
            floor = floors.get(peer.name)
            if peer.name == "inflate":  # the other way round: at most so many times as long
                verdict = " ok" if ratio * floor >= 1 else f" ABOVE {floor}"
                line += f" | inflating alone {peer.seconds / self.rows * 1e9:7.1f} ns = {1 / ratio:.2f}x{verdict}"
                continue
            verdict = "" if floor is None else (" ok" if ratio >= floor else f" BELOW {floor}")
            line += f" | {peer.name} {peer.seconds / self.rows * 1e9:7.1f} ns = {ratio:5.1f}x{verdict}"
        self.note(line)


def differ(row, what, ours, theirs):
    raise SystemExit(f"row {row} {what}: weir says {ours}, the peer {theirs}")


def same_counts(bench, subject, what):
    def check(peer):
        ours = bench.weir_rows(subject)[-1]
        if ours[0] == "+" and peer.answer and ours[1:] != peer.answer[0]:
            differ("A", what, ours[1:], peer.answer[0])
    return check


def same_windows(bench, subject, row, what):
    """Rows window, key, count, sum; windows are spelt differently, so they are left out. Peers put
    rows without a time in a window of their own, weir drops them (bad_data)."""
    ours = sorted((k, int(n), float(s)) for _, k, n, s in bench.weir_rows(subject))

    def check(peer):
        if not peer.answer:
            return
        theirs = sorted((k, int(n), float(s)) for w, k, n, s in peer.answer if w != "None")
        if len(ours) != len(theirs):
            differ(row, what, f"{len(ours)} rows", f"{len(theirs)} rows")
        for a, b in zip(ours, theirs):
            if a[:2] != b[:2] or abs(a[2] - b[2]) > 1e-6 * abs(a[2]):
                differ(row, what, a, b)
    return check


def same_lines(ours_path, theirs_path, what):
    def check(peer):
        if peer.name != "DuckDB":
            return
        with open(ours_path) as ours, open(theirs_path) as theirs:
            for a, b in zip(ours, theirs):
                if a != b and json.loads(a) != json.loads(b):
                    differ("B", what, a, b)
            if next(ours, None) or next(theirs, None):
                differ("B", what, "another count of rows", "its own")
    return check


INPUTS = {
    "events": {
        "ddl": "ts BIGINT, user_id TEXT, event TEXT, price DOUBLE, country TEXT",
        "duck": "{ts: 'BIGINT', user_id: 'VARCHAR', event: 'VARCHAR', price: 'DOUBLE', country: 'VARCHAR'}",
        "columns": ["ts", "user_id", "event", "price", "country"],
        "time": "ts", "key": "event", "value": "price", "where": "price < 250",
        "project": ["ts", "user_id", "price"],
        "click": "ts Int64, event String, price Float64", "window": "intDiv(ts, 10000)", "timed": "1",
    },
    "nexmark": {
        "ddl": "bid STRUCT<auction BIGINT, bidder BIGINT, price BIGINT, channel TEXT, date_time BIGINT>",
        "duck": "{bid: 'STRUCT(auction BIGINT, bidder BIGINT, price BIGINT, channel VARCHAR, date_time BIGINT)'}",
        "columns": ["bid.auction", "bid.bidder", "bid.price", "bid.channel", "bid.date_time"],
        "time": "bid.date_time", "key": "bid.auction % 8", "value": "bid.price", "where": "bid.price < 5000000",
        "project": ["bid.auction", "bid.bidder", "bid.price"],
        "click": "bid Tuple(auction Int64, price Int64, date_time Int64)", "window": "intDiv(bid.date_time, 10000)",
        "timed": "bid.date_time > 0",
    },
    "flights": {
        "ddl": "time_hour TIMESTAMP, carrier TEXT, dest TEXT, dep_delay DOUBLE, distance BIGINT",
        "duck": "{time_hour: 'TIMESTAMP', carrier: 'VARCHAR', dest: 'VARCHAR', dep_delay: 'DOUBLE', distance: 'BIGINT'}",
        "columns": ["time_hour", "carrier", "dest", "dep_delay", "distance"],
        "time": "time_hour", "key": "carrier", "value": "distance", "where": "distance < 1000",
        "project": ["carrier", "dest", "distance"],
        "click": "time_hour DateTime64(6), carrier String, distance Int64", "window": "toStartOfHour(time_hour)", "timed": "1",
    },
}


def table(info, path, extra=""):
    return (f"CREATE TABLE t ({info['ddl']}) WITH (connector = 'file', path = '{path}', format = 'json'{extra});\n")


def source(info, path):
    return f"read_json('{path}', format='newline_delimited', columns={info['duck']})"


def row_a(bench):
    for kind, info in [*INPUTS.items(), ("misses", INPUTS["events"])]:
        path = bench.input(kind)
        counts = ", ".join(f"count({column})" for column in info["columns"])
        subject = Side("weir", [bench.weir, "run", "-o", "csv", str(bench.program(
            f"a-{kind}", table(info, path) + f"SELECT {counts} FROM t;"))])
        peers = [bench.duck(f"SELECT {counts} FROM {source(info, path)}")]
        if kind in ("events", "misses"):
            peers.append(simdjson(path))
        floors = {"DuckDB": 3} if kind == "misses" else {"DuckDB": 8, "simdjson": 1.5}
        bench.compare("A", f"{kind} to 5 columns", subject, peers, floors, same_counts(bench, subject, kind))


def simdjson(path):
    binary = DATA / "peer_simdjson"
    source_file = BENCH / "json" / "peer_simdjson.cpp"
    if not binary.exists():
        done = subprocess.run(["g++", "-O3", "-march=native", "-std=c++17", source_file, "-lsimdjson", "-o", binary])
        if done.returncode != 0:
            return None
    side = Side("simdjson", [str(binary), str(path)], inner=True)

    def run():
        out = subprocess.run(side.command, capture_output=True, check=True,
                             preexec_fn=lambda: os.sched_setaffinity(0, {0})).stdout.decode()
        words = out.split()
        ns = float(words[words.index("ns/record,") - 1] if "ns/record," in words else words[words.index("ns/record") - 1])
        side.times.append(ns * side.rows * 1e-9)

    side.rows = sum(1 for _ in open(path, "rb"))
    side.run = run
    return side


def row_b(bench):
    for kind, info in INPUTS.items():
        path = bench.input(kind)
        out = DATA / f"b-{kind}.out.ndjson"
        columns = ", ".join(f"{c} AS c{i}" for i, c in enumerate(info["project"]))
        subject = Side("weir", [bench.weir, "run", str(bench.program(
            f"b-{kind}", table(info, path) + f"CREATE TABLE o WITH (connector = 'file', path = '{out}', format = 'json');\n"
            f"INSERT INTO o SELECT {columns} FROM t WHERE {info['where']};"))])
        duck_out = DATA / f"b-{kind}.duck.ndjson"
        peers = [bench.duck(f"COPY (SELECT {columns} FROM {source(info, path)} WHERE {info['where']}) TO '{duck_out}' (FORMAT json)")]
        fields = ", ".join(f"c{i}: .{c}" for i, c in enumerate(info["project"]))
        peers.append(Side("jq", ["jq", "-c", f"select(.{info['where']}) | {{{fields}}}", str(path)]))
        bench.compare("B", f"{kind} filter, project", subject, peers, {"DuckDB": 8, "jq": 40},
                      same_lines(out, duck_out, kind))


def row_c(bench, packed=False):
    for kind, info in INPUTS.items():
        path = bench.input(kind)
        real = bench.gzip(path) if packed else path
        numeric = kind != "flights"
        ddl = info["ddl"]
        width = "10 seconds" if numeric else "1 hour"
        if numeric:
            stamp = f"to_timestamp_millis({info['time']})"
            bucket = f"{info['time']} // 10000"
        else:
            stamp = info["time"]
            bucket = f"date_trunc('hour', {info['time']})"
        delay = "0 seconds" if numeric else "400 days"
        text = (f"CREATE TABLE t ({ddl}, at TIMESTAMP GENERATED ALWAYS AS ({stamp}), WATERMARK FOR at AS at - INTERVAL '{delay}') "
                f"WITH (connector = 'file', path = '{real}', format = 'json', bad_data = 'drop');\n"
                f"SELECT tumble(INTERVAL '{width}') AS w, {info['key']} AS k, count(*) AS n, sum({info['value']}) AS s FROM t GROUP BY w, k;")
        subject = Side("weir", [bench.weir, "run", "-o", "csv", str(bench.program(f"c-{kind}{'-gz' if packed else ''}", text))])
        sql = f"SELECT {bucket} AS w, {info['key']} AS k, count(*), sum({info['value']}) FROM {source(info, path)} GROUP BY ALL"
        if packed:
            peers = [Side("inflate", [str(program(bench, "bench_inflate")), str(real)], inner=True)]
            plain = Side("weir", [bench.weir, "run", "-o", "csv", str(bench.program(f"n-{kind}", text.replace(str(real), str(path))))])
            if sorted(bench.weir_rows(plain)) != sorted(bench.weir_rows(subject)):
                raise SystemExit(f"row N {kind}: another answer than without compression")
            bench.compare("N", f"gzip {kind}", subject, peers, {"inflate": 1.5}, lambda peer: None)
        else:
            columns = "'" + info["click"] + "'"
            click = bench.click(f"SELECT {info['window']} AS w, {info['key']} AS k, count(), sum({info['value']}) "
                                f"FROM file('{path}', JSONEachRow, {columns}) WHERE {info['timed']} GROUP BY w, k "
                                "SETTINGS date_time_input_format='best_effort', input_format_skip_unknown_fields=1, "
                                "input_format_json_defaults_for_missing_elements_in_named_tuple=1")
            bench.compare("C", f"{kind} tumbling count, sum", subject, [bench.duck(sql), click],
                          {"DuckDB": 6, "ClickHouse": 8}, same_windows(bench, subject, "C", kind))


def row_csv(bench):
    info = INPUTS["events"]
    path = bench.input("csv")
    text = (f"CREATE TABLE t ({info['ddl']}, at TIMESTAMP GENERATED ALWAYS AS (to_timestamp_millis(ts)), WATERMARK FOR at AS at) "
            f"WITH (connector = 'file', path = '{path}');\n"
            "SELECT tumble(INTERVAL '10 seconds') AS w, event AS k, count(*) AS n, sum(price) AS s FROM t GROUP BY w, k;")
    subject = Side("weir", [bench.weir, "run", "-o", "csv", str(bench.program("csv", text))])
    sql = (f"SELECT ts // 10000 AS w, event, count(*), sum(price) FROM read_csv('{path}', header=true, columns="
           "{'event_id':'BIGINT','ts':'BIGINT','user_id':'VARCHAR','event':'VARCHAR','url':'VARCHAR','price':'DOUBLE','qty':'BIGINT','country':'VARCHAR','session':'VARCHAR','ok':'BOOLEAN'}) GROUP BY ALL")
    bench.compare("CSV", "events tumbling count, sum", subject, [bench.duck(sql)], {"DuckDB": 3},
                  same_windows(bench, subject, "CSV", "events"))


def program(bench, name):
    """A benchmark program of the build that bench.weir belongs to."""
    folder = pathlib.Path(bench.weir).resolve().parent
    for build in (folder, folder.parent, folder.parent.parent):
        if (build / "bench" / name).exists():
            return build / "bench" / name
    raise SystemExit(f"{name} is not built")


def columns(bench, *arguments):
    out = subprocess.run([program(bench, "bench_columns"), *map(str, arguments)], capture_output=True,
                         preexec_fn=lambda: os.sched_setaffinity(0, {0}))
    if out.returncode != 0:
        raise SystemExit(out.stderr.decode())
    return dict(line.split(" ", 1) for line in out.stdout.decode().splitlines())


def row_de(bench):
    rows = 16_000_000
    for row, keys, floor in (("D", 1000, 2), ("E", 1_000_000, 3)):
        sql = (f"SELECT count(), sum(c), max(c) FROM (SELECT k, toStartOfInterval(ts, INTERVAL 10 second) AS w, count() AS c FROM t GROUP BY k, w)")
        setup = ["CREATE TABLE t (ts DateTime64(6), k UInt64) ENGINE = Memory",
                 f"INSERT INTO t SELECT fromUnixTimestamp64Micro(toInt64(1700000000000000 + number * 3)), intHash64(number) % {keys} FROM numbers({rows})"]
        in_memory(bench, row, f"tumbling count, {keys} keys", ["tumble", keys, rows], rows, sql, setup, floor)


def row_g(bench):
    """Windows of 60 s by slides of 1 s to 60 s beside windows that do not overlap, of the same rows. Where a slide has 20 rows of
    each key: at most 1.3 times as long. Where it has fewer, most of the work is the rows that come out: at most 5 ns more for each."""
    rows, per_second = 16_000_000, 1_000_000 / 3
    for keys in (1000, 16_000, 100_000, 1_000_000):
        for slide in (1, 2, 5, 10, 20, 30, 60) if keys == 1000 else (1, 2, 5, 10, 60):
            hop, tumble = [], []
            for _ in range(max(3, bench.runs // 2)):
                got = columns(bench, "hop", keys, rows, slide)
                hop.append(float(got["ns"]))
                tumble.append(float(columns(bench, "tumble", keys, rows)["ns"]))
                groups, counted, _ = map(int, got["answer"].split())
                windows = -(-rows * 3 // 1_000_000 // slide) + 60 // slide - 1
                least = windows * keys if keys == 1000 else 0
                if counted != rows * 60 // slide or not least <= groups <= (windows + 1) * keys:
                    raise SystemExit(f"row G: {groups} groups of {counted} rows for windows by {slide} s")
            ratio, extra = min(hop) / min(tumble), (min(hop) - min(tumble)) * rows / groups
            limit = f"{ratio:5.2f}x{' ok' if ratio <= 1.3 else ' ABOVE 1.3'}" if per_second * slide >= 20 * keys \
                else f"{extra:+5.2f} ns each of {groups:,} rows out{' ok' if extra <= 5 else ' ABOVE 5'}"
            line = f"G    60 s by {slide:2} s, {keys:9,} keys  weir {min(hop):7.2f} ns | tumbling {min(tumble):7.2f} ns = {limit}"
            bench.note(line)


def orders(bench, what, in_order, late):
    """Rows in order beside the same ones out of order, in turn; each callable gives ns a row."""
    sides = ([], [])
    for _ in range(max(3, bench.runs // 2)):
        sides[0].append(in_order())
        sides[1].append(late())
    ordered, disordered = min(sides[0]), min(sides[1])
    ratio = disordered / ordered
    line = (f"O    {what:28} weir {disordered:7.2f} ns | in order {ordered:7.2f} ns = {ratio:5.2f}x{' ok' if ratio <= 1.3 else ' ABOVE 1.3'}")
    bench.note(line)


def row_o(bench):
    """Rows up to 5 s later than their time, beside the same rows in order: tumbling windows of 10 s behind a watermark 5 s late."""
    for keys in (1000, 100_000):
        def in_memory_side(seconds):
            return lambda: float(columns(bench, "late", keys, 16_000_000, seconds)["ns"])  # checks its answer by counting
        orders(bench, f"5 s late, {keys} keys", in_memory_side(0), in_memory_side(5))
    sides, answers = [], []
    for kind in ("events", "late"):
        path = bench.input(kind)
        settle(path)
        text = (f"CREATE TABLE t ({INPUTS['events']['ddl']}, at TIMESTAMP GENERATED ALWAYS AS (to_timestamp_millis(ts)), WATERMARK FOR at AS at - INTERVAL '5 seconds') "
                f"WITH (connector = 'file', path = '{path}', format = 'json');\n"
                "SELECT tumble(INTERVAL '10 seconds') AS w, event AS k, count(*) AS n, sum(price) AS s FROM t GROUP BY w, k;")
        sides.append([bench.weir, "run", "-o", "csv", str(bench.program(f"o-{kind}", text))])
        answers.append(sorted((w, k, int(n), round(float(s), 6)) for w, k, n, s in bench.weir_rows(Side("weir", sides[-1]))))
    if answers[0] != answers[1] or sum(row[2] for row in answers[0]) != bench.rows:
        differ("O", "NDJSON", "another answer out of order", "that in order")
    orders(bench, "5 s late, NDJSON", *(lambda command=command: cpu_of(command) / bench.rows * 1e9 for command in sides))


def row_f(bench):
    rows = 16_000_000
    sql = "SELECT count(), sum(a + b), sum(c * 2) FROM t WHERE a < 500 AND c >= 100"
    setup = ["CREATE TABLE t (a Int64, b Int64, c Int64) ENGINE = Memory",
             f"INSERT INTO t SELECT intHash64(number * 3) % 1000, intHash64(number * 3 + 1) % 1000, intHash64(number * 3 + 2) % 1000 FROM numbers({rows})"]
    in_memory(bench, "F", "filter + project", ["filter", rows], rows, sql, setup, 1.3)


def in_memory(bench, row, what, arguments, rows, sql, setup, floor):
    peer = bench.click(sql, *setup)
    ours, theirs, read = [], [], []
    for _ in range(max(2, bench.runs // 2)):
        got = columns(bench, *arguments)
        ours.append(float(got["ns"]))
        read.append(float(got.get("read", 0)))
        if peer:
            out = subprocess.run(peer.command, capture_output=True, check=True,
                                 preexec_fn=lambda: os.sched_setaffinity(0, {0})).stdout
            reply = json.loads(out.decode().strip().splitlines()[-1])
            theirs.append(reply["cpu"] / rows * 1e9)
            if reply["rows"][0] != got["answer"].split():
                raise SystemExit(f"row {row}: weir says {got['answer']}, ClickHouse {reply['rows'][0]}")
    line = f"{row:4} {what:28} weir {min(ours):7.2f} ns"
    if theirs:
        ratio = min(theirs) / min(ours)
        line += f" | ClickHouse {min(theirs):7.2f} ns = {ratio:5.1f}x{' ok' if ratio >= floor else f' BELOW {floor}'}"
    if read[0]:
        ratio = min(ours) / min(read)
        line += f" | reading {min(read):.2f} ns = {ratio:.2f}x{' ok' if ratio <= 1.5 else ' ABOVE 1.5'}"
    bench.note(line)


def row_t(bench):
    best, rss = 1e9, 0
    for _ in range(50):
        start = time.monotonic()
        cpu_of([bench.weir, "version"])
        best = min(best, time.monotonic() - start)
    # GNU time: the peak that wait4 tells counts this interpreter, which the child was forked from.
    rss = int(subprocess.run(["time", "-f", "%M", bench.weir, "sql", "SELECT 1"], capture_output=True,
                             check=True, shell=False).stderr.split()[-1])
    size = DATA / "weir.stripped"
    subprocess.run(["strip", "-o", size, bench.weir], check=True)
    stripped = size.stat().st_size
    line = (f"T    weir version {best * 1000:.2f} ms{' ok' if best < 0.003 else ' ABOVE 3'}, stripped {stripped / 2**20:.2f} MiB"
            f"{' ok' if stripped <= 4 << 20 else ' ABOVE 4'}, SELECT 1 peak {rss / 1024:.1f} MB{' ok' if rss <= 8 << 10 else ' ABOVE 8'}")
    bench.note(line)


JOIN = """CREATE TABLE l (n BIGINT, {columns}, k BIGINT GENERATED ALWAYS AS (n * {step})) WITH (connector = 'generator', rows = '{rows}', 'n.kind' = 'sequence'{options});
CREATE TABLE r (n BIGINT, k BIGINT GENERATED ALWAYS AS (n * {step})) WITH (connector = 'generator', rows = '10', 'n.kind' = 'sequence', 'n.start' = '{middle}');
SELECT count(*) AS n, {sums} FROM l JOIN r ON l.k = r.k"""


def row_join(bench):
    """What a join keeps: ten million rows with keys of their own, of 64 bytes, and of 56 with a text of 24 of them."""
    rows = 10 * bench.rows
    numbers, letters = [f"c{i} BIGINT" for i in range(7)], ["t TEXT"] + [f"c{i} BIGINT" for i in range(3)]
    spread = 2654435761
    for name, columns, payload, options, step in (("8 integers", numbers, 64, "", spread), ("keys in a row", numbers, 64, "", 1),
                                                  ("text", letters, 56, ", 't.length' = '24'", spread)):
        sums = ", ".join(f"sum(length({c.split()[0]}))" if "TEXT" in c else f"sum({c.split()[0]})" for c in columns)
        query = JOIN.format(columns=", ".join(columns), rows=rows, options=options, middle=rows // 2, sums=sums, step=step)
        before = time.monotonic()
        done = subprocess.run(["time", "-f", "%M %U %S", bench.weir, "run", "-o", "csv", "/dev/stdin"], input=query.encode() + b";", capture_output=True, check=True)
        peak, user, system = done.stderr.split()[-3:]
        if b",10," not in b"," + done.stdout.splitlines()[-1].split(b",", 1)[1]:
            raise SystemExit(f"JOIN: wrong answer {done.stdout}")
        each, limit = int(peak) * 1024 / rows, 1.5 * payload + 56
        line = (f"JOIN {rows:,} rows of {payload} B ({name}): peak {int(peak) / 2**20:.2f} GiB, {each:.0f} B a row"
                f"{' ok' if each <= limit else f' ABOVE {limit:.0f}'}, {(float(user) + float(system)) / rows * 1e9:.0f} ns CPU a row, {time.monotonic() - before:.1f} s")
        bench.note(line)


def row_nexmark(bench):
    import nexmark
    nexmark.file_rows(bench)


def row_q(bench):
    import nexmark
    nexmark.generator_rows(bench)
    nexmark.flink_rows(bench)


ROWS = {"A": row_a, "B": row_b, "C": row_c, "D": row_de, "E": row_de, "F": row_f, "G": row_g, "O": row_o,
        "N": lambda bench: row_c(bench, packed=True), "CSV": row_csv, "T": row_t, "JOIN": row_join, "NEXMARK": row_nexmark, "Q": row_q}


def write_readme(results):
    """The table between its marks in README.md."""
    with open("/proc/cpuinfo") as info:
        model = next((line.split(":")[1].strip() for line in info if line.startswith("model name")), "?")
    lines = [f"{datetime.date.today()}, one core of {os.cpu_count()} ({model}), load average "
             f"{os.getloadavg()[0]:.1f}", *(line for name in ROWS for line in results.get(name, []))]
    readme = ROOT / "README.md"
    text = readme.read_text()
    begin, end = "<!-- speed: made by bench/run.py --readme -->\n", "<!-- /speed -->"
    head, rest = text.split(begin)
    readme.write_text(head + begin + "```text\n" + "\n".join(lines) + "\n```\n" + end + rest.split(end)[1])


def main():
    os.environ.setdefault("WEIR_LOG", "warning")  # not when jobs start and end
    parser = argparse.ArgumentParser(description="the speed table")
    parser.add_argument("--weir", required=True)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--readme", action="store_true")
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    os.sched_setaffinity(0, {0})  # and with it all that is started from here
    bench = Bench(arguments)
    done = set()
    saved = DATA / "results.json"
    results = json.loads(saved.read_text()) if saved.exists() else {}
    for name in arguments.names or ([] if arguments.readme and results else ROWS):
        function = ROWS.get(name.upper())
        if not function:
            raise SystemExit(f"no row {name}; there are {', '.join(ROWS)}")
        if function not in done:
            bench.results.clear()
            function(bench)
            results.update({row: [line for line in bench.results if line.split()[0] == row] for row in ROWS
                            if any(line.split()[0] == row for line in bench.results)})
            saved.write_text(json.dumps(results))
        done.add(function)
    if arguments.readme:
        write_readme(results)


if __name__ == "__main__":
    main()
