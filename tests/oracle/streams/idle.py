"""Programs whose inputs stay open while some of their splits have nothing more to say.

Every split is a file that is followed. Some splits are silent behind their rows; the others go on with rows of the
year 2200, which a view takes out again but for the watermark they move. Once the silent ones are idle, all windows of
the program's rows are closed by that, and its sinks hold the batch answer."""

import collections
import datetime
import json
import pathlib
import random
import re
import signal
import subprocess
import time

from oracle.streams import programs, world

BEHIND = datetime.datetime(2200, 1, 1)
PATIENCE_S = 30


def listens(process):
    """Whether it takes Ctrl-C for a wish by now: a program that is asked earlier is ended by it."""
    caught = re.search(r"^SigCgt:\s*(\w+)", pathlib.Path(f"/proc/{process.pid}/status").read_text(), re.M)
    return int(caught.group(1), 16) >> (signal.SIGINT - 1) & 1 == 1


def stop(process):
    """Its exit code after Ctrl-C: once more where that came before the program listened (a shell's jobs in the background
    begin with it ignored)."""
    while True:
        process.send_signal(signal.SIGINT)
        try:
            return process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            continue


class Idle:
    def __init__(self, program, seed):
        self.program, self.rng = program, random.Random(seed)
        self.folder = program.world.folder / f"idle-{program.number}"
        self.active = []  # (path, format)
        self.silent = 0

    def ddl(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        text = "".join(line.replace("connector = 'file'", "connector = 'file', follow = 'true'") + "\n"
                       for line in self.program.world.ddl.splitlines() if line.split()[2] in world.CHANGING)
        columns = ", ".join(f"{column} {world.TYPES[its]}" for column, its in world.COLUMNS)
        for table, kind in world.TABLES.items():
            splits = self.program.world.tables[table]
            silent = self.rng.sample(range(len(splits)), self.rng.randrange(1, len(splits))) if len(splits) > 1 else []
            self.silent += len(silent)
            for number, rows in enumerate(splits):
                path = self.folder / f"{table}-{number}.{kind}"
                path.write_text(world.encoded(rows, kind))
                if number not in silent:
                    self.active.append((path, kind))
            text += (f"CREATE TABLE {table}_ ({columns}, WATERMARK FOR ts AS ts - INTERVAL '{world.DELAY_MS // 1000} seconds') WITH (connector = 'file', "
                     f"path = '{self.folder}/{table}-*.{kind}', format = '{kind}', follow = 'true', idle_timeout = '100 ms');\n"
                     f"CREATE VIEW {table} AS SELECT * FROM {table}_ WHERE ts < TIMESTAMP '2200-01-01';\n")
        return text

    def go_on(self, turn):
        """Another row for each split that is not silent."""
        row = (f"{BEHIND + datetime.timedelta(seconds=100 * turn):%Y-%m-%d %H:%M:%S.000}", *[None] * (len(world.COLUMNS) - 1))
        for path, kind in self.active:
            with path.open("a") as out:
                out.write(world.encoded([row], kind).split("\n", 1)[1] if kind == "csv" else world.encoded([row], kind))

    def is_answer(self, n):
        """Whether the sums of what the sink holds are the answer, so far as its last line is whole."""
        query, path = self.program.queries[n], self.program.output("idle", n)
        if not path.exists():
            return False  # not yet at work, and not ready to be asked to stop
        if sum(query.expected.values()) == 1 and not path.read_text():
            return True  # the one row of an aggregation over no rows, say: it comes when the input has ended
        sums = collections.Counter()
        for line in path.read_text().rpartition("\n")[0].splitlines():
            row = json.loads(line, parse_int=float)
            sums[tuple(programs.plain(row[name]) for name in query.names)] += -1 if row.get("_op") == "-" else 1
        return +sums == query.expected and min(sums.values(), default=0) >= 0

    def wrong(self, weir):
        """What is wrong; None when weir refuses the program over inputs that do not end, or no split is silent."""
        text = self.ddl() + self.program.text("idle")[len(self.program.ddl()):]
        if not self.silent or subprocess.run([weir, "check", "-"], input=text.encode(), capture_output=True).returncode != 0:
            return None
        (self.folder / "program.sql").write_text(text)
        process = subprocess.Popen([weir, "run", self.folder / "program.sql"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        until, turn, right = time.monotonic() + PATIENCE_S, 0, False
        while not right and time.monotonic() < until and process.poll() is None:
            self.go_on(turn)
            turn += 1
            time.sleep(0.1)
            right = listens(process) and all(self.is_answer(n) for n in range(len(self.program.queries)))
        code, said = stop(process), process.stderr.read().decode(errors="replace")
        if code != 0 or "late" in said:
            return f"exit {code}\n{said[-900:]}"
        if right:
            return ""
        why = [self.program.wrong(query, self.program.output("idle", n)) for n, query in enumerate(self.program.queries) if not self.is_answer(n)]
        return f"{self.silent} silent splits\n{why}\n{text}"
