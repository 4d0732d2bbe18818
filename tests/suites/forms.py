"""Forms of SQL, generated in many variants: joins of several inputs in any order; ASOF and temporal joins whose left rows
come at any time, are taken back and do not end. The answer of `weir sql`, and the sum of the changes that `weir run`
prints, are DuckDB's, or found in Python, at every batch size."""

import collections
import concurrent.futures
import datetime
import json
import os
import random
import signal
import subprocess
import time

from suites import changes

# Inputs of very different sizes; what is not a table has the columns k, j, v, too.
INPUTS = ["a", "b", "c", "(VALUES (1, 2, 3), (2, 1, 4)) AS {0}(k, j, v)", "(SELECT k, j, max(v) AS v FROM b GROUP BY k, j)",
          "(SELECT k, j, v FROM a WHERE s = 'x' AND v > 3)", "(SELECT a.k, a.j, c.v FROM a LEFT JOIN c ON a.k = c.k)",
          "(SELECT g AS k, g % 3 AS j, 5 AS v FROM generate_series(1, 4) AS t(g))", "(SELECT * FROM a WHERE k IN (SELECT j FROM c) LIMIT 1000)"]


def joined(rng):
    """A comma list in any order, with equalities that connect everything and conditions that do not; and how many tables."""
    count = rng.choice([3, 3, 4, 4, 5])
    names = [f"t{i}" for i in range(count)]
    sources = []
    for name in names:
        source = rng.choice(INPUTS)
        sources.append(source.format(name) if "{0}" in source else f"{source} AS {name}")
    conditions = []
    for i in range(1, count):
        other = names[rng.randrange(i)]
        column = rng.choice("kjj")
        conditions.append(rng.choice([f"{names[i]}.{column} = {other}.{rng.choice('kj')}", f"{other}.{column} = {names[i]}.{column}",
                                      f"{other}.k IS NOT DISTINCT FROM {names[i]}.k AND {other}.j = {names[i]}.j"]))
    for _ in range(rng.choice([0, 0, 1, 2])):
        one, two = rng.sample(names, 2)
        conditions.append(rng.choice([f"{one}.v < {two}.v", f"{one}.v + {two}.v > 12", f"{one}.v = 5", f"{one}.k + 1 = {two}.j",
                                      f"(({one}.k = {two}.k AND {one}.v > 4) OR ({one}.v <= 2 AND {one}.k = {two}.k))",
                                      f"({one}.k = {two}.k OR {one}.v = {two}.v)"]))
    rng.shuffle(conditions)
    rng.shuffle(sources)
    sums = ", ".join(f"sum({name}.v) AS {name}" for name in names)
    return f"SELECT t0.k, count(*) AS n, {sums} FROM {', '.join(sources)} WHERE {' AND '.join(conditions)} GROUP BY t0.k"


def orders(context, duckdb):
    rng = random.Random(31)
    for number in range(8 if context.full else 2):
        world = changes.World(context, duckdb, rng, number)
        for _ in range(30 if context.full else 15):
            query = joined(rng)
            changes.compare(context, world, query)
            plan = context.run("sql", world.ddl + "EXPLAIN " + query).stdout.decode()
            context.check(f"no product: {query}", not any("JOIN inner" in line and " on " not in line for line in plan.splitlines()), plan)


def sizes(context):
    """Files of known size and rows of constants are joined before larger inputs, whatever the order in FROM."""
    ddl = ""
    for table, rows in (("large", 20000), ("middle", 3000), ("small", 50)):
        path = context.write(f"{table}.csv", "k,j\n" + "".join(f"{i % 7000},{i % 50}\n" for i in range(rows)))
        ddl += f"CREATE TABLE {table} (k BIGINT, j BIGINT) WITH (connector = 'file', path = '{path}', format = 'csv');\n"

    def first_joined(query):
        """The scans of a plan, innermost join first."""
        plan = context.run("sql", ddl + "EXPLAIN " + query).stdout.decode()
        lines = [line for line in plan.splitlines() if "SCAN" in line or "VALUES" in line]
        deepest = sorted(lines, key=lambda line: len(line) - len(line.lstrip()), reverse=True)
        return plan, {word for line in deepest[:2] for word in ("large", "middle", "small", "VALUES") if word in line}

    for query, expected in (
            ("SELECT count(*) FROM large l, middle m, small s WHERE l.k = m.k AND l.j = s.j", {"large", "small"}),
            ("SELECT count(*) FROM middle m, large l, small s WHERE l.k = m.k AND m.j = s.j", {"middle", "small"}),
            ("SELECT count(*) FROM large l, middle m, (VALUES (1), (2)) v(k) WHERE l.k = m.k AND l.j = v.k", {"large", "VALUES"}),
            ("SELECT count(*) FROM large l JOIN middle m ON l.k = m.k JOIN small s ON s.k = m.j AND s.j = 3", {"middle", "small"}),
            ("SELECT count(*) FROM large l, small s, middle m WHERE l.k = m.k AND l.j = s.j AND m.j = 1 AND m.k = 2", {"large", "middle"})):
        plan, got = first_joined(query)
        context.check(f"sizes: {query}", got == expected, plan)
    # Not across an outer join: what it keeps, it keeps.
    query = "SELECT count(*) AS n FROM large l LEFT JOIN middle m ON l.k = m.k, small s WHERE m.j = s.j"
    got = context.run("sql", "-o", "csv", ddl + query)
    middle = {i % 7000: i % 50 for i in range(3000)}
    wanted = sum(middle.get(i % 7000, -1) == k % 50 for i in range(20000) for k in range(50))
    context.check("sizes: outer", got.stdout.decode() == f"n\n{wanted}\n", f"{got.stdout} {wanted}")
    # Bounds of event times stay together.
    timed = ("CREATE TABLE {0} (at TIMESTAMP, k BIGINT, WATERMARK FOR at) WITH (connector = 'file', path = '{0}.csv', format = 'csv', follow = 'true');\n")
    for table in "lr":
        context.write(f"{table}.csv", "at,k\n")
    program = context.write("bounds.sql", timed.format("l") + timed.format("r") + ddl + "EXPLAIN SELECT l.k FROM small s, l, r "
                            "WHERE l.k = s.k AND r.k = s.k AND l.k = r.k AND r.at >= l.at;\n")
    got = context.run("run", program).stdout.decode()
    context.check("sizes: time bounds", "right rows until at" in got, got)


FIRST = datetime.datetime(2024, 1, 1)
LEFT = "CREATE TABLE {} (at TIMESTAMP, k BIGINT, v BIGINT) WITH (connector = 'file', path = '{}', format = 'json'{});\n"
RIGHT = {"append": "CREATE TABLE r (at TIMESTAMP, k BIGINT PRIMARY KEY, w BIGINT, WATERMARK FOR at AS at - INTERVAL '4 seconds') WITH (connector = 'file', path = '{}', format = 'json'{});\n",
         "changes": "CREATE TABLE r (at TIMESTAMP, k BIGINT PRIMARY KEY, w BIGINT, WATERMARK FOR at AS at - INTERVAL '4 seconds') WITH (connector = 'file', path = '{}', format = 'json', changelog = 'op-column'{});\n"}
ENDLESS = ", follow = 'true'"


def stamp(ms):
    return None if ms is None else f"{FIRST + datetime.timedelta(milliseconds=ms):%Y-%m-%dT%H:%M:%S.%f}"


class Endless:
    """A program whose inputs do not end: what its output sums up to, and whether it took back what was not out."""

    def __init__(self, context, program, rows):
        self.out = open(f"{program}.{rows}.out", "w+b")
        self.job = subprocess.Popen([context.weir, "run", "-o", "json", "-D", f"batch_rows={rows}", program], stdout=self.out, stderr=subprocess.PIPE, cwd=context.directory)

    def sums(self):
        sums, wrong = collections.Counter(), None
        with open(self.out.name) as lines:
            for line in lines.read().rpartition("\n")[0].splitlines():
                row = json.loads(line)
                sign = -1 if row.pop("_op", "+") == "-" else 1
                row = tuple(row.values())
                sums[row] += sign
                wrong = row if sums[row] < 0 else wrong
        return +sums, wrong

    def until(self, expected, seconds=20):
        """Waits for the expected rows, and a little longer: nothing else comes."""
        end = time.monotonic() + seconds
        while self.sums()[0] != expected and time.monotonic() < end and self.job.poll() is None:
            time.sleep(0.05)
        time.sleep(0.1)
        sums, wrong = self.sums()  # before the job ends and with it what waits for more
        self.job.send_signal(signal.SIGINT)
        err = self.job.communicate()[1]
        self.out.close()
        os.unlink(self.out.name)
        return sums, wrong, err.decode()


def version(rights, at, key, sign):
    """The right row that a left row of this time and key is joined with: (at, value) or None."""
    if at is None or key is None:
        return None
    known = [(t, n, w) for n, (t, k, w) in enumerate(rights)
             if k == key and {">=": at >= t, ">": at > t, "<=": at <= t, "<": at < t}[sign]]
    if not known:
        return None
    t, _, w = max(known) if sign[0] == ">" else min(known)
    return (t, w) if w is not None else None


class Asof:
    """A left input that does not end, right rows with times, and what they are together."""

    def __init__(self, context, rng, number):
        self.folder = context.directory / f"asof{number}"
        self.kind = ("changes", "aggregate", "untimed")[number % 3]
        self.right = "changes" if number % 4 == 3 else "append"
        self.sign = ">=" if self.right == "changes" else rng.choice([">=", ">=", ">", "<=", "<"])
        self.keep = rng.random() < 0.6
        now, times, self.rights = 0, set(), []
        for _ in range(rng.choice([0, 5, 60, 200])):
            now += rng.choice([0, 300, 2000])
            key, at = rng.randrange(4), max(0, now - rng.randrange(3900))
            while (at, key) in times:
                at += 1
            times.add((at, key))
            self.rights.append((at, key, None if self.right == "changes" and rng.random() < 0.2 else rng.randrange(100)))
        now, live, lines = 0, [], []
        for _ in range(rng.choice([1, 30, 150])):
            now += rng.choice([0, 300, 2000])
            if live and self.kind == "changes" and rng.random() < 0.35:
                lines.append(("-", live.pop(rng.randrange(len(live)))))
                continue
            row = (rng.choice([None] + [max(0, now - rng.randrange(20000))] * 9), rng.choice([None, 0, 1, 2, 3, 4]), rng.randrange(4))
            lines.append(("+", row))
            live.append(row)
        context.write(f"{self.folder.name}/l.json", "".join(json.dumps(
            ({"_op": op} if self.kind == "changes" else {}) | {"at": stamp(at), "k": k, "v": v}) + "\n" for op, (at, k, v) in lines))
        ends = self.rights + [(10_000_000, 77, 0)]  # the watermark passes everything
        context.write(f"{self.folder.name}/r.json", "".join(json.dumps(
            ({"_op": "-" if w is None else "+"} if self.right == "changes" else {}) | {"at": stamp(at), "k": k, "w": w}) + "\n" for at, k, w in ends))
        self.rows = live
        if self.kind == "aggregate":
            groups = collections.defaultdict(list)
            for at, k, v in live:
                groups[k].append((at, v))
            self.rows = [(max((at for at, _ in group if at is not None), default=None), k, len(group)) for k, group in groups.items()]

    def expected(self):
        out = collections.Counter()
        for at, k, v in self.rows:
            found = version(self.rights, at, k, self.sign)
            if found or (self.keep and (self.sign[0] == ">" or at is None or k is None)):
                out[(stamp(at) and stamp(at).rstrip("0").rstrip("."), k, v, found[1] if found else None)] += 1
        return out

    def write(self, context):
        options = (", changelog = 'op-column'" if self.kind == "changes" else "") + ENDLESS
        left = "(SELECT k, max(at) AS at, count(*) AS v FROM l GROUP BY k)" if self.kind == "aggregate" else "l"
        end = ENDLESS if self.sign[0] == "<" else random.Random(len(self.rows)).choice(["", ENDLESS])
        join = (f"{left} AS x {'LEFT ' * self.keep}JOIN r FOR SYSTEM_TIME AS OF x.at ON x.k = r.k" if self.sign == ">=" else
                f"{left} AS x ASOF {'LEFT ' * self.keep}JOIN r ON x.k = r.k AND x.at {self.sign} r.at")
        return context.write(f"{self.folder.name}/program.sql", LEFT.format("l", f"{self.folder}/l.json", options)
                             + RIGHT[self.right].format(f"{self.folder}/r.json", end) + f"SELECT x.at, x.k, x.v, r.w FROM {join};\n")


def plain_times(sums):
    return collections.Counter({(row[0] and row[0].rstrip("0").rstrip(".") if row[0] and "." in row[0] else row[0], *row[1:]): n for row, n in sums.items()})


def asof(context):
    rng = random.Random(41)
    worlds = [Asof(context, rng, number) for number in range(60 if context.full else 24)]

    def one(world, program, rows):
        expected = world.expected()
        job = Endless(context, program, rows)
        sums = job.sums
        job.sums = lambda: (plain_times(sums()[0]), sums()[1])
        return world, rows, expected, job.until(expected)

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        programs = [(world, world.write(context)) for world in worlds]
        for done in [pool.submit(one, world, program, rows) for world, program in programs for rows in (1, 7, 2048)]:
            world, rows, expected, (got, wrong, err) = done.result()
            text = (world.folder / "program.sql").read_text().splitlines()[-1]
            context.check(f"{world.folder.name} {rows}", got == expected and wrong is None and "late" not in err,
                          f"{text}\nmissing {list((expected - got).items())[:3]}, too much {list((got - expected).items())[:3]}, {wrong} {err}")


def asof_ttl(context):
    """Keys that were silent are forgotten, with their versions: what comes later finds none, what is taken back of them is left out."""
    key = lambda n: -1 if n in (0, 390) else n % 4
    lines = [("+", n, key(n)) for n in range(398)] + [("-", 5, 1), ("-", 0, -1)]
    context.write("ttl_l.json", "".join(json.dumps({"_op": op, "at": stamp(1000), "k": k, "v": n}) + "\n" for op, n, k in lines))
    rights = [(0, k, k) for k in range(-1, 4)] + [(10_000_000, 77, 0)]
    context.write("ttl_r.json", "".join(json.dumps({"at": stamp(at), "k": k, "w": w}) + "\n" for at, k, w in rights))
    tables = ("SET updating_ttl = '800 ms';\n" + LEFT.format("l", context.directory / "ttl_l.json", ", changelog = 'op-column', rate = '100'" + ENDLESS)
              + RIGHT["append"].format(context.directory / "ttl_r.json", ENDLESS))
    program = context.write("ttl.sql", tables + "SELECT x.v, r.w FROM l AS x LEFT JOIN r FOR SYSTEM_TIME AS OF x.at ON x.k = r.k;\n")
    expected = collections.Counter({(n, None if n == 390 else key(n)): 1 for n in range(398) if n != 5})
    got, wrong, err = Endless(context, program, 7).until(expected)
    context.check("asof ttl", got == expected and wrong is None and "1 change of rows that were not there" in err and "forgotten" in err,
                  f"missing {list((expected - got).items())[:3]}, too much {list((got - expected).items())[:3]}, {wrong} {err}")
    state = context.run("sql", "-f", context.write("state.sql", program.read_text().replace("SELECT", "EXPLAIN STATE SELECT"))).stdout.decode()
    context.check("asof ttl: state", "JOIN #2 by k = k: keys silent for" in state, state)
    state = context.run("sql", "-f", context.write("state.sql", program.read_text().partition("\n")[2].replace("SELECT", "EXPLAIN STATE SELECT"))).stdout.decode()
    context.check("asof: state", "unbounded: all versions" in state, state)


def run(context):
    sizes(context)
    asof(context)
    asof_ttl(context)
    try:
        import duckdb
    except ImportError as missing:
        context.skip("all", f"{missing}")
        return
    orders(context, duckdb)
