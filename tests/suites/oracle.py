"""A seeded generator of queries: weir's answer equals DuckDB's over the same file, at several batch
sizes, with colliding hashes, and on every instruction set. WEIR_FULL=1 runs 1,000 queries, else 200."""

import json
import math
import random
import subprocess

SETTINGS = [([], {}), (["-D", "batch_rows=1"], {}), (["-D", "batch_rows=7"], {}),
            ([], {"WEIR_CPU": "scalar"}), ([], {"WEIR_CPU": "avx2"}), ([], {"WEIR_TEST_HASH_COLLIDE": "1"})]
COLUMNS = {"i": "int", "j": "int", "d": "double", "s": "text", "t": "text", "b": "bool"}


def make_data(rng, path):
    words = ["tea", "coffee", "mug", "Kettle", "käse", "", "a long piece of text", "50%", "under_score"]
    with open(path, "w") as out:
        for _ in range(300):
            row = {"i": rng.choice([None, *range(-5, 20)]), "j": rng.randrange(-1000, 1000),
                   "d": rng.choice([None, rng.randrange(-400, 400) / 4]), "s": rng.choice([None, *words]),
                   "t": rng.choice(words), "b": rng.choice([None, True, False])}
            out.write(json.dumps({key: value for key, value in row.items() if value is not None or rng.random() < 0.5}) + "\n")


class Generator:
    def __init__(self, rng):
        self.rng = rng

    def pick(self, *choices):
        return self.rng.choice(choices)

    def expr(self, kind, columns, depth):
        """An expression of a kind over columns {name: kind}."""
        names = [name for name, its in columns.items() if its == kind]
        if depth <= 0 or self.rng.random() < 0.2:
            if names and self.rng.random() < 0.8:
                return self.pick(*names)
            return self.literal(kind)
        e = lambda its: self.expr(its, columns, depth - 1)
        common = [lambda: f"CASE WHEN {e('bool')} THEN {e(kind)} ELSE {e(kind)} END",
                  lambda: f"coalesce({e(kind)}, {e(kind)})", lambda: f"nullif({e(kind)}, {e(kind)})"]
        own = {
            "int": [lambda: f"({e('int')} + {e('int')})", lambda: f"({e('int')} - {e('int')})", lambda: f"(({e('int')}) * {self.rng.randrange(4)})",
                    lambda: f"abs({e('int')})", lambda: f"length({e('text')})", lambda: f"greatest({e('int')}, {e('int')})",
                    lambda: f"mod({e('int')}, {self.rng.randrange(2, 9)})", lambda: f"sign({e('int')})::bigint"],
            "double": [lambda: f"({e('double')} + {e('double')})", lambda: f"(({e('double')}) * 0.5e0)", lambda: f"abs({e('double')})",
                       lambda: f"floor({e('double')})", lambda: f"({e('int')})::double precision", lambda: f"least({e('double')}, {e('double')})"],
            "text": [lambda: f"upper({e('text')})", lambda: f"lower({e('text')})", lambda: f"({e('text')} || {e('text')})",
                     lambda: f"substr({e('text')}, {self.rng.randrange(1, 4)}, {self.rng.randrange(0, 5)})", lambda: f"replace({e('text')}, 'e', 'E')",
                     lambda: f"trim({e('text')})", lambda: f"left({e('text')}, {self.rng.randrange(0, 5)})", lambda: f"reverse({e('text')})",
                     lambda: f"({e('int')})::text"],
            "bool": [lambda: f"({e('int')} {self.pick('=', '<>', '<', '<=', '>', '>=')} {e('int')})", lambda: f"({e('text')} {self.pick('=', '<', '>=')} {e('text')})",
                     lambda: f"({e('bool')} AND {e('bool')})", lambda: f"({e('bool')} OR {e('bool')})", lambda: f"(NOT {e('bool')})",
                     lambda: f"({e(self.pick('int', 'text', 'double'))} IS {self.pick('', 'NOT ')}NULL)", lambda: f"({e('int')} BETWEEN {e('int')} AND {e('int')})",
                     lambda: f"({e('int')} IN ({e('int')}, {e('int')}, 3))", lambda: f"({e('text')} LIKE '%e%')", lambda: f"({e('text')} LIKE 'a_%')",
                     lambda: f"({e('double')} < {e('double')})", lambda: f"({e('int')} IS DISTINCT FROM {e('int')})"],
        }
        return self.rng.choice(own[kind] * 2 + common)()

    def literal(self, kind):
        if self.rng.random() < 0.1:
            return {"int": "NULL::bigint", "double": "NULL::double precision", "text": "NULL::text", "bool": "NULL::boolean"}[kind]
        return {"int": f"{self.rng.randrange(0, 20)}::bigint", "double": f"{self.rng.randrange(0, 80) / 4}::double precision",
                "text": self.pick("'tea'", "'e'", "''", "'Käse'"), "bool": self.pick("TRUE", "FALSE")}[kind]

    def aggregate(self, columns):
        e = lambda kind: self.expr(kind, columns, 2)
        text, kind = self.rng.choice([
            lambda: ("count(*)", "int"), lambda: (f"count({e('text')})", "int"), lambda: (f"sum({e('int')})::bigint", "int"),
            lambda: (f"min({e('int')})", "int"), lambda: (f"max({e('text')})", "text"), lambda: (f"sum({e('double')})", "double"),
            lambda: (f"count(DISTINCT {e('int')})", "int"), lambda: (f"bool_and({e('bool')})", "bool"), lambda: (f"min({e('double')})", "double"),
            lambda: (f"avg({e('double')})", "double"), lambda: (f"sum(DISTINCT {e('int')})::bigint", "int")])()
        if self.rng.random() < 0.2 and "::" not in text:
            text += f" FILTER (WHERE {e('bool')})"
        return text, kind

    def query(self, depth):
        """(text, {column: kind})"""
        if depth <= 0:
            return "SELECT i, j, d, s, t, b FROM data", dict(COLUMNS)
        inner, columns = self.query(depth - 1)
        where = f" WHERE {self.expr('bool', columns, 2)}" if self.rng.random() < 0.4 else ""
        shape = self.rng.random()
        if shape < 0.45:
            kinds = [self.pick("int", "double", "text", "bool") for _ in range(self.rng.randrange(1, 5))]
            items = [self.expr(kind, columns, 3) for kind in kinds]
            distinct = "DISTINCT " if self.rng.random() < 0.25 else ""
            text = f"SELECT {distinct}" + ", ".join(f"{item} AS c{n}" for n, item in enumerate(items)) + f" FROM ({inner}) AS q{where}"
            return text, {f"c{n}": kind for n, kind in enumerate(kinds)}
        if shape < 0.85:
            keys = [self.pick("int", "text", "bool") for _ in range(self.rng.randrange(0, 3))]
            groups = [self.expr(kind, columns, 1) for kind in keys]
            made = [self.aggregate(columns) for _ in range(self.rng.randrange(1, 4))]
            items = [f"{item} AS k{n}" for n, item in enumerate(groups)] + [f"{item} AS a{n}" for n, (item, _) in enumerate(made)]
            text = f"SELECT {', '.join(items)} FROM ({inner}) AS q{where}"
            if keys:
                text += " GROUP BY " + ", ".join(str(n + 1) for n in range(len(keys)))
            if self.rng.random() < 0.2:
                text += " HAVING count(*) > 1"
            return text, {**{f"k{n}": kind for n, kind in enumerate(keys)}, **{f"a{n}": kind for n, (_, kind) in enumerate(made)}}
        names = ", ".join(columns)
        return f"SELECT {names} FROM ({inner}) AS q{where} UNION ALL SELECT {names} FROM ({inner}) AS r LIMIT 100000", columns


def normal(value):
    if isinstance(value, float) and value == 0:
        return 0.0
    if isinstance(value, str) and value in ("NaN", "Infinity", "-Infinity"):
        return str(float(value))
    return value


def same(ours, theirs):
    if len(ours) != len(theirs):
        return False
    key = lambda row: [(value is None, str(type(value)), round(value, 6) if isinstance(value, float) else value) for value in row]
    for mine, other in zip(sorted(ours, key=key), sorted(theirs, key=key)):
        for a, b in zip(mine, other):
            if isinstance(a, (int, float)) and isinstance(b, (int, float)) and not isinstance(a, bool):
                if not math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9):
                    return False
            elif a != b:
                return False
    return True


def run(context):
    try:
        import duckdb
    except ImportError:
        context.skip("all", "DuckDB is not installed (make setup)")
        return
    rng = random.Random(20261121)
    path = context.directory / "data.ndjson"
    make_data(rng, path)
    ddl = f"CREATE TABLE data (i BIGINT, j BIGINT, d DOUBLE, s TEXT, t TEXT, b BOOLEAN) WITH (connector = 'file', path = '{path}');\n"
    duck = duckdb.connect()
    duck.execute(f"CREATE TABLE data AS SELECT * FROM read_json('{path}', format = 'newline_delimited', columns = "
                 "{i: 'BIGINT', j: 'BIGINT', d: 'DOUBLE', s: 'VARCHAR', t: 'VARCHAR', b: 'BOOLEAN'})")
    generator = Generator(rng)
    with_rows = 0
    count = 1000 if context.full else 200
    for n in range(count):
        text, columns = generator.query(rng.randrange(1, 4))
        try:
            theirs = [tuple(normal(float(v) if kind == "double" and v is not None else v) for v, kind in zip(row, columns.values()))
                      for row in duck.execute(text).fetchall()]
        except duckdb.Error as error:
            context.check(f"query {n} for DuckDB", False, f"{text}\n{error}")
            continue
        with_rows += bool(theirs)
        for flags, env in SETTINGS if n % 4 == 0 or context.full else [SETTINGS[n % len(SETTINGS)]]:
            got = context.run("sql", *flags, stdin=(ddl + text).encode(), env=env)
            ours = [tuple(normal(value) for value in json.loads(line).values()) for line in got.stdout.decode().splitlines()] if got.returncode == 0 else []
            ours = [tuple(float(v) if kind == "double" and v is not None and not isinstance(v, str) else v for v, kind in zip(row, columns.values())) for row in ours]
            if not context.check(f"query {n} {flags}{env}", got.returncode == 0 and same(ours, theirs),
                                 f"{text}\n{got.stderr.decode()[:400]}\nweir   {ours[:5]} ({len(ours)})\nDuckDB {theirs[:5]} ({len(theirs)})"):
                break
    context.check("enough queries have rows", with_rows >= count * 0.7, f"{with_rows} of {count}")
