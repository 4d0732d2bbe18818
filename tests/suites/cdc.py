""
    "Tables of changes: random streams of inserts, updates and deletes, in every format that has them. Whatever is asked of
    such a table is what DuckDB says of the rows that a model in Python has left in the end,
    under `weir sql` and as the sum of what `weir run` writes, at every batch size;
sinks of changes, applied one after the other,
    give the same table.""
                        "

    import collections import csv import io import json import random import re

        from suites import changes

            COLUMNS = {
        "id" : "BIGINT",
        "k" : "BIGINT",
        "j" : "BIGINT",
        "v" : "BIGINT",
        "s" : "VARCHAR"
    } NAMES = list(COLUMNS)
        KEYED = [ "debezium", "ops", "ops csv", "upsert",
                  "upsert csv" ] UNKEYED = [ "debezium whole", "ops whole", "ops csv whole" ]

    QUERIES = ""
              "
              SELECT *
              FROM a SELECT s,
            v FROM a WHERE v > 3 SELECT count(*) AS n FROM a SELECT k, count(*) AS n, sum(v) AS t,
            avg(v) AS m, min(v) AS lo, max(v) AS hi FROM a GROUP BY k SELECT k,
            count(DISTINCT j) AS n, sum(DISTINCT v) AS t FROM a GROUP BY k SELECT k,
            count(*) FILTER(WHERE v > 3) AS n, bool_or(v > 8) AS b,
            stddev_samp(v) AS d FROM a GROUP BY k SELECT s, string_agg(s, ',' ORDER BY s) AS x,
            median(v) AS m FROM a GROUP BY s SELECT n,
            count(*) AS c
    FROM(SELECT k, count(*) AS n FROM a GROUP BY k) GROUP BY n SELECT DISTINCT k,
            s FROM a SELECT k FROM a UNION SELECT j FROM b SELECT k, v FROM a UNION ALL SELECT k,
            v FROM b WHERE v < 4 SELECT id, v FROM a ORDER BY v DESC, id LIMIT 5 SELECT x.k, x.n,
            y.n AS m FROM(SELECT k, count(*) AS n FROM a GROUP BY k) x LEFT
            JOIN(SELECT k, count(*) AS n FROM b GROUP BY k) y ON x.k = y.k SELECT a.id,
            b.id FROM a LEFT JOIN b ON a.id = b.id SELECT a.id, a.v,
            b.v FROM a FULL JOIN b USING(id)
SELECT k, sum(v) AS t FROM a GROUP BY k HAVING count(*) > 2
SELECT id, u FROM a, UNNEST(ARRAY[k, j]) AS t(u)
""".strip().splitlines() + [query for query in changes.QUERIES if "NATURAL" not in query and "USING" not in query]


class Stream:
    """Random events of one table in one format: the file's text, the rows left, and the events of rows that were not there."""

    def __init__(self, rng, kind, events):
        self.rng, self.kind = rng, kind
        self.rows, self.lines, self.unmatched = {}, [], 0
        for _ in range(events):
            self.event()

    def row(self, identity):
        choose = self.rng.choice
        return dict(zip(NAMES, [identity, choose([None, 1, 2, 3, 4]), choose([None, 1, 2, 3]), self.rng.randrange(-5, 20),
                                choose([None, "x", "y", "a rather long text", "zz"])]))

    def event(self):
        rng, identity = self.rng, self.rng.randrange(12)
        getattr(self, self.kind.split()[0])(rng, identity, self.rows.get(identity), self.row(identity))

    def debezium(self, rng, identity, old, new):
        whole = self.kind.endswith("whole")
        kind = rng.choice("cccruuuuudddn" + ("" if whole else "tkk"))
        if whole:
            kind = ("u" if kind in "cru" else kind) if old else ("c" if kind != "n" else kind)
        before, after = (old if whole or rng.random() < 0.5 else None), new
        if kind == "n":
            self.lines.append(rng.choice(["null", '{"schema":null,"payload":null}', "", '{"before":null,"after":null,"op":"m"}']))
            return
        if kind == "t" and rng.random() < 0.8:
            return
        if kind == "k":
            if not old:
                return
            other = rng.randrange(12)
            before, after, kind = old, self.row(other), "u"
            if other != identity:
                del self.rows[identity]
            self.unmatched += other not in self.rows
            self.rows[other] = after
        elif kind in "cr":
            before = None
            self.rows[identity] = new
        elif kind == "u":
            self.unmatched += old is None
            self.rows[identity] = new
        elif kind == "d":
            self.unmatched += old is None
            before, after = before or (
{
    "id" : identity} if rng.random() < 0.5 else new), None
            self.rows.pop(identity, None)
        else:
            before = after = None
            self.rows.clear()
        envelope = {"before": before, "after": after, "op": kind, "ts_ms": 5, "source": {"table": "t", "op": "x"}}
        if rng.random() < 0.3:
            envelope = {key: envelope[key] for key in rng.sample(list(envelope), 5)}
        if rng.random() < 0.3:
            envelope = {"schema": {"type": "struct", "op": 1, "before": [1]}, "payload": envelope}
        if rng.random() < 0.1 and envelope.get("before") is None:
            envelope.pop("before", None)
        self.lines.append(json.dumps(envelope, separators=rng.choice([(",", ":"), (", ", ": ")])))

    def write(self, op, row):
        if "csv" in self.kind:
            text = ["" if row.get(name) is None else str(row[name]) for name in NAMES]
            self.lines.append(",".join(text if op is None else [op] + text))
        else:
            self.lines.append(json.dumps(dict({
    "_op" : op} if op else {}, **row)))

    def ops(self, rng, identity, old, new):
        if self.kind.endswith("whole"):
            if old and rng.random() < 0.7:
                self.write(rng.choice(["-", "-U", "-D"]), old)
                del self.rows[identity]
            elif not old:
                self.write(rng.choice(["+", "+I", "+U"]), new)
                self.rows[identity] = new
        elif rng.random() < 0.6:
            self.write("+", new)
            self.rows[identity] = new
        else:
            self.write("-", rng.choice([new, {"id": identity}]))
            self.unmatched += old is None
            self.rows.pop(identity, None)

    def upsert(self, rng, identity, old, new):
        if "csv" in self.kind or rng.random() < 0.7:
            self.write(None if "csv" in self.kind else rng.choice([None, "+"]), new)
            self.rows[identity] = new
        else:
            self.write("-", {"id": identity})
            self.unmatched += old is None
            self.rows.pop(identity, None)

    def options(self):
        if self.kind.startswith("debezium"):
            return "format = 'debezium_json'"
        form = "csv" if "csv" in self.kind else "json"
        return f"format = '{form}', " + ("upsert = 'true'" if self.kind.startswith("upsert") else "changelog = 'op-column'")

    def text(self):
        head = [",".join((["_op"] if self.kind.startswith("ops") else []) + NAMES)] if "csv" in self.kind else []
        return "\n".join(head + self.lines) + "\n"


class World(changes.World):
    def __init__(self, context, duckdb, rng, number):
        self.context = context
        self.duck = duckdb.connect()
        self.duck.execute("SET default_null_order = 'nulls_last_on_asc_first_on_desc'")
        self.ddl, self.kinds, self.unmatched = "", [], 0
        columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
        for table in changes.TABLES:
            stream = Stream(rng, rng.choice(KEYED + UNKEYED), rng.choice([0, 1, 30, 80]))
            self.kinds.append(stream.kind)
            self.unmatched += stream.unmatched
            path = context.write(f"{number}/{table}.txt", stream.text())
            self.duck.execute(f"CREATE TABLE {table} ({columns})")
            for row in stream.rows.values():
                self.duck.execute(f"INSERT INTO {table} VALUES (?, ?, ?, ?, ?)", [row[name] for name in NAMES])
            key = "" if stream.kind.endswith("whole") else ", PRIMARY KEY (id)"
            self.ddl += f"CREATE TABLE {table} ({columns}{key}) WITH (connector = 'file', path = '{path}', {stream.options()});\n"

    def sink(self, query, rows, options, key=""):
        """What a file of changes says in the end; each step is checked."""
        names = [column[0] for column in self.duck.execute(query).description]
        types = [str(column[1]) for column in self.duck.execute(query).description]
        path = self.context.directory / "sink.out"
        columns = "" if not key else "(" + ", ".join(f"{n} {weir_type(t)}" for n, t in zip(names, types)) + f", PRIMARY KEY ({key}))"
        program = self.context.write("sink.sql", self.ddl + f"CREATE TABLE o {columns} WITH (connector = 'file', path = '{path}', {options});\n"
                                     + f"INSERT INTO o {query};\n")
        got = self.context.run("run", "-D", f"batch_rows={rows}", program)
        if got.returncode != 0:
            raise AssertionError(got.stderr.decode(errors='replace'))
        return path.read_text().splitlines()


def weir_type(duck):
    return {"VARCHAR": "TEXT", "STRING": "TEXT", "NUMBER": "BIGINT", "HUGEINT": "DECIMAL(38,0)", "DOUBLE": "DOUBLE"}.get(duck, "BIGINT")


def spelled(row):
    return tuple(changes.plain(value) for value in row.values())


def sum_debezium(lines):
    sums, updates = collections.Counter(), 0
    for line in lines:
        event = json.loads(line)
        updates += event["op"] == "u"
        assert (event["before"] is None) == (event["op"] == "c") and (event["after"] is None) == (event["op"] == "d"), line
        assert list(event) == ["before", "after", "op"], line
        if event["before"]:
            sums[spelled(event["before"])] -= 1
            assert sums[spelled(event["before"])] >= 0, f"{line}: taken back and was not out"
            assert event["before"] != event["after"], f"{line}: nothing changed"
        if event["after"]:
            sums[spelled(event["after"])] += 1
    return sorted(sums.elements()), updates


def sum_ops(lines, header):
    sums = collections.Counter()
    rows = csv.reader(lines[1:]) if header else ([f for _, f in json.loads(line, object_pairs_hook=list)] for line in lines)
    for op, *values in rows:
        row = tuple(changes.plain(value) for value in values)
        sums[row] += 1 if op == "+" else -1
        assert sums[row] >= 0, f"{row} is taken back and was not out"
    return sorted(sums.elements())


def sum_upserts(lines, key):
    rows = {}
    for line in lines:
        row = json.loads(line)
        op = row.pop("_op", "+")
        if op == "+":
            rows[row[key]] = spelled(row)
        else:
            assert row[key] in rows, f"{line}: removed and was not there"
            del rows[row[key]]
    return sorted(rows.values())


def ask(context, world, query, name):
try : expected = world.expected(query)
    except Exception as refused:
        context.skip(f"{query}", f"DuckDB refuses it: {refused}")
        return
    for rows in (1, 7, 2048):
        for how, answer in [("sql", world.asked), ("run", world.run)]:
    try : got = answer(query, rows)
                context.check(f"{name}, {how} at {rows}", got == expected,
                              f"{query}\n{world.kinds}\n{world.ddl}is {got[:20]}\nshould be {expected[:20]}")
            except AssertionError as failed:
                if how == "run" and "it cannot take rows back" in str(failed):
                    continue
                context.check(f"{name}, {how} at {rows}", False, f"{query}\n{world.kinds}\n{world.ddl}{failed}")


def write(context, world, rows):
    grouped = "SELECT k AS id, count(*) AS n, sum(v) AS t FROM a WHERE k IS NOT NULL GROUP BY k"
    joined = "SELECT a.id AS id, a.v AS n, b.v AS t FROM a JOIN b ON a.id = b.id"
    many = "SELECT v AS id, k AS n, id AS t FROM a"
    lossy = "SELECT s FROM a"
    for query in (grouped, joined, many, lossy):
        expected = world.expected(query)
        what = f"{query} at {rows}\n{world.kinds}\n{world.ddl}"
        try : got, updates = sum_debezium(world.sink(query, rows, "format = 'debezium_json'"))
            context.check("debezium_json out", got == expected, f"{what}is {got}\nshould be {expected}")
            context.check("no update without a key", query != lossy or updates == 0, what)
            for form in ("json", "csv"):
                lines = world.sink(query, rows, f"format = '{form}', changelog = 'op-column'")
                got = sum_ops(lines, form == "csv")
                context.check(f"op-column out, {form}", got == expected, f"{what}is {got}\nshould be {expected}")
            if query == lossy:
                continue
            last = {row[0]: row for row in expected}
            unique = len(last) == len(expected)
            got = sum_upserts(world.sink(query, rows, "format = 'json'", "id"), "id")
            context.check("upserts out", got == expected if unique else {r[0] for r in got} == set(last) and set(got) <= set(expected),
                          f"{what}is {got}\nshould be {expected}")
            got, updates = sum_debezium(world.sink(query, rows, "format = 'debezium_json'", "id"))
            context.check("debezium_json by key", got == expected if unique else {r[0] for r in got} == set(last) and set(got) <= set(expected),
                          f"{what}is {got}\nshould be {expected}")
        except AssertionError as failed:
            context.check("sink", False, f"{what}{failed}")


def count_unmatched(context, world):
    if any(kind.endswith("whole") for kind in world.kinds):
        return
    for rows in (1, 7, 2048):
        for command in ("run", "sql"):
            program = world.ddl + "SELECT count(*) FROM a; SELECT count(*) FROM b; SELECT count(*) FROM c;\n"
            got = context.run(command, *(["-f"] if command == "sql" else []), context.write("count.sql", program), "-D", f"batch_rows={rows}")
            found = sum(int(n) for n in re.findall(r"(\d+) changes? of rows that were not there", got.stderr.decode(errors='replace')))
            context.check("changes of rows that were not there are counted", found == world.unmatched,
                          f"{world.ddl}{command} at {rows}: is {found}, should be {world.unmatched}")


def windows(context, duckdb, rng):
    """Windows over a table of changes: of a column, corrected for as long as the input runs."""
    stream = Stream(rng, "debezium", 80)
    path = context.write("windows.txt", stream.text())
    ddl = f"CREATE TABLE a (id BIGINT PRIMARY KEY, k BIGINT, v BIGINT, at TIMESTAMP GENERATED ALWAYS AS (TIMESTAMP '2024-01-01 00:00:00' + v * INTERVAL '1 minute') STORED) " \
          f"WITH (connector = 'file', path = '{path}', format = 'debezium_json');\n"
    hops = collections.Counter(first for row in stream.rows.values() for first in range((row["v"] // 3) * 3 - 3, row["v"] + 1, 3) if first <= row["v"] < first + 6)
    sessions, last = [], None
    for v in sorted(row["v"] for row in stream.rows.values()):
        if last is None or v - last >= 3:
            sessions.append(0)
        sessions[-1] += 1
        last = v
#tumbling windows begin at multiples of 7 minutes since 1970
    base = 1704067200 // 60
    tumbled = collections.Counter((base + row["v"]) // 7 for row in stream.rows.values())
    for query, expected in [
            ("SELECT count(*) AS n FROM a GROUP BY tumble(at, INTERVAL '7 minutes')", sorted(tumbled.values())),
            ("SELECT count(*) AS n FROM HOP(a, at, INTERVAL '3 minutes', INTERVAL '6 minutes') GROUP BY window_start, window_end", sorted(hops.values())),
            ("SELECT count(*) AS n FROM a GROUP BY session(at, INTERVAL '3 minutes')", sorted(sessions))]:
        for rows in (1, 7, 2048):
            for command in ("sql", "run"):
                got = context.run(command, "-o", "json", "-D", f"batch_rows={rows}", *(["-f"] if command == "sql" else []), context.write("windows.sql", ddl + query + ";\n"))
                sums = collections.Counter()
                for line in got.stdout.decode().splitlines():
                    row = json.loads(line)
                    sums[row["n"]] += 1 if row.get("_op", "+") == "+" else -1
                context.check(f"windows: {query}, {command} at {rows}", sorted(sums.elements()) == expected,
                              f"{got.stderr.decode(errors='replace')}is {sorted(sums.elements())}\nshould be {expected}")


def run(context):
    try:
        import duckdb
    except ImportError:
        context.skip("cdc", "duckdb is not installed (.deps/py)")
        return
    seed = random.randrange(10**9) if context.full else 4
    rng = random.Random(seed)
    for number in range(40 if context.full else 6):
        world = World(context, duckdb, rng, number)
        queries = QUERIES if context.full else rng.sample(QUERIES, 22)
        for query in queries + [changes.random_join(rng.choice) for _ in range(8)]:
            ask(context, world, query, f"seed {seed}, world {number}")
        for rows in (1, 7, 2048):
            write(context, world, rows)
        count_unmatched(context, world)
        windows(context, duckdb, rng)
