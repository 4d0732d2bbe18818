"""Forms of SQL, generated in many variants: joins of several inputs in any order; ASOF and temporal joins whose left rows
come at any time, are taken back and do not end; subqueries wherever they may stand. The answer of `weir sql`, and the sum of
the changes that `weir run` prints, are DuckDB's, Postgres', or found in Python, at every batch size."""

import collections
import concurrent.futures
import datetime
import json
import os
import random
import re
import signal
import subprocess
import time

import postgres
from oracle.streams.idle import listens
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

    def __init__(self, context, program, rows, fault=""):
        env = dict(os.environ, WEIR_FAULT=fault) if fault else None
        self.out = open(f"{program}.{rows}.{fault}.out", "w+b")
        self.job = subprocess.Popen([context.weir, "run", "-o", "json", "-D", f"batch_rows={rows}", program], stdout=self.out, stderr=subprocess.PIPE, cwd=context.directory, env=env)

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
        while self.job.poll() is None and not listens(self.job) and time.monotonic() < end:
            time.sleep(0.05)
        self.job.send_signal(signal.SIGINT)
        err = self.job.communicate()[1]
        self.out.close()
        os.unlink(self.out.name)
        return sums, wrong, err.decode()


EXTRA = {"": lambda w, v: True, " AND r.w > 30": lambda w, v: w is not None and w > 30, " AND r.w % 4 <> x.v": lambda w, v: w is not None and w % 4 != v}


def version(rights, at, key, sign, meets=lambda w: True):
    """The right row of those that meet a condition that a left row of this time and key is joined with: (at, value) or None."""
    if at is None or key is None:
        return None
    known = [(t, n, w) for n, (t, k, w) in enumerate(rights)
             if k == key and meets(w) and {">=": at >= t, ">": at > t, "<=": at <= t, "<": at < t}[sign]]
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
        self.extra = rng.choice(["", "", *EXTRA])
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
        temporal, of_pairs = self.sign == ">=", "x.v" in self.extra
        for at, k, v in self.rows:
            meets = lambda w: EXTRA[self.extra](w, v)
            found = version(self.rights, at, k, self.sign, (lambda w: True) if temporal else meets)
            found = found if found and meets(found[1]) else None
            if found or (self.keep and (self.sign[0] == ">" or at is None or k is None or of_pairs)):
                out[(stamp(at) and stamp(at).rstrip("0").rstrip("."), k, v, found[1] if found else None)] += 1
        return out

    def write(self, context):
        options = (", changelog = 'op-column'" if self.kind == "changes" else "") + ENDLESS
        left = "(SELECT k, max(at) AS at, count(*) AS v FROM l GROUP BY k)" if self.kind == "aggregate" else "l"
        end = ENDLESS if self.sign[0] == "<" else random.Random(len(self.rows)).choice(["", ENDLESS])
        join = (f"{left} AS x {'LEFT ' * self.keep}JOIN r FOR SYSTEM_TIME AS OF x.at ON x.k = r.k{self.extra}" if self.sign == ">=" else
                f"{left} AS x ASOF {'LEFT ' * self.keep}JOIN r ON x.k = r.k AND x.at {self.sign} r.at{self.extra}")
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


def offsets(context):
    """Rows from a number on, of inputs that do not end and take rows back."""
    rng = random.Random(47)
    for number in range(12 if context.full else 3):
        live, lines = [], []
        for _ in range(rng.choice([3, 40, 150])):
            if live and rng.random() < 0.4:
                lines.append(("-", live.pop(rng.randrange(len(live)))))
            else:
                live.append((rng.randrange(9), rng.randrange(30)))
                lines.append(("+", live[-1]))
        context.write("l.json", "".join(json.dumps({"_op": op, "k": k, "v": v}) + "\n" for op, (k, v) in lines))
        ddl = LEFT.format("l", context.directory / "l.json", ", changelog = 'op-column'" + ENDLESS)
        skip = rng.choice([1, 3, 20])
        groups = collections.Counter(k for k, _ in live)
        for query, rows in {f"SELECT v, k FROM l ORDER BY v DESC, k OFFSET {skip}": sorted(((v, k) for k, v in live), key=lambda row: (-row[0], row[1]))[skip:],
                            f"SELECT k, count(*) AS n FROM l GROUP BY k ORDER BY n, k OFFSET {skip}": sorted(groups.items(), key=lambda row: (row[1], row[0]))[skip:],
                            f"SELECT k, count(*) AS n FROM (SELECT 1 AS k, v FROM l OFFSET {skip}) AS x GROUP BY k": [(1, len(live) - skip)][:len(live) > skip]}.items():
            program = context.write("offset.sql", ddl + query + ";\n")
            for size in (1, 7, 2048):
                got, wrong, err = Endless(context, program, size).until(collections.Counter(rows))
                context.check(f"offset {number} {size}: {query}", got == collections.Counter(rows) and wrong is None, f"{query}\n{got} {rows} {wrong} {err}")


def asof_faults(context):
    """An allocation fails: an error with a code, or the right answer."""
    rng = random.Random(43)
    world = Asof(context, rng, 3)
    world.folder = context.directory / "asof3"
    expected, program = world.expected(), world.write(context)
    program.write_text("SET updating_ttl = '1 hour';\n" + program.read_text())

    def one(n):
        job = Endless(context, program, 7, f"memory.alloc:fail@{n}")
        sums = job.sums
        job.sums = lambda: (plain_times(sums()[0]), sums()[1])
        got, _, err = job.until(expected)
        return n, (got == expected and job.job.returncode == 0) or (job.job.returncode in (1, 2, 3) and "WEIR-" in err), f"exit {job.job.returncode} {err}"

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for n, ok, why in pool.map(one, range(1, 1200, 3 if context.full else 40)):
            context.check(f"asof: allocation {n}", ok, why)


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


# «x|y»: one of them. Asked of Postgres as they are, but for FULL joins, which it refuses with such conditions.
SUBQUERIES = """
SELECT * FROM a WHERE («k, v|j, v|k, j») «=|<>|<|<=|>|>=» (SELECT «k, v|j, v|max(k), max(v)» FROM b WHERE b.v = «5|7|a.v» ORDER BY 1, 2 LIMIT 1)
SELECT k, v, (k, j) «=|<>|<|>=» (SELECT max(k), max(j) FROM b WHERE b.«k|j» = a.«k|j») AS m FROM a
SELECT k, sum(v) AS s FROM a GROUP BY k HAVING (k, sum(v)) «=|>|<» (SELECT max(b.k), max(b.v) FROM b WHERE b.k >= a.k)
SELECT k, v, (k, j) «IN|NOT IN» (SELECT «k, j|j, k» FROM b WHERE b.v «>|<» «3|a.v») AS m FROM a
SELECT * FROM a WHERE (k, j) «IN|NOT IN» (SELECT «k, j|j, k» FROM b WHERE b.v «>|<» «3|a.v»)
SELECT * FROM a WHERE (k, j) NOT IN (SELECT k, j FROM b WHERE k IS NOT NULL «AND j IS NOT NULL|»)
SELECT k, v, (k, j) «= ANY|<> ANY|<> ALL|= ALL|< ANY|>= ALL|> ALL|<= ANY» (SELECT «k, j|j, k|k, v» FROM b WHERE b.«k|j» = a.«k|j» «AND b.v > a.v|») AS m FROM a
SELECT * FROM a WHERE «NOT |»(k, v) «= ANY|<> ANY|<> ALL|< ANY|>= ALL|> ALL» (SELECT k, v FROM b «WHERE b.j = a.j|»)
SELECT k, v, v «=|<>|<|>» «ANY|ALL» (SELECT v FROM b WHERE b.k = a.k «OR a.j IS NULL|») AS m FROM a
SELECT k, (SELECT max(v) FROM b WHERE b.k = a.k) «IN|NOT IN» (SELECT v FROM c WHERE «c.k = a.k|c.v > a.v») AS m FROM a
SELECT k, (k, (SELECT max(j) FROM b WHERE b.v > a.v)) «IN|NOT IN|= ANY» (SELECT k, j FROM c) AS m FROM a
SELECT k, «sum(v)|count(*)|max(v)» «IN|NOT IN» (SELECT «b.v|b.k» FROM b «WHERE b.k > a.k|») AS m FROM a GROUP BY k
SELECT k, (SELECT «max|min|count»(b.v) FROM b WHERE b.v «<|>=» «sum|max|min»(a.v)) AS m FROM a GROUP BY k
SELECT k, j, (SELECT count(*) FROM b WHERE b.k = a.k AND b.v < «max(a.v) + min(a.v)|count(a.j)|sum(a.v) FILTER (WHERE a.v > 4)») AS m FROM a GROUP BY k, j
SELECT k, (SELECT «sum(a.v)|count(a.j) + max(a.v)») AS m FROM a GROUP BY k
SELECT k FROM a GROUP BY k HAVING «NOT |»EXISTS (SELECT 1 FROM b WHERE b.v «>|<» avg(a.v))
SELECT (SELECT count(*) FROM b WHERE b.v < «avg|max»(a.v)) AS m, count(*) AS n FROM a
SELECT k, (SELECT max(x.m) FROM (SELECT b.v + sum(a.v) AS m FROM b WHERE b.k = a.k) x) AS m FROM a GROUP BY k
SELECT k, (SELECT (SELECT max(c.v) FROM c WHERE c.v < sum(a.v) + b.v) FROM b WHERE b.k = a.k ORDER BY b.v, b.j, b.s LIMIT 1) AS m FROM a GROUP BY k
SELECT k, sum(v) AS s FROM a GROUP BY k ORDER BY (SELECT count(*) FROM b WHERE b.v > sum(a.v)), k
SELECT (SELECT «count(*)|max(v)|min(j)» FROM b WHERE b.k = a.k) AS m, count(*) AS n FROM a GROUP BY (SELECT «count(*)|max(v)|min(j)» FROM b WHERE b.k = a.k) HAVING true
SELECT (SELECT max(v) FROM b WHERE b.k = a.k) + 1 AS m, count(*) AS n, sum(v) AS s FROM a GROUP BY (SELECT max(v) FROM b WHERE b.k = a.k) HAVING (SELECT max(v) FROM b WHERE b.k = a.k) > 4
SELECT k IN (SELECT k FROM b WHERE b.j = a.j) AS m, count(*) AS n FROM a GROUP BY k IN (SELECT k FROM b WHERE b.j = a.j)
SELECT j, EXISTS (SELECT 1 FROM b WHERE b.k = a.k) AS m, count(*) AS n FROM a GROUP BY «ROLLUP|CUBE» (j, EXISTS (SELECT 1 FROM b WHERE b.k = a.k))
SELECT * FROM (VALUES ((SELECT «max|min»(v) FROM a), 1), (3, (SELECT count(*) FROM b «WHERE b.v > 4|»))) t(x, y)
SELECT a.k, x FROM a, LATERAL (VALUES ((SELECT max(v) FROM b WHERE b.k = a.k)), (a.v)«|, ((SELECT count(*) FROM c WHERE c.v < a.v))») t(x)
SELECT k, (SELECT «max|count»(x) FROM (VALUES ((SELECT max(v) FROM b WHERE b.k = a.k)), (a.v)) t(x)) AS m FROM a
SELECT * FROM generate_series(1, (SELECT «count(*)|max(k)» FROM a)) t(x)
SELECT a.k, x FROM a, generate_series((SELECT min(k) FROM b), (SELECT count(*) FROM b WHERE b.k «<=|=» a.k)«|, 2») t(x)
SELECT a.k, a.v, x FROM a «, unnest((SELECT array_agg(b.v) FROM b WHERE b.k = a.k)) t(x)|LEFT JOIN unnest((SELECT array_agg(b.v) FROM b WHERE b.k = a.k)) t(x) ON true»
SELECT a.k, x, n FROM a, unnest(ARRAY(SELECT b.v FROM b WHERE b.k = a.k ORDER BY b.v)) WITH ORDINALITY t(x, n)
SELECT k, (SELECT sum(x) FROM generate_series(1, (SELECT max(b.v) FROM b WHERE b.k = a.k)) t(x)) AS m FROM a
SELECT a.k, a.v, b.v AS w, b.j FROM a «LEFT|RIGHT» JOIN b ON a.k = b.k AND «NOT |»EXISTS (SELECT 1 FROM c WHERE c.k = a.k AND c.v «<|>» b.v)
SELECT a.k, a.v, b.v AS w, b.j FROM a «LEFT|RIGHT» JOIN b ON a.k «IN|NOT IN» (SELECT c.k FROM c WHERE c.j = b.j) «AND a.j = b.j|AND a.v > b.v|»
SELECT a.k, a.v, b.v AS w, b.j FROM a «LEFT|RIGHT» JOIN b ON a.v > (SELECT max(c.v) FROM c WHERE c.k = a.k AND c.j >= b.j) AND b.v < (SELECT max(c.v) FROM c WHERE c.k = a.k)
SELECT a.k, a.v, b.v AS w FROM a «LEFT|RIGHT» JOIN b ON (SELECT count(*) FROM c WHERE c.k IN (a.k, b.k)) = 2 «OR a.k = b.k|» LEFT JOIN c ON c.k = b.k AND c.v > (SELECT min(x.v) FROM a x WHERE x.k = c.k AND x.j = b.j)
SELECT a.k, (WITH w AS (SELECT v FROM b WHERE b.k = a.k) SELECT (SELECT «max|count»(v) FROM w) + count(*) FROM c «WHERE c.v > (SELECT min(v) FROM w)|») AS m FROM a
SELECT a.k, (WITH w AS (SELECT v FROM b WHERE b.k = a.k) SELECT count(*) FROM c WHERE c.v «IN|NOT IN» (SELECT v FROM w)) AS m FROM a
SELECT * FROM a WHERE EXISTS (WITH w AS (SELECT v FROM b WHERE b.k = a.k) SELECT 1 FROM c WHERE «NOT |»EXISTS (SELECT 1 FROM w WHERE w.v < c.v))
SELECT a.k, (WITH w AS (SELECT v FROM b WHERE b.k = a.k), u AS (SELECT w.v + c.v AS s FROM w, c WHERE c.k = a.k) SELECT max((SELECT max(s) FROM u WHERE u.s > c.v)) FROM c WHERE c.j = (SELECT count(*) FROM w)) AS m FROM a
SELECT a.k, x.* FROM a, LATERAL (WITH w AS (SELECT v FROM b WHERE b.k = a.k) SELECT c.v, (SELECT max(w.v) FROM w WHERE w.v < c.v) AS m FROM c, w AS y WHERE y.v > 3) x
SELECT k, (SELECT count(*) FROM c WHERE c.v IN (SELECT v FROM (SELECT v FROM b WHERE b.k = a.k) w)) AS m FROM a
SELECT a.k, a.v, q.m FROM a «|LEFT »JOIN LATERAL (SELECT max(x.v) AS m FROM b x WHERE x.k = a.k) q ON q.m >= (SELECT «min|max»(v) FROM c WHERE c.k = a.k)
SELECT a.k, a.v, q.v AS w FROM a «|LEFT »JOIN LATERAL (SELECT x.v, x.j FROM b x WHERE x.k «<=|=» a.k) q ON EXISTS (SELECT 1 FROM c WHERE c.k = a.k AND c.v > q.v)
SELECT a.k, a.v, q.v AS w FROM a «|LEFT »JOIN LATERAL (SELECT x.v FROM b x WHERE x.k = a.k ORDER BY x.v, x.j, x.s LIMIT 2) q ON q.v «IN|NOT IN» (SELECT c.v + 1 FROM c WHERE c.j = a.j) OR a.v = 8
SELECT k, (SELECT count(b.*) FROM b WHERE b.k = a.k) + (SELECT count(a.*)) AS m FROM a GROUP BY k
SELECT k, j, v, s FROM a ORDER BY 1, 2, 3, 4 LIMIT (SELECT «count(*) FROM b|max(v) FROM b WHERE v > 100|min(k) FROM c WHERE k > 0|avg(v) FROM b WHERE v > 0|k FROM c WHERE false») «|OFFSET (SELECT count(*) FROM c WHERE c.k = 1)|OFFSET 1 + (SELECT max(k) FROM b WHERE k > 0)|OFFSET 2»
SELECT k, j, v, s FROM a «ORDER BY v DESC NULLS LAST, k, j, s|ORDER BY s, 1, 2, 3» LIMIT «ALL|3» OFFSET (SELECT «count(*) / 2 FROM a|max(k) FROM c WHERE v > 100|max(k) FROM c WHERE v > 0»)
SELECT k, sum(v) AS s, count(*) AS n FROM a GROUP BY k ORDER BY 3 DESC, 1 LIMIT (SELECT count(DISTINCT k) FROM c)
SELECT count(*) AS n FROM (SELECT k FROM a LIMIT (SELECT count(*) FROM c)) q
SELECT k, v FROM a UNION ALL SELECT j, v FROM b ORDER BY 1, 2 LIMIT (SELECT count(*) FROM c) OFFSET (SELECT count(*) FROM c WHERE c.v > 5)
SELECT a.k, a.v, q.v AS w FROM a «|LEFT »JOIN LATERAL (SELECT x.v FROM b x WHERE x.k = a.k ORDER BY x.v, x.j, x.s LIMIT (SELECT count(*) FROM c WHERE c.v > 8) + 1) q ON true
SELECT * FROM a WHERE v IN (SELECT b.v FROM b ORDER BY b.v, b.k LIMIT (SELECT count(*) / 2 FROM b))
SELECT k, v FROM a ORDER BY k «DESC, v|NULLS FIRST, v|, v DESC» FETCH FIRST (SELECT «count(*) / 2 FROM b|max(j) FROM c WHERE v > 100|max(k) FROM c WHERE j > 0|0 FROM b LIMIT 1») ROWS WITH TIES
SELECT k FROM a ORDER BY k «|DESC» OFFSET «2|(SELECT max(j) FROM b)|(SELECT count(*) / 3 FROM a)» ROWS FETCH FIRST «4|(SELECT count(*) / 3 FROM b)|(SELECT max(j) FROM c)» ROWS WITH TIES
SELECT k, count(*) AS n FROM a GROUP BY k ORDER BY n «|DESC» FETCH FIRST (SELECT min(j) + 1 FROM b) ROWS WITH TIES
SELECT b.k, count(*) AS n FROM b WHERE b.j «IN|NOT IN» (SELECT j FROM a ORDER BY «j|v / 3» FETCH FIRST (SELECT max(j) FROM c) ROWS WITH TIES) GROUP BY b.k
SELECT a.k, (SELECT count(*) FROM (SELECT b.v FROM b WHERE b.k = a.k ORDER BY b.v / 4 FETCH FIRST (SELECT «max|min»(j) FROM c) ROWS WITH TIES) q) AS m FROM a
SELECT a.k, a.v, q.v AS w FROM a «|LEFT »JOIN LATERAL (SELECT x.v FROM b x WHERE x.k = a.k ORDER BY x.v, x.j, x.s «LIMIT a.j|OFFSET a.j|LIMIT a.j - 1 OFFSET 1|LIMIT (SELECT max(j) FROM c WHERE c.k = a.j)|FETCH FIRST a.j ROWS WITH TIES») q ON true
SELECT a.k, (SELECT b.v FROM b WHERE b.k «=|<=» a.k ORDER BY b.v, b.j, b.s OFFSET a.j LIMIT 1) AS m FROM a
SELECT a.k FROM a WHERE «NOT |»EXISTS (SELECT 1 FROM b WHERE b.k = a.k OFFSET «a.j|(SELECT count(*) FROM c WHERE c.j = a.j) / 3»)
SELECT a.k, array_to_string(ARRAY(SELECT b.v FROM b WHERE b.k «=|<» a.k ORDER BY b.j «DESC|NULLS FIRST», b.v DESC «|LIMIT 2»), ',') AS m FROM a
SELECT k, v FROM a WHERE v «<|>=|<>|=» «ANY|ALL» (SELECT b.v FROM b WHERE «b.k = a.k|b.j <> a.j|true» AND EXISTS (SELECT 1 FROM c WHERE c.v «<>|<» b.v AND c.k «=|<>» a.k))
SELECT k, v, v «<|>=|<>|=» «ANY|ALL» (SELECT b.v FROM b WHERE «b.k = a.k|b.j <> a.j|true») «AND|OR» k «IN|NOT IN» (SELECT c.k FROM c WHERE c.v > a.v) AS m FROM a
SELECT k FROM a WHERE EXISTS (SELECT 1 FROM b WHERE b.k = a.k AND «NOT |»EXISTS (SELECT 1 FROM c WHERE c.k = a.k AND c.v «>=|<>» «ALL|ANY» (SELECT x.v FROM b x WHERE x.j = a.j)))
SELECT k FROM a WHERE «3|NULL|v / 2» «NOT IN|= ALL|> ANY» (SELECT «b.v|7» FROM b WHERE b.k «=|<» a.k)
""".strip().splitlines()
FULL = ["a.k = b.k AND EXISTS (SELECT 1 FROM c WHERE c.k = a.k AND c.v < b.v)", "a.k IN (SELECT c.k FROM c WHERE c.j = b.j)",
        "a.v > (SELECT max(c.v) FROM c WHERE c.k = a.k AND c.j >= b.j) AND a.v < 15", "(a.k, b.k) = (SELECT max(c.k), min(c.k) FROM c WHERE c.j IN (a.j, b.j))"]


# And what it does not know, in its words.
OTHERS = [(f"SELECT k, v, (k, j) IS {no}DISTINCT FROM (SELECT max(k), max(j) FROM b WHERE b.v < a.v) AS m FROM a",
           f"SELECT k, v, {'' if no else 'NOT '}(k IS NOT DISTINCT FROM (SELECT max(k) FROM b WHERE b.v < a.v) AND "
           "j IS NOT DISTINCT FROM (SELECT max(j) FROM b WHERE b.v < a.v)) AS m FROM a") for no in ("", "NOT ")]


def full_join(on):
    """FULL JOIN for Postgres: the pairs, and the rows of either side that are in none."""
    pairs = f"SELECT a.*, b.n AS n2, b.v AS w FROM a, b WHERE {on}"
    numbered = ", ".join(f"{t} AS (SELECT *, row_number() OVER () AS n FROM public.{t})" for t in "ab")
    return (f"WITH {numbered}, p AS ({pairs}) SELECT k, v, w FROM p UNION ALL SELECT k, v, NULL FROM a WHERE n NOT IN (SELECT n FROM p) "
            "UNION ALL SELECT NULL, NULL, v FROM b WHERE n NOT IN (SELECT n2 FROM p)")


def filled(rng, form):
    return re.sub("«([^»]*)»", lambda found: rng.choice(found[1].split("|")), form)


def into_postgres(world, server):
    script = "SET client_min_messages = error;"
    for table in changes.TABLES:
        script += f"DROP TABLE IF EXISTS {table}; CREATE TABLE {table} ({', '.join(f'{n} {k}' for n, k in changes.COLUMNS.items())});"
        for row in world.duck.execute(f"SELECT * FROM {table}").fetchall():
            script += f"INSERT INTO {table} VALUES ({', '.join('NULL' if v is None else repr(v) for v in row)});"
    server.psql(script)


def of_postgres(rows):
    return sorted(tuple({"t": "true", "f": "false"}.get(value, changes.plain(value)) for value in row) for row in rows)


def subqueries(context, duckdb):
    rng = random.Random(53)
    world = changes.World(context, duckdb, rng, 0)
    for query, words in (("SELECT (SELECT count(*) FROM b WHERE b.v > sum(a.v)) AS n FROM a GROUP BY 1", b"cannot stand in its GROUP BY"),
                         ("SELECT k FROM a WHERE EXISTS (SELECT 1 FROM b WHERE b.v > sum(a.v))", b"cannot stand in WHERE"),
                         ("SELECT sum((SELECT max(b.v) FROM b WHERE b.v < max(a.v))) AS n FROM a", b"inside another aggregate"),
                         ("SELECT * FROM a WHERE (k, v) = (SELECT k FROM b)", b"has 1 column where 2 are wanted"),
                         ("SELECT k, (SELECT k, v FROM b) AS n FROM a", b"has 2 columns where 1 is wanted")):
        got = context.run("sql", world.ddl + query)
        context.check(f"refused: {query}", got.returncode == 2 and words in got.stderr, f"{got.returncode} {got.stderr.decode()}")
    with postgres.start() as server:
        if server is None:
            context.skip("subqueries", postgres.reason())
            return
        for number in range(12 if context.full else 3):
            world = changes.World(context, duckdb, rng, number)
            into_postgres(world, server)
            queries = [(query, query) for query in (filled(rng, form) for form in SUBQUERIES)]
            queries += OTHERS + [(f"SELECT a.k, a.v, b.v AS w FROM a FULL JOIN b ON {on}", full_join(on)) for on in FULL]
            answers = server.rows_of([oracle for _, oracle in queries])
            for (query, _), answer in zip(queries, answers):
                for rows in (1, 7, 2048):
                    for how in (world.asked, world.run):
                        try:
                            got = how(query, rows)
                        except AssertionError as error:
                            got = str(error)
                        if isinstance(answer, postgres.Failed):
                            wanted, ok = f"{answer}", isinstance(got, str) and "error WEIR-" in got
                        else:
                            wanted = of_postgres(answer)
                            ok = got == wanted
                        context.check(f"{how.__name__} {rows}: {query}", ok, f"{query}\ngot {got[:400] if isinstance(got, str) else got[:5]}, expected {wanted[:5] if isinstance(wanted, list) else wanted}")


def run(context):
    sizes(context)
    asof(context)
    asof_ttl(context)
    offsets(context)
    asof_faults(context)
    try:
        import duckdb
    except ImportError as missing:
        context.skip("all", f"{missing}")
        return
    orders(context, duckdb)
    subqueries(context, duckdb)
