"""The N-th allocation fails, the N-th read or write fails: over programs that use every operator, one
asked for final answers and others that send changes or look things up, each run ends with an error that has a code, or, when
the fault did no harm, with the right answer. No signal, no hang, no output file that is not whole, and in
sanitized builds no leak."""

import gzip
import json
import os
import random
import re
import shutil
import sqlite3
import subprocess

ALL_UP_TO = 500
SAMPLED = 150  # beyond ALL_UP_TO, of each site
SITES = ["memory.alloc", "io.read", "io.write", "io.rename", "io.fsync", "source.batch"]
PROGRAMS = [  # what runs it, rows on standard output, files written
    (["sql", "-o", "csv", "-f", "program.sql"], 16, ["totals.json", "windows.csv"]),
    (["run", "-o", "csv", "changes.sql"], 22, ["overlapping.json", "shares.csv", "pairs.csv", "cities.json"]),
    (["run", "-D", "batch_rows=64", "cdc.sql"], 0, ["events.json", "latest.json", "joined.csv", "extremes.csv", "visits.csv"]),
    (["run", "-D", "batch_rows=64", "sessions.sql"], 0, ["corrected.csv", "strict.csv", "missed.csv", "moments.csv"]),
    (["run", "lookups.sql"], 0, ["placed.csv", "noted.json", "versions.csv", "following.csv"])]
USED = ["COMPUTE", "AGGREGATE by", "AGGREGATE count(*); tumble", "; hop", "; cumulate", "; session", "LATE", "UNNEST", "SORT", "SCAN", "LIMIT", "UNION", "VALUES",
        "SERIES", "; first 2", "OVER lag", "; changelog", "where", "NORMALIZE", "NET by", "keeps all", "latest row", *(f"JOIN {kind}" for kind in ("inner", "left", "right", "full", "semi", "anti", "asof", "asof left", "lookup", "lookup left"))]


def write_inputs(folder):
    rng = random.Random(3)
    names = [f"customer {i} with a long name" if i % 3 else f"c{i}" for i in range(12)]
    with gzip.open(folder / "orders.ndjson.gz", "wt") as out:
        for i in range(400):
            row = {"id": i, "customer": rng.choice(names), "at": f"2024-05-01T12:{i // 60 % 60:02}:{i % 60:02}Z",
                   "price": round(rng.random() * 100, 2), "tags": rng.sample(["red", "new", "a tag of some length"], rng.randrange(3)),
                   "item": {"name": rng.choice(["pen", "a fountain pen", "ink"]), "size": rng.randrange(5)},
                   "extra": {"colour": rng.choice(["red", "rose", "blue"]), "deep": [1, {"x": None}]}}
            out.write(json.dumps(row) + "\n")
    lines = ["name,city,joined"] + [f"{name},{rng.choice(['Rome', 'Riga', ''])},2024-0{i % 9 + 1}-01" for i, name in enumerate(names)]
    subprocess.run(["zstd", "-q", "-o", folder / "customers.csv.zst"], input="\n".join(lines).encode() + b"\n", check=True)
    paid = [f"{i + rng.randrange(3)},2024-05-01 12:{i // 60:02}:{i % 60:02},{rng.random() * 100:.2f}" for i in range(0, 400, 2)]
    (folder / "paid.csv").write_text("\n".join(["id,at,amount", *paid]) + "\n")
    row = lambda i: {"id": i % 40, "owner": names[i % 12], "tags": ["a", "a tag of some length"][:i % 3], "balance": i / 4}
    events = [{"before": None, "after": row(i), "op": "cuu"[i % 3], "ts_ms": i} if i % 7 else {"before": {"id": i % 40}, "after": None, "op": "d"} for i in range(300)]
    (folder / "accounts.json").write_text("".join(json.dumps({"schema": {}, "payload": e} if i % 5 == 0 else e) + "\n" for i, e in enumerate(events)) + "null\n{}\n")
    (folder / "moves.csv").write_text("_op,id,amount\n" + "".join(f"+,{i % 40},{i}\n" + (f"-,{i % 40},{i}\n" if i % 3 else "") for i in range(150)))
    (folder / "owners.json").write_text("".join(json.dumps({"owner": name, "city": ["Rome", "Riga"][i % 2]}) + "\n" for i, name in enumerate(names)) +
                                        json.dumps({"_op": "-", "owner": names[3]}) + "\n")
    cities = [f"{name},{['Rome', 'Rio', 'a city of a long name'][i % 3]}" for i, name in enumerate(names) if i % 4]
    (folder / "cities.csv").write_text("\n".join(["name,city", *cities]) + "\n")
    with sqlite3.connect(folder / "people.db") as database:
        database.execute("CREATE TABLE people (name TEXT, note TEXT)")
        database.executemany("INSERT INTO people VALUES (?, ?)", [(name, f"a note of some length on {name}") for name in names[::2] * 2])
    database.close()
    (folder / "words.txt").write_text("Some words\nand some more\n" * 20)


class Sweep:
    def __init__(self, context, folder, program):
        self.context, self.folder = context, folder
        self.command, rows, self.files = program
        self.name = self.command[-1]
        shutil.copy(context.root / "tests" / "faults" / self.name, self.folder)
        clean = self.run("")
        context.check(f"{self.name} runs", clean.returncode == 0, clean.stderr.decode())
        self.answer = self.outputs(clean)
        context.check(f"{self.name} has results", clean.stdout.count(b"\n") == rows and all(self.answer[1].values()), self.answer)

    def run(self, fault):
        for name in self.files:
            (self.folder / name).unlink(missing_ok=True)
        return self.context.run(*self.command, cwd=self.folder, timeout=20,
                                env={"WEIR_FAULT": fault} if fault else {})

    def outputs(self, done):
        files = {}
        for name in self.files:
            path = self.folder / name
            files[name] = path.read_bytes() if path.exists() else b""
        return done.stdout, files

    def judge(self, fault):
        """None when the run ended as it should, else why not."""
        done = self.run(fault)
        text = done.stderr.decode(errors="replace")
        if done.returncode == 0:
            return None if self.outputs(done) == self.answer else f"exit 0 with another answer\n{text}"
        if done.returncode not in (1, 2, 3):
            return f"exit {done.returncode}\n{text[-2000:]}"
        if not re.search(r"WEIR-\d{4}", text):
            return f"no code in the message:\n{text}"
        if "Sanitizer" in text:
            return text[-3000:]
        for name in self.files:  # under its own name a file is whole
            got = self.outputs(done)[1][name]
            if got and got != self.answer[1][name]:
                return f"{name} is not whole\n{text}"
        left = [name for name in os.listdir(self.folder) if ".tmp" in name]
        for name in left:
            (self.folder / name).unlink()
        return f"left behind: {left}\n{text}" if left else None

    def passes(self, site):
        """How often the site is passed: beyond that no fault is met. Some allocations may fail without harm, so a
        stretch of them is tried."""
        low, high = 1, 2
        while self.is_met(site, high):
            low, high = high, high * 2
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.is_met(site, middle) else (low, middle)
        return low

    def is_met(self, site, n):
        if site != "memory.alloc":
            return f"pass {n}" in self.run(f"{site}:fail@{n}").stderr.decode(errors="replace")
        return any(self.run(f"{site}:fail@{k}").returncode != 0 for k in range(n, n + 60))


def sweep_program(context, folder, program):
    sweep = Sweep(context, folder, program)
    if context.failed:
        return
    rng = random.Random(11)
    for site in SITES:
        count = sweep.passes(site)
        numbers = list(range(1, min(count, ALL_UP_TO) + 1))
        if count > ALL_UP_TO:
            beyond = range(ALL_UP_TO + 1, count + 1)
            numbers += sorted(rng.sample(beyond, min(SAMPLED if not context.full else 10 * SAMPLED, len(beyond))))
        wrong = 0
        for n in numbers:
            why = sweep.judge(f"{site}:fail@{n}")
            wrong += why is not None
            context.check(f"{sweep.name}: {site} {n} of {count}", why is None, why)
            if wrong >= 10:
                context.check(f"{sweep.name}: {site}: the rest", False, "ten failures are enough")
                break


def run(context):
    if shutil.which("zstd") is None:
        context.skip("all", "no zstd")
        return
    folder = context.directory / "inputs"
    folder.mkdir()
    write_inputs(folder)
    plans = "".join(context.run("explain", context.root / "tests" / "faults" / program[0][-1], cwd=folder).stdout.decode() for program in PROGRAMS)
    missing = [word for word in USED if word not in re.sub(r"#\d+ ", "", plans)]
    context.check("the programs use every operator", not missing, f"{missing} are not in\n{plans}")
    for program in PROGRAMS:
        sweep_program(context, folder, program)
