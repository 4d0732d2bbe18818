"""Runs one case under one setting; says what is wrong, or nothing."""

import collections
import itertools
import json
import os
import re
import signal
import subprocess
import time

from sqltest import inputs, outputs
from sqltest.reader import COUNTS

TIMEOUT_S = 60
PATIENCE_S = 20
GRACE_S = 0.6  # after which an open job that says nothing more is believed


class Setting:
    """cpu: the instruction set; splits: how many the rows are shared out to, None: as written."""

    def __init__(self, batch, cpu, splits=None, form="json", collide=False):
        self.batch, self.splits, self.form = batch, splits, form
        self.env = {"WEIR_CPU": cpu, **({"WEIR_TEST_HASH_COLLIDE": "1"} if collide else {})}
        self.name = f"batch {batch}, {cpu}, {f'{splits} splits' if splits else 'as written'}, {form}{', collide' if collide else ''}"

    def applies(self, case):
        if "exact" in case.kinds and self.batch != 1:
            return False
        if "live" in case.kinds and (self.splits or self.form == "csv"):
            return False
        return not self.splits or case.shares()


class Run:
    def __init__(self, weir, case, setting, folder):
        self.weir, self.case, self.setting, self.folder = weir, case, setting, folder
        folder.mkdir(parents=True, exist_ok=True)
        self.env = dict(os.environ, **setting.env)

    def tables(self):
        text = ""
        for name, splits in self.case.splits.items():
            if self.setting.splits:
                splits = inputs.shared_out(splits, self.setting.splits, self.case.title)
            text += inputs.write(self.folder, self.case.tables[name], splits, self.setting.form)
        return text

    def sink(self, name, kind, columns="", options=""):
        extra = {"changes": ", format = 'json', changelog = 'op-column'", "exact": ", format = 'json', changelog = 'op-column'",
                 "error": ", format = 'json', changelog = 'op-column'",
                 "debezium": ", format = 'debezium_json'"}.get(kind, ", format = 'json'")
        if "format" in options:
            extra = ""
        return (f"CREATE TABLE {name}{columns} WITH (connector = 'file', path = '{self.folder}/{name}.out'{extra}"
                f"{', ' + options if options else ''});\n")

    def text(self, refused=False):
        """The program; refused: into a sink that takes no changes."""
        case, text = self.case, self.tables()
        kinds = {expected.name: "append" if refused else expected.kind for expected in case.expected}
        for sink in case.sinks:
            name, columns, options = re.fullmatch(r"(\w+)( \(.*?\))?(?: with (.*))?", sink).groups()
            text += self.sink(name, kinds.get(name, "append"), columns or "", options or "")
        body = "\n".join(case.program).rstrip().rstrip(";")
        *before, last = re.split(r";\n", body)
        if re.match(r"\(?(SELECT|WITH|VALUES|FROM)\b", last):
            text += "".join(f"{part};\n" for part in before) + self.sink("out", kinds.get("out", "append")) + f"INSERT INTO out {last};\n"
        else:
            text += body + ";\n"
        return text

    def weir_run(self, command, text):
        more = ["-D", f"batch_rows={self.setting.batch}", "--report", str(self.folder / "report.json")] if command == "run" else []
        return subprocess.run([self.weir, command, *more, "-"], input=text.encode(), capture_output=True, env=self.env, timeout=TIMEOUT_S)

    def wrong(self):
        try:
            if "live" in self.case.kinds:
                return Live(self).wrong()
            return self.ended()
        except (AssertionError, KeyError, ValueError, OSError, subprocess.TimeoutExpired) as error:
            return f"{type(error).__name__}: {error}"

    def ended(self):
        first = self.case.expected[0]
        got = self.weir_run("check" if first.kind == "check" else "run", self.text())
        said = got.stderr.decode(errors="replace")
        if first.kind in ("error", "check"):
            both = said + got.stdout.decode(errors="replace")
            code, *words = [*first.words] if first.kind == "error" else ["", *first.words]
            fine = (code in said and got.returncode) if code else got.returncode == 0
            return "" if fine and " ".join(words) in both else f"expected {' '.join(first.words)}, got exit {got.returncode}\n{both}"
        if got.returncode != 0:
            return f"exit {got.returncode}\n{said}"
        why = self.reported(said)
        for expected in self.case.expected:
            path = self.folder / f"{expected.name}.out"
            why = why or self.compared(expected, path.read_text())
            path.unlink()
        return why or self.kept() or (self.changes_are_refused() if self.setting.batch == 1 else "")

    def reported(self, said):
        """What stands in the end report is what was counted."""
        for what, words in COUNTS.items():
            lines = [line for line in said.splitlines() if words in line]
            count = sum(int(re.search(r"([\d,]+) ", line)[1].replace(",", "")) for line in lines)
            if count != self.case.counts.get(what, 0):
                return f"{what}: expected {self.case.counts.get(what, 0)}, reported {count}\n{said}"
        missing = [words for words in self.case.says if words not in said]
        if missing or (said and not self.case.counts and not self.case.says):
            return f"expected {missing or 'nothing'} to be said\n{said}"
        return ""

    def kept(self):
        """State that windows and times bound is empty after the last row."""
        left = [its for its in json.loads((self.folder / "report.json").read_text())["state"] if its["bound"] in ("window", "time") and its["rows"]]
        return "" if sum(its["rows"] for its in left) == self.case.keeps else f"kept after the end: {left}"

    def compared(self, expected, text):
        if expected.kind == "exact":
            return exactly(expected.rows, outputs.changes(text))
        rows = [outputs.expected_row(line) for line in expected.rows]
        listed = outputs.envelopes(text) if expected.kind == "debezium" else outputs.changes(text)
        if expected.kind in ("append", "ordered") and any('"_op"' in line[:7] for line in text.splitlines()):
            return "rows have an operation"
        if expected.kind == "ordered":
            got = [its for _, its in listed]
            return "" if got == rows else f"got\n{shown(got)}expected\n{shown(rows)}"
        got = outputs.replaced(listed, int(expected.words[0])) if expected.kind == "upsert" else outputs.summed(listed)
        wanted = collections.Counter(rows)
        return "" if got == wanted else f"not expected\n{shown((got - wanted).elements())}missing\n{shown((wanted - got).elements())}"

    def changes_are_refused(self):
        """A result said to change is refused by a sink that takes no changes."""
        if not self.case.kinds & {"changes", "exact"} or self.case.sinks:
            return ""
        got = self.weir_run("check", self.text(refused=True))
        return "" if b"WEIR-2023" in got.stderr else "an append-only sink is not refused"


def shown(rows):
    return "".join(f"  {' '.join(its)}\n" for its in rows)


def exactly(lines, listed):
    """Changes step by step; in a step in any order, but for what is taken back before it is out."""
    at = 0
    outputs.summed(listed)
    for separator, step in itertools.groupby(lines, lambda line: line == "--"):
        if separator:
            continue
        wanted = collections.Counter((1 if line[0] == "+" else -1, outputs.expected_row(line[1:])) for line in step)
        got = collections.Counter(listed[at:at + sum(wanted.values())])
        if got != wanted:
            return f"change {at + 1}: got {list(got)}, expected {list(wanted)}\nof all\n" + "".join(f"  {'+-'[sign < 0]} {' '.join(its)}\n" for sign, its in listed)
        at += sum(wanted.values())
    return "" if at == len(listed) else f"more changes than expected: {listed[at:]}"


def between_pauses(lines):
    parts = [[]]
    for line in lines:
        if line.startswith("..."):
            parts.append([])
        else:
            parts[-1].append(line)
    return parts


class Live:
    """A job whose inputs stay open: rows are written with pauses, and what comes of them is awaited."""

    def __init__(self, run):
        self.run, self.case = run, run.case

    def wrong(self):
        text = self.run.text().replace("WITH (connector = 'file', path", "WITH (connector = 'file', follow = 'true', path", len(self.case.splits))
        text = re.sub(r"CREATE TABLE out .*?;\n(INSERT INTO out )", "", text, flags=re.DOTALL)
        files = self.emptied()
        process = subprocess.Popen([self.run.weir, "run", "-D", f"batch_rows={self.run.setting.batch}", "-o", "json", self.program(text)],
                                   stdout=open(self.run.folder / "live.out", "wb"), stderr=subprocess.PIPE, env=self.run.env)
        try:
            self.feed(files)
            return self.awaited() or self.stopped(process)
        finally:
            process.kill()
            process.wait()

    def program(self, text):
        path = self.run.folder / "live.sql"
        path.write_text(text)
        return path

    def emptied(self):
        """The files of all splits, with nothing in them yet; and [(file, table, line)] in the order of writing."""
        files = {}
        for name, splits in self.case.splits.items():
            for number in range(len(splits)):
                files[name, number] = self.run.folder / f"{name}-{number}.in"
                files[name, number].write_text("")
        return files

    def feed(self, files):
        """Rows up to the next pause of every split, then the pause."""
        parts = {key: between_pauses(self.case.splits[key[0]][key[1]]) for key in files}
        pauses = [int(line[3:]) / 1000 for splits in self.case.splits.values() for split in splits for line in split if line.startswith("...")]
        for turn in range(max(map(len, parts.values()))):
            if turn:
                time.sleep(max(pauses))
            for key, path in files.items():
                lines = parts[key][turn] if turn < len(parts[key]) else []
                with path.open("a") as out:
                    out.write("".join(inputs.json_line(self.case.tables[key[0]], line) + "\n" for line in lines))

    def rows(self):
        return outputs.summed(outputs.changes((self.run.folder / "live.out").read_text().rpartition("\n")[0]))

    def awaited(self):
        expected = collections.Counter(outputs.expected_row(line) for line in self.case.expected[0].rows)
        until = time.monotonic() + PATIENCE_S
        while self.rows() != expected and time.monotonic() < until:
            time.sleep(0.05)
        time.sleep(GRACE_S)
        got = self.rows()
        return "" if got == expected else f"got\n{shown(got.elements())}expected\n{shown(expected.elements())}"

    def stopped(self, process):
        process.send_signal(signal.SIGINT)
        code, said = process.wait(TIMEOUT_S), process.stderr.read().decode(errors="replace")
        return self.run.reported(said) if code == 0 else f"stopped, exit {code}: {said}"
