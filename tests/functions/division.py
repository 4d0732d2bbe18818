"""Integer division by constants, which is done by products: quotients and remainders, truncated
towards zero, against Python's integers; the borders of multiples, powers of two and the range."""

import csv
import io
import pathlib
import random
import tempfile

LEAST, MOST = -2**63, 2**63 - 1


def divisors(rng):
    fixed = [1, 2, 3, 5, 6, 7, 8, 10, 641, 1000, 10**9 + 7, 2**31, 2**62, 2**62 + 1, MOST - 1, MOST, -1, -7, -8]
    return fixed + [rng.randrange(2, 2**rng.randrange(2, 63)) for _ in range(20)]


def dividends(rng, by):
    near = [d * k + e for d in by for k in (-1, 1, 2) for e in (-1, 0, 1)]
    wide = [rng.randrange(LEAST, MOST) >> rng.randrange(60) for _ in range(300)]
    edges = [0, 1, -1, MOST, LEAST + 1, 2**62, -2**62]
    return [x for x in [*edges, *near, *wide] if LEAST < x <= MOST]


def truncated(x, d):
    quotient = abs(x) // abs(d) * (1 if (x < 0) == (d < 0) else -1)
    return quotient, x - quotient * d


def check(context):
    rng = random.Random(5)
    by = divisors(rng)
    values = dividends(rng, by)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "x.csv"
        path.write_text("x\n" + "".join(f"{x}\n" for x in values))
        columns = ", ".join(f"x / ({d}) AS q{i}, x % ({d}) AS r{i}" for i, d in enumerate(by))
        got = context.run("sql", "-o", "csv", f"SELECT {columns} FROM '{path}'")
    rows = list(csv.reader(io.StringIO(got.stdout.decode())))[1:]
    want = [[str(part) for d in by for part in truncated(x, d)] for x in values]
    wrong = [(x, a, b) for x, a, b in zip(values, rows, want) if a != b]
    context.check("division by constants", len(rows) == len(values) and not wrong,
                  got.stderr.decode() or (wrong or [None])[0])
