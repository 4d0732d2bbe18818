"""Flink beside weir: the queries of Nexmark over the same file in both, whole: from the file to a sink that forgets.

Flink runs in a process of its own on one task slot, set as Nexmark's runner sets it; its CPU is that of all its threads,
less that of the same query over an empty file, and is taken when a query that is not counted has warmed it. What weir
uses is that of the whole process, start included. Flink's own generator makes other events than Beam's, so both read the file.
"""

import hashlib
import shutil
import subprocess
import sys

import run

sys.path.insert(0, str(run.ROOT / "tests"))
import nexmark_duckdb

FOLDER = run.BENCH / "peers/flink"
JARS = run.ROOT / ".deps/flink/lib"
CHECKED_EVENTS = 20_000
OPENED = ["java.lang", "java.lang.reflect", "java.util", "java.util.concurrent", "java.time", "java.nio", "java.net", "java.io", "java.text", "sun.nio.ch"]


def missing():
    """Why there is no Flink here, or nothing."""
    if not shutil.which("java"):
        return "there is no Java here"
    if not JARS.exists():
        return "tools/setup.sh bench has not fetched it"
    return ""


class Flink:
    """A process that answers the names of queries."""

    def __init__(self, mode, file, other):
        side = run.DATA / "flink-side.csv"
        side.write_text((run.DATA / "nexmark-side.csv").read_text().split("\n", 1)[1])
        text = (FOLDER / "nexmark.sql").read_text()
        for name, value in (("CLASSES", nexmark_duckdb.CLASSES), ("DISTINCT", nexmark_duckdb.DISTINCT), ("SIDE", str(side))):
            text = text.replace("${%s}" % name, value)
        program = run.DATA / "flink.sql"
        program.write_text(text)
        opened = [f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in OPENED]
        command = ["java", "-Xmx3g", *opened, "-cp", f"{JARS}/*", str(FOLDER / "Nexmark.java"), mode, str(program), str(file), str(other)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    def ask(self, name):
        """What is answered behind the name."""
        self.process.stdin.write(name + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"row Q {name}: Flink has ended")
        return line.strip().removeprefix(name).strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()


def check(bench, names):
    """Flink's answers over few events against DuckDB's; once for each version of the queries. q12 asks by the clock."""
    import duckdb
    mark = run.DATA / "flink-checked"
    version = hashlib.sha256((FOLDER / "nexmark.sql").read_bytes() + (FOLDER / "pom.xml").read_bytes()).hexdigest()
    if mark.exists() and mark.read_text() == version:
        return
    file, folder = run.DATA / "flink-events.ndjson", run.DATA / "flink-answers"
    folder.mkdir(exist_ok=True)
    subprocess.run([bench.weir, "generate", "nexmark", "-n", str(CHECKED_EVENTS), file], check=True)
    db = duckdb.connect()
    for view in nexmark_duckdb.views(file):
        db.execute(view)
    db.execute(f"CREATE TABLE side_input AS FROM '{run.DATA / 'nexmark-side.csv'}'")
    with Flink("answer", file, folder) as flink:
        for name in names:
            if name not in nexmark_duckdb.QUERIES:
                continue
            failure = flink.ask(name)
            if failure:
                raise SystemExit(f"row Q {name}: Flink {failure}")
            apart, rows = nexmark_duckdb.difference(db, nexmark_duckdb.QUERIES[name], folder / f"{name}.ndjson", False)
            if apart or not rows:
                raise SystemExit(f"row Q {name}: {apart} of Flink's rows differ from DuckDB's {rows}")
    mark.write_text(version)


def compare(bench, path, events, names, title, weir_seconds, floor):
    """Lines of the table: each query over the file at path in both. weir_seconds(name): CPU of one run."""
    reason = missing()
    if reason:
        bench.note(f"Q    beside Flink: skipped, {reason}")
        return
    check(bench, names)
    empty = run.DATA / "flink-empty.ndjson"
    empty.write_text("")
    with Flink("time", path, empty) as flink:
        flink.ask("q0")
        for name in names:
            theirs = flink.ask(name)
            ours = sorted(weir_seconds(name) for _ in range(bench.runs))[bench.runs // 2]
            if theirs.startswith("failed"):
                bench.note(f"Q    {name} {title(name)}: Flink {theirs}")
                continue
            ratio = float(theirs) / ours
            bench.note(f"Q    {name + ' ' + title(name):28} weir over the file {ours / events * 1e9:7.1f} ns | Flink {float(theirs) / events * 1e9:8.1f} ns = {ratio:5.1f}x"
                       f"{' ok' if ratio >= floor else f' BELOW {floor}'}")
