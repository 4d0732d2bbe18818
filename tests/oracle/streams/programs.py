"""Programs: one to three INSERTs over a world, run by weir, their changes summed and compared."""

import collections
import concurrent.futures
import datetime
import gzip
import json
import os
import random
import subprocess

from oracle.generator import resolve
from oracle.streams import generator, windows, world

SEED = 20261121
MOST_ROWS = 3000
PER_WORLD = 12
TIMEOUT_S = 60


def plain(value):
    """One spelling of a value, whoever made it."""
    if isinstance(value, dict):
        return tuple(plain(its) for its in value.values())
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, datetime.datetime):
        value = value.isoformat()
    if isinstance(value, str):
        return value.rstrip("0").rstrip(".") if value[:2] == "20" and value[10:11] == "T" and "." in value else value
    return f"{float(value):.12g}"


def answer(connection, relation):
    """The rows of a relation, counted; of too many only some."""
    text = f"SELECT {', '.join(name for name, _ in relation.columns)} FROM ({resolve(relation.text, False)}) AS q"
    return collections.Counter(tuple(map(plain, row)) for row in connection.execute(text).fetchmany(MOST_ROWS + 1))


def content(path):
    return gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else path.read_text()


EMISSIONS = {"EMIT CHANGES": " EMIT CHANGES", "EMIT EVERY": " EMIT EVERY INTERVAL '1 millisecond'"}


# Rows come up to 4 s behind others of their split. A watermark that waits for 1 s closes windows under some of them, which
# 3 s of lateness leave open, or let be corrected.
LATENESS = {"late drop": "", "late update": ", late = 'update'", "late side": ", late = 'side:missed'"}
UNKEPT = ("interval join", "join of streams")  # joins by time do not wait for late rows; others are by time where their condition says so


class Query:
    """columns: their names; expected: a Counter of rows; emission: how rows are asked to come out, "" for as they do."""

    def __init__(self, relation, tags, expected, emission=""):
        self.relation, self.tags, self.expected, self.emission = relation, tags, expected, emission
        self.names = [name for name, _ in relation.columns]

    @property
    def final(self):
        return self.relation.final and not self.emission

    def text(self):
        return resolve(self.relation.text, True)


class Program:
    def __init__(self, number, world_, views, queries, view_tags=frozenset()):
        self.number, self.world, self.views, self.queries, self.lateness = number, world_, views, queries, ""
        facts = {"several inserts": len(queries) > 1, "shared view": views, "final": any(query.final for query in queries),
                 "several splits": any(len(splits) > 1 for splits in world_.tables.values())}
        self.tags = view_tags.union((name for name, holds in facts.items() if holds), *(query.tags for query in queries))

    def ddl(self):
        if not self.lateness:
            return self.world.ddl
        ours = self.world.ddl.replace(f"ts - INTERVAL '{world.DELAY_MS // 1000} seconds') WITH (",
                                      f"ts - INTERVAL '1 second') WITH (allowed_lateness = '{world.DELAY_MS // 1000 - 1} seconds'{LATENESS[self.lateness]}, ")
        return ours + "CREATE TABLE missed (window_end TIMESTAMP) WITH (connector = 'blackhole');\n"

    def is_final(self, query):
        return query.final and self.lateness != "late update"

    def text(self, run="0"):
        """As `weir run` takes it; a result that is final goes into a sink that takes no changes, every other time."""
        text = self.ddl() + "".join(f"CREATE VIEW {name} AS {resolve(body, True)};\n" for name, body in self.views)
        for n, query in enumerate(self.queries):
            changes = "" if self.is_final(query) and (self.number + n) % 2 else ", changelog = 'op-column'"
            text += (f"CREATE TABLE o{n} WITH (connector = 'file', path = '{self.output(run, n)}', format = 'json'{changes});\n"
                     f"INSERT INTO o{n} SELECT {', '.join(query.names)} FROM ({query.text()}) AS q{EMISSIONS.get(query.emission, '')};\n")
        return text

    def is_fine(self, weir):
        return subprocess.run([weir, "check", "-"], input=self.text().encode(), capture_output=True).returncode == 0

    def settle_emission(self, weir):
        """Windows of windows need the event time that early rows have not, nor corrected ones: there rows come out as they do."""
        if any(query.emission for query in self.queries) and not self.is_fine(weir):
            self.queries = [Query(query.relation, query.tags, query.expected) for query in self.queries]
        if not any(tag.startswith(UNKEPT) for tag in self.tags):
            sessions = any("window session" in query.tags for query in self.queries)
            self.lateness = ["late update" if sessions else "", *LATENESS][self.number % 4]
        if self.lateness and not self.is_fine(weir):
            self.lateness = ""
        self.tags |= {self.lateness} - {""}
        self.tags |= {f"{self.lateness} of sessions"} if self.lateness and "window session" in self.tags else set()
        self.tags |= {query.emission for query in self.queries if query.emission}
        self.tags |= {f"{query.emission} of sessions" for query in self.queries if query.emission and "window session" in query.tags}

    def executable(self, weir):
        """Whether weir has all that the program asks for; what it has not, it says when it checks."""
        self.settle_emission(weir)
        got = subprocess.run([weir, "check", "-"], input=self.text().encode(), capture_output=True)
        return b"error WEIR-2024" not in got.stderr

    def output(self, run, n):
        return self.world.folder / f"out-{self.number}-{run}-{n}.json"

    def report(self, run):
        return self.world.folder / f"report-{self.number}-{run}.json"

    def run(self, weir, name, flags, env):
        """[what is wrong with each INSERT, "" when nothing is]."""
        try:
            got = subprocess.run([weir, "run", *flags, "--report", str(self.report(name)), "-"], input=self.text(name).encode(), capture_output=True, env=dict(os.environ, **env), timeout=TIMEOUT_S)
        except subprocess.TimeoutExpired:
            return [f"no end within {TIMEOUT_S} s"] * len(self.queries)
        if got.returncode != 0:
            return [f"exit {got.returncode}: " + got.stderr.decode(errors="replace")[-900:]] * len(self.queries)
        if self.lateness and b" missed JOIN" in got.stderr:
            self.lateness = ""
            return self.run(weir, name, flags, env)
        if b"late" in got.stderr:
            return ["rows were late: " + got.stderr.decode(errors="replace")[-500:]] * len(self.queries)
        left = [its for its in json.loads(self.report(name).read_text())["state"] if its["bound"] in ("window", "time") and its["rows"]]
        self.report(name).unlink()
        return [self.wrong(query, self.output(name, n)) or (f"kept after the end: {left}" if left else "") for n, query in enumerate(self.queries)]

    def wrong(self, query, path):
        sums = collections.Counter()
        for line in path.read_text().splitlines():
            row = json.loads(line, parse_int=float)
            change = {"+": 1, "-": -1}[row.get("_op", "+")]
            key = tuple(plain(row[name]) for name in query.names)
            sums[key] += change
            if change < 0 and self.is_final(query):
                return f"{key} is taken back, and should be final"
            if sums[key] < 0:
                return f"{key} is taken back and was not out"
        path.unlink()
        sums += collections.Counter()
        if sums == query.expected:
            return ""
        return f"of weir only {list((sums - query.expected).items())[:3]}\nof DuckDB only {list((query.expected - sums).items())[:3]}"


class Programs:
    """`count` of them with the answers that DuckDB gives."""

    def __init__(self, duckdb, weir, directory, count, seed=None, last=None):
        self.made, self.refused, self.too_many, self.not_executed = [], [], 0, 0
        rng = random.Random(seed or int(os.environ.get("WEIR_STREAM_SEED", SEED)))
        draw = generator.Generator(rng)
        number = 0
        while len(self.made) < count and (last is None or number <= last):
            if number % PER_WORLD == 0:
                here = world.World.random(rng, directory / f"w{number // PER_WORLD}")
                connection = here.duckdb(duckdb)
                connection.execute(windows.MACROS)
            program = self.program(draw, rng, number, here, connection)
            if program and program.executable(weir):
                self.made.append(program)
            elif program:
                self.not_executed += 1
            number += 1

    def program(self, draw, rng, number, here, connection):
        draw.views, views, queries, view_tags = [], [], [], frozenset()
        several = rng.random() < 0.25
        if several and rng.random() < 0.6:
            draw.tags = set()
            relation = draw.relation(rng.choice([1, 2]))
            if self.answer(connection, relation) is not None:
                name = f"v{number}"
                views.append((name, relation.text))
                view_tags = frozenset(draw.tags)
                connection.execute(f"CREATE VIEW {name} AS {resolve(relation.text, False)}")
                draw.views.append(generator.Relation(name, relation.columns, None, relation.final))
        for _ in range(rng.choice([2, 2, 3]) if several else 1):
            relation, expected = self.query(draw, rng, connection)
            if expected is not None:
                queries.append(Query(relation, frozenset(draw.tags | {f"depth {min(relation.depth, 4)}"}), expected,
                                     rng.choice(list(EMISSIONS)) if rng.random() < (0.7 if "window session" in draw.tags else 0.15) else ""))
        return Program(number, here, views, queries, view_tags) if queries else None

    def query(self, draw, rng, connection):
        """A relation and its rows. Of those without rows, which show little, every other one is drawn anew."""
        draw.tags = set()
        relation = draw.relation(rng.choice([1, 2, 3, 3, 3, 4]))
        expected = self.answer(connection, relation)
        if expected is None or expected or rng.random() < 0.5:
            return relation, expected
        return self.query(draw, rng, connection)

    def answer(self, connection, relation):
        try:
            rows = answer(connection, relation)
        except Exception as error:  # duckdb.Error; the module is imported only where it is
            self.refused.append((relation.text, str(error)))
            return None
        if sum(rows.values()) > MOST_ROWS:
            self.too_many += 1
            return None
        return rows

    def run(self, weir, name, flags, env):
        """(program, what is wrong with each INSERT), in order."""
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            yield from zip(self.made, pool.map(lambda program: program.run(weir, name, flags, env), self.made))
