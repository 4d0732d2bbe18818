"""The comparison itself: queries made, asked and compared; used by the suite and by planted.py."""

import random
import time

import postgres
from oracle import compare, data, engines, failing, generator, structs

SEED = 20261121
STRUCTS_EVERY = 8   # each eighth query is one for DuckDB
SPARE = 1.12        # some queries fail in Postgres (untyped literals, rare overflows)
LOOSE = {"distinct", "hash aggregate", "grouping sets", "tumble", "union", "intersect", "except", "intersect all", "except all", "distinct aggregate"}


class Case:
    def __init__(self, query, expected):
        self.query, self.expected = query, expected
        self.kinds = [kind for _, kind in query.columns]

    def agrees(self, answer):
        return not isinstance(answer, engines.Failed) and \
            compare.same(answer, self.expected, self.kinds, self.query.ordered, bool(self.query.tags & LOOSE))

    def difference(self, answer):
        text = self.query.text_for("weir") + "\n"
        if isinstance(answer, engines.Failed):
            return text + str(answer)
        return text + compare.difference(answer, self.expected)


class Cases:
    """Queries with the answers that are expected, and those of which failure is."""

    def __init__(self, weir, directory, count, seed=SEED):
        self.weir = weir
        self.skipped = []
        rng = random.Random(seed)
        texts = data.write(rng, directory)
        names, self.classes = engines.supported(weir)
        made = generator.Generator(rng, names)
        self.left_out = made.left_out
        candidates = []
        for n in range(int(count * SPARE) + 10):
            candidates.append(structs.query(rng) if n % STRUCTS_EVERY == 5 else made.query(1 + n % 4))
        self.failing = failing.queries(rng)
        self.cases, self.refused = [], []
        start = time.monotonic()
        answers = self.expected(candidates, texts, directory)
        for query, answer in zip(candidates, answers):
            if isinstance(answer, engines.Failed):
                self.refused.append((query, answer))
            elif answer is not None and len(self.cases) < count:
                self.cases.append(Case(query, answer))
        self.seconds = time.monotonic() - start

    def expected(self, candidates, texts, directory):
        answers = [None] * len(candidates)
        with postgres.start() as server:
            if server is None:
                self.skipped.append(postgres.reason())
                self.failing = []
            else:
                server.psql(engines.REFERENCES)
                server.psql(data.postgres_ddl(texts))
                theirs = [n for n, query in enumerate(candidates) if query.engine == "postgres"]
                for n, answer in zip(theirs, engines.ask_postgres(server, [candidates[n] for n in theirs])):
                    answers[n] = answer
                self.failing = [query for query, rows in zip(self.failing, engines.ask_postgres(server, self.failing)) if isinstance(rows, engines.Failed)]
        theirs = [n for n, query in enumerate(candidates) if query.engine == "duckdb"]
        try:
            import duckdb
        except ImportError:
            self.skipped.append("DuckDB is not installed (make setup)")
            return answers
        connection = duckdb.connect()
        connection.execute("SET disabled_optimizers = 'common_subplan'")  # it takes the sides of EXCEPT ALL over a view for one
        data.duckdb_setup(connection, directory)
        for n in theirs:
            answers[n] = engines.ask_duckdb(connection, candidates[n])
        return answers

    def with_rows(self):
        return sum(bool(case.expected) for case in self.cases)
