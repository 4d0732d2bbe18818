"""Tables of changes: random streams of inserts, updates and deletes, in every format that has them. Whatever is asked of
such a table is what DuckDB says of the rows that a model in Python has left in the end, under `weir sql` and as the sum of
what `weir run` writes, at every batch size; sinks of changes, applied one after the other, give the same table."""

import collections
import csv
import json
import random
import re

from suites import changes

COLUMNS = {"id": "BIGINT", "k": "BIGINT", "j": "BIGINT", "v": "BIGINT", "s": "VARCHAR"}
NAMES = list(COLUMNS)
# "whole": without PRIMARY KEY, so that every record must tell the whole row.
KINDS = ["debezium", "ops", "ops csv", "upsert", "upsert csv", "debezium whole", "ops whole", "ops csv whole"]
SIZES = (1, 7, 2048)

QUERIES = """
SELECT * FROM a
SELECT s, v FROM a WHERE v > 3
SELECT count(*) AS n FROM a
SELECT k, count(*) AS n, sum(v) AS t, avg(v) AS m, min(v) AS lo, max(v) AS hi FROM a GROUP BY k
SELECT k, count(*) AS n, sum(v) AS t, avg(v) AS m FROM a GROUP BY k
SELECT k, count(DISTINCT j) AS n, sum(DISTINCT v) AS t FROM a GROUP BY k
SELECT k, count(*) FILTER (WHERE v > 3) AS n, bool_or(v > 8) AS b, stddev_samp(v) AS d FROM a GROUP BY k
SELECT s, string_agg(s, ',' ORDER BY s) AS x, median(v) AS m FROM a GROUP BY s
SELECT k, min(v) AS a, max(v) AS b, min(s) AS c, max(s) AS d, min(j) AS e, max(-j) AS f FROM a GROUP BY k
SELECT min(v) AS a, max(s) AS b, min(v * 0.5) AS c, max(v::DOUBLE / 3) AS d, min(v::DECIMAL(30, 2)) AS e FROM a
SELECT k, bit_and(v) AS a, bit_or(j) AS b, arg_min(s, v * 100 + id) AS c, arg_max(v, id) AS d FROM a GROUP BY k
SELECT j, array_to_string(array_agg(v ORDER BY v), ',') AS a, array_to_string(array_agg(s ORDER BY id DESC), ';') AS b, string_agg(s, '/' ORDER BY v, id) AS c FROM a GROUP BY j
SELECT k, first(v ORDER BY id) AS a, last(s ORDER BY id) AS b, count(DISTINCT s) AS c, bool_and(v > 0) AS d FROM a GROUP BY k
SELECT k, string_agg(DISTINCT s, ',' ORDER BY s) AS a, min(v) FILTER (WHERE j > 1) AS b, max(DISTINCT j) AS c FROM a GROUP BY k
SELECT k, median(v) AS a, quantile_cont(v, 0.25) AS b, mode(v ORDER BY v) AS c FROM a GROUP BY k
SELECT lo, count(*) AS n, max(hi) AS m FROM (SELECT k, min(v) AS lo, max(s) AS hi FROM a GROUP BY k) GROUP BY lo
SELECT a.k, min(b.v) AS a, max(b.s) AS b FROM a LEFT JOIN b ON a.id = b.id GROUP BY a.k
SELECT k, j, min(v) AS a, max(s) AS b FROM a GROUP BY ROLLUP (k, j)
SELECT n, count(*) AS c FROM (SELECT k, count(*) AS n FROM a GROUP BY k) GROUP BY n
SELECT DISTINCT k, s FROM a
SELECT k FROM a UNION SELECT j FROM b
SELECT k, v FROM a UNION ALL SELECT k, v FROM b WHERE v < 4
SELECT id, v FROM a ORDER BY v DESC, id LIMIT 5
SELECT x.k, x.n, y.n AS m FROM (SELECT k, count(*) AS n FROM a GROUP BY k) x LEFT JOIN (SELECT k, count(*) AS n FROM b GROUP BY k) y ON x.k = y.k
SELECT a.id, b.id FROM a LEFT JOIN b ON a.id = b.id
SELECT a.id, a.v, b.v FROM a FULL JOIN b ON a.id = b.id
SELECT k, sum(v) AS t FROM a GROUP BY k HAVING count(*) > 2
SELECT id, u FROM a, UNNEST(ARRAY[k, j]) AS t(u)
""".strip().splitlines() + [query for query in changes.QUERIES if "NATURAL" not in query and "USING" not in query]


# What is written another way for us.
OURS = [("first(", "first_value("), ("last(", "last_value("), ("quantile_cont(v, 0.25)", "percentile_cont(0.25) WITHIN GROUP (ORDER BY v)"),
        ("mode(v ORDER BY v)", "mode() WITHIN GROUP (ORDER BY v)")]


class Stream:
    """Random events of one table in one format: the file's text, the rows left, and how many events were of rows that were
    not there."""

    def __init__(self, rng, kind, events):
        self.rng, self.kind = rng, kind
        self.rows, self.lines, self.unmatched = {}, [], 0
        for _ in range(events):
            identity = rng.randrange(12)
            getattr(self, kind.split()[0])(identity, self.rows.get(identity), self.row(identity))

    def row(self, identity):
        choose = self.rng.choice
        return dict(zip(NAMES, [identity, choose([None, 1, 2, 3, 4]), choose([None, 1, 2, 3]), self.rng.randrange(-5, 20),
                                choose([None, "x", "y", "a rather long text", "zz"])]))

    def put(self, row):
        self.rows[row["id"]] = row

    def remove(self, identity):
        self.unmatched += identity not in self.rows
        self.rows.pop(identity, None)

    def debezium(self, identity, old, new):
        rng, whole = self.rng, self.kind.endswith("whole")
        op = rng.choice("cccruuuuudddn" + ("" if whole else "tkk"))
        if whole and op != "n":
            op = rng.choice("uud") if old else "c"
        before, after = (old if whole or rng.random() < 0.5 else None), new
        if op == "n":
            self.lines.append(rng.choice(["null", '{"schema":null,"payload":null}', "", '{"before":null,"after":null,"op":"m"}']))
            return
        if (op == "t" and rng.random() < 0.8) or (op == "k" and not old):
            return
        if op in "cr":
            before = None
            self.put(new)
        elif op == "u":
            self.unmatched += old is None
            self.put(new)
        elif op == "k":  # an update of the key
            before, after, op = old, self.row(rng.randrange(12)), "u"
            if after["id"] != identity:
                del self.rows[identity]
            self.unmatched += after["id"] not in self.rows
            self.put(after)
        elif op == "d":
            before, after = before or rng.choice([{"id": identity}, new]), None
            self.remove(identity)
        else:
            before = after = None
            self.rows.clear()
        self.envelope({"before": before, "after": after, "op": op, "ts_ms": 5, "source": {"table": "t", "op": "x"}})

    def envelope(self, event):
        rng = self.rng
        if rng.random() < 0.3:
            event = {key: event[key] for key in rng.sample(list(event), len(event))}
        if rng.random() < 0.1 and event["before"] is None:
            del event["before"]
        if rng.random() < 0.3:
            event = {"schema": {"type": "struct", "op": 1, "before": [1]}, "payload": event}
        self.lines.append(json.dumps(event, separators=rng.choice([(",", ":"), (", ", ": ")])))

    def write(self, op, row):
        if "csv" in self.kind:
            text = ["" if row.get(name) is None else str(row[name]) for name in NAMES]
            self.lines.append(",".join(text if op is None else [op] + text))
        else:
            self.lines.append(json.dumps(dict({"_op": op} if op else {}, **row)))

    def ops(self, identity, old, new):
        rng = self.rng
        if not self.kind.endswith("whole"):
            if rng.random() < 0.6:
                self.write("+", new)
                self.put(new)
            else:
                self.write("-", rng.choice([new, {"id": identity}]))
                self.remove(identity)
        elif old and rng.random() < 0.7:
            self.write(rng.choice(["-", "-U", "-D"]), old)
            self.remove(identity)
        elif not old:
            self.write(rng.choice(["+", "+I", "+U"]), new)
            self.put(new)

    def upsert(self, identity, _, new):
        if "csv" in self.kind or self.rng.random() < 0.7:
            self.write(None if "csv" in self.kind else self.rng.choice([None, "+"]), new)
            self.put(new)
        else:
            self.write("-", {"id": identity})
            self.remove(identity)

    def options(self):
        if self.kind.startswith("debezium"):
            return "format = 'debezium_json'"
        form = "csv" if "csv" in self.kind else "json"
        return f"format = '{form}', " + ("upsert = 'true'" if self.kind.startswith("upsert") else "changelog = 'op-column'")

    def text(self):
        head = [",".join((["_op"] if self.kind.startswith("ops") else []) + NAMES)] if "csv" in self.kind else []
        return "\n".join(head + self.lines) + "\n"


class World(changes.World):
    """Three tables of changes as files; in DuckDB, the rows that are left."""

    def __init__(self, context, duckdb, rng, number):
        self.context = context
        self.duck = duckdb.connect()
        self.duck.execute("SET default_null_order = 'nulls_last_on_asc_first_on_desc'")
        self.ddl, self.kinds, self.unmatched = "", [], 0
        columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
        for table in changes.TABLES:
            stream = Stream(rng, rng.choice(KINDS), rng.choice([0, 1, 30, 80]))
            self.kinds.append(stream.kind)
            self.unmatched += stream.unmatched
            path = context.write(f"{number}/{table}.txt", stream.text())
            self.duck.execute(f"CREATE TABLE {table} ({columns})")
            for row in stream.rows.values():
                self.duck.execute(f"INSERT INTO {table} VALUES (?, ?, ?, ?, ?)", [row[name] for name in NAMES])
            key = "" if stream.kind.endswith("whole") else ", PRIMARY KEY (id)"
            self.ddl += f"CREATE TABLE {table} ({columns}{key}) WITH (connector = 'file', path = '{path}', {stream.options()});\n"

    def sink(self, query, rows, options, columns=""):
        """The lines of a file of changes."""
        path = self.context.directory / "sink.out"
        program = f"{self.ddl}CREATE TABLE o {columns} WITH (connector = 'file', path = '{path}', {options});\nINSERT INTO o {query};\n"
        got = self.context.run("run", "-D", f"batch_rows={rows}", self.context.write("sink.sql", program))
        if got.returncode != 0:
            raise AssertionError(got.stderr.decode(errors='replace'))
        return path.read_text().splitlines()


def spelled(row):
    return tuple(changes.plain(value) for value in row.values())


def sum_debezium(lines):
    """What is left, and how many updates there were."""
    sums, updates = collections.Counter(), 0
    for line in lines:
        event = json.loads(line)
        updates += event["op"] == "u"
        assert list(event) == ["before", "after", "op"] and event["before"] != event["after"], line
        assert (event["before"] is None) == (event["op"] == "c") and (event["after"] is None) == (event["op"] == "d"), line
        if event["before"]:
            sums[spelled(event["before"])] -= 1
            assert sums[spelled(event["before"])] >= 0, f"{line}: taken back and was not out"
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
        if row.pop("_op", "+") == "+":
            rows[row[key]] = spelled(row)
        else:
            assert row[key] in rows, f"{line}: removed and was not there"
            del rows[row[key]]
    return sorted(rows.values())


def ask(context, world, query, name):
    expected = world.expected(query)
    for theirs, ours in OURS:
        query = query.replace(theirs, ours)
    for rows in SIZES:
        for how, answer in [("sql", world.asked), ("run", world.run)]:
            why = f"{query}\n{world.kinds}\n{world.ddl}"
            try:
                got = answer(query, rows)
                context.check(f"{name}, {how} at {rows}", got == expected, f"{why}is {got[:20]}\nshould be {expected[:20]}")
            except AssertionError as failed:
                context.check(f"{name}, {how} at {rows}", False, f"{why}{failed}")


def write(context, world, rows):
    """Results into every kind of sink: by a key of GROUP BY, of a join, of the user's that is not unique, without any."""
    lossy = "SELECT s FROM a"
    for query in ("SELECT k AS id, count(*) AS n, sum(v) AS t FROM a WHERE k IS NOT NULL GROUP BY k",
                  "SELECT a.id AS id, a.v AS n, b.v AS t FROM a JOIN b ON a.id = b.id", "SELECT v AS id, k AS n, id AS t FROM a", lossy):
        expected = world.expected(query)
        why = f"{query} at {rows}\n{world.kinds}\n{world.ddl}"
        try:
            got, updates = sum_debezium(world.sink(query, rows, "format = 'debezium_json'"))
            context.check("debezium_json out", got == expected, f"{why}is {got}\nshould be {expected}")
            context.check("no update without a key", query != lossy or updates == 0, why)
            for form in ("json", "csv"):
                got = sum_ops(world.sink(query, rows, f"format = '{form}', changelog = 'op-column'"), form == "csv")
                context.check(f"op-column out, {form}", got == expected, f"{why}is {got}\nshould be {expected}")
            if query == lossy:
                continue
            keys = {row[0] for row in expected}
            columns = "(id BIGINT PRIMARY KEY, n BIGINT, t BIGINT)"
            for what, got in [("upserts", sum_upserts(world.sink(query, rows, "format = 'json'", columns), "id")),
                              ("debezium_json", sum_debezium(world.sink(query, rows, "format = 'debezium_json'", columns))[0])]:
                one_each = len(got) == len(keys) and {row[0] for row in got} == keys and set(got) <= set(expected)
                context.check(f"{what} by key", one_each, f"{why}is {got}\nshould be {expected}")
        except AssertionError as failed:
            context.check("sink", False, f"{why}{failed}")


def count_unmatched(context, world):
    if any(kind.endswith("whole") for kind in world.kinds):
        return
    program = context.write("count.sql", world.ddl + "".join(f"SELECT count(*) FROM {table};\n" for table in changes.TABLES))
    for rows in SIZES:
        for command in (["run"], ["sql", "-f"]):
            got = context.run(*command, program, "-D", f"batch_rows={rows}")
            found = re.search(r"(\d+) changes? of rows that were not there", got.stderr.decode())
            context.check("changes of rows that were not there are counted", int(found[1] if found else 0) == world.unmatched,
                          f"{world.ddl}{command} at {rows}: is {got.stderr}, should be {world.unmatched}")


def windows(context, rng):
    """Windows of a column over a table of changes: tumbling and hopping ones are corrected as long as the input runs."""
    stream = Stream(rng, "debezium", 80)
    path = context.write("windows.txt", stream.text())
    ddl = ("CREATE TABLE a (id BIGINT PRIMARY KEY, v BIGINT, at TIMESTAMP GENERATED ALWAYS AS "
           "(TIMESTAMP '2024-01-01 00:00:00' + v * INTERVAL '1 minute') STORED) "
           f"WITH (connector = 'file', path = '{path}', format = 'debezium_json');\n")
    base = 1704067200 // 60  # minutes from 1970 to 2024: windows count from there
    minutes = sorted(base + row["v"] for row in stream.rows.values())
    tumbled = collections.Counter(minute // 7 for minute in minutes)
    hopped = collections.Counter(first for minute in minutes for first in range(minute - minute % 3 - 3, minute + 1, 3))
    sessions = []
    for i, minute in enumerate(minutes):
        if i == 0 or minute - minutes[i - 1] >= 3:
            sessions.append(0)
        sessions[-1] += 1
    for query, expected in [
            ("SELECT count(*) AS n FROM a GROUP BY tumble(at, INTERVAL '7 minutes')", tumbled.values()),
            ("SELECT count(*) AS n FROM HOP(a, at, INTERVAL '3 minutes', INTERVAL '6 minutes') GROUP BY window_start, window_end", hopped.values()),
            ("SELECT count(*) AS n FROM a GROUP BY session(at, INTERVAL '3 minutes')", sessions)]:
        for rows in SIZES:
            for command in (["run"], ["sql", "-f"]):
                got = context.run(*command, context.write("windows.sql", f"{ddl}{query};\n"), "-o", "json", "-D", f"batch_rows={rows}")
                sums = collections.Counter()
                for line in got.stdout.decode().splitlines():
                    row = json.loads(line)
                    sums[row["n"]] += 1 if row.get("_op", "+") == "+" else -1
                found = sorted(sums.elements())
                context.check(f"{query}, {command[0]} at {rows}", found == sorted(expected),
                              f"{got.stderr.decode(errors='replace')}is {found}\nshould be {sorted(expected)}")


# A record, whether a PRIMARY KEY makes it good, whether it is good without, the code otherwise and what is said.
ENVELOPES = [
    ('{"before":null,"after":{"id":1,"n":2},"op":"c"}', True, True, None, None),
    ('{}', False, False, 3012, 'there is no \\"op\\"'),
    ('[]', False, False, 3001, "a record must be an object"),
    ('{"op":"c"', False, False, 3001, None),
    ('{"before":null,"after":{"id":1,"n":2},"op":"q"}', False, False, 3012, "none of c, r, u, d, t and m"),
    ('{"before":null,"after":{"id":1,"n":2},"op":""}', False, False, 3012, "none of"),
    ('{"before":null,"after":{"id":1,"n":2},"op":7}', False, False, 3012, "none of"),
    ('{"before":null,"after":{"id":1,"n":2},"op":null}', False, False, 3012, "there is no"),
    ('{"before":null,"after":null,"op":"c"}', False, False, 3012, "a new row without"),
    ('{"before":null,"op":"r"}', False, False, 3012, "a new row without"),
    ('{"before":null,"after":5,"op":"c"}', False, False, 3004, None),
    ('{"before":null,"after":{"id":"x","n":2},"op":"c"}', False, False, 3004, None),
    ('{"before":null,"after":{"n":2},"op":"c"}', False, False, 3005, "NOT NULL"),
    ('{"before":{"id":1,"n":2},"after":null,"op":"u"}', False, False, 3012, "an update without"),
    ('{"before":null,"after":{"id":1,"n":2},"op":"u"}', True, False, 3012, "only with a PRIMARY KEY"),
    ('{"before":{"n":2},"after":{"id":1,"n":2},"op":"u"}', True, False, 3005, "NOT NULL"),
    ('{"before":null,"after":null,"op":"d"}', False, False, 3012, "a delete without"),
    ('{"before":{"n":2},"after":null,"op":"d"}', False, False, 3005, "NOT NULL"),
    ('{"before":{"id":1},"op":"d"}', True, True, None, None),
    ('{"before":null,"after":null,"op":"t"}', True, False, 3012, "a truncate"),
    ('{"schema":{},"payload":{"before":null,"after":{"id":1,"n":2},"op":"c"}}', True, True, None, None),
    ('{"schema":{},"payload":{"before":null,"after":null,"op":"c"}}', False, False, 3012, "a new row without"),
    ('{"schema":{},"payload":{}}', False, False, 3012, "there is no"),
    ('{"schema":{},"payload":[]}', False, False, 3004, None),
    ('null', True, True, None, None),
    (' null ', True, True, None, None),
    ('{"schema":null,"payload":null}', True, True, None, None),
    ('{"op":"m","message":{"prefix":"x"}}', True, True, None, None),
]


def bad_envelopes(context):
    """Each record by itself, and all of them: bad ones are told with their place, at every batch size, in their order."""
    lines = [line for line, *_ in ENVELOPES]
    path, dead = context.write("bad.json", "\n".join(lines) + "\n"), context.directory / "dead.json"
    for keyed in (True, False):
        ddl = "CREATE TABLE t (id INT NOT NULL, n INT{}) WITH (connector = 'file', path = '{}', format = 'debezium_json'{});\n"
        key = ", PRIMARY KEY (id)" if keyed else ""
        wanted = [(i, code, said) for i, (_, with_key, without, code, said) in enumerate(ENVELOPES) if not (with_key if keyed else without)]
        for rows in SIZES:
            program = context.write("bad.sql", ddl.format(key, path, f", bad_data = 'drop', dead_letter = '{dead}'") + "SELECT id, n FROM t;\n")
            got = context.run("run", "-D", f"batch_rows={rows}", program)
            found = [json.loads(line) for line in dead.read_text().splitlines()] if got.returncode == 0 else []
            context.check("dead letters of envelopes", [(r["record"], r["code"], r["bytes"]) for r in found] ==
                          [(i, f"WEIR-{code}", lines[i].strip("\n")) for i, code, _ in wanted] and
                          all(said is None or json.loads(f'"{said}"') in r["reason"] for r, (_, _, said) in zip(found, wanted)) and
                          all(r["offset"] == sum(len(line) + 1 for line in lines[:r["record"]]) for r in found),
                          f"key {keyed}, {rows} rows: {got.stderr.decode()}{found}\nshould be {wanted}")
        for i, code, said in wanted:
            one = context.write("one.json", lines[i] + "\n")
            got = context.run("sql", ddl.format(key, one, "") + "SELECT id, n FROM t")
            said = json.loads(f'"{said}"') if said else ""
            context.check("bad envelope", got.returncode == 1 and f"WEIR-{code}".encode() in got.stderr and said.encode() in got.stderr,
                          f"{lines[i]}, key {keyed}: {got.stdout} {got.stderr.decode()}\nshould be {code} {said}")


def bad_operations(context):
    for form, options, text, bad in [
            ("json", "", '{"_op":"+","a":1}\n{"_op":"x","a":2}\n\n{"a":3}\n{"_op":"-","a":1}\n', [(1, '{"_op":"x","a":2}', 3012), (2, '{"a":3}', 3005)]),
            ("csv", "", '_op,a\n+,1\n\n"x",2\n+,7\n,3\n-,1\n', [(1, '"x",2', 3012), (3, ",3", 3005)]),
            ("csv", ", 'csv.header' = 'false'", '+,1\nx,2\n-,1\n', [(1, "x,2", 3012)]),
            ("json", ", PRIMARY KEY (a)", '{"_op":"-","b":1}\n{"_op":"+","a":2}\n{"_op":"+","a":2,"b":5}\n', [(0, '{"_op":"-","b":1}', 3005), (1, '{"_op":"+","a":2}', 3005)])]:
        key, options = (options, "") if "KEY" in options else ("", options)
        columns = "a INT, b INT NOT NULL" if key else "a INT"
        path, dead = context.write("ops.txt", text), context.directory / "dead.json"
        program = (f"CREATE TABLE t ({columns}{key}) WITH (connector = 'file', path = '{path}', format = '{form}', changelog = 'op-column', bad_data = 'drop', "
                   f"dead_letter = '{dead}'{options}); SELECT * FROM t")
        for rows in SIZES:
            got = context.run("sql", program, "-D", f"batch_rows={rows}")
            found = [json.loads(line) for line in dead.read_text().splitlines()] if got.returncode == 0 else []
            context.check(f"bad operations, {form}", [(r["record"], r["bytes"], int(r["code"][5:])) for r in found] == bad and
                          all(text[r["offset"]:].startswith(r["bytes"]) for r in found), f"{program}\n{got.stderr.decode()}{found}\nshould be {bad}")


def inferred(context):
    """Columns that nobody declared: of the rows, not of what is around them."""
    rows = "id,n\n2,x\n"
    for form, options, text in [
            ("json", "changelog = 'op-column'", '{"_op":"+","id":1,"n":"x"}\n{"_op":"-","id":1,"n":"x"}\n{"_op":"+","id":2,"n":"x"}\n'),
            ("csv", "changelog = 'op-column'", "_op,id,n\n+,1,x\n-,1,x\n+,2,x\n"),
            ("tsv", "changelog = 'op-column'", "id\tn\t_op\n1\tx\t+\n1\tx\t-\n2\tx\t+\n"),
            ("debezium_json", "bad_data = 'fail'", 'null\n{"before":{"id":1,"n":"x"},"after":null,"op":"d"}\n{"payload":{"after":{"id":1,"n":"x"},"op":"c"}}\n'
             '{"after":{"id":2,"n":"x"},"op":"r"}\n')]:
        path = context.write("inferred.txt", text)
        got = context.run("sql", "-o", "csv", f"CREATE TABLE t WITH (connector = 'file', path = '{path}', format = '{form}', {options}); SELECT * FROM t")
        context.check(f"columns inferred, {form}", got.stdout.decode() == rows, got.stdout + got.stderr)


# As Arroyo's documentation and tests write them.
ARROYO = [("""CREATE TABLE impulse (timestamp TIMESTAMP, counter bigint unsigned not null, subtask_index bigint unsigned not null)
WITH (connector = 'single_file', path = '{}/impulse.json', format = 'json', type = 'source', event_time_field = 'timestamp');
CREATE VIEW impulse_odd AS (SELECT * FROM impulse WHERE counter % 2 == 1);
CREATE TABLE output (left_count bigint, right_count bigint)
WITH (connector = 'single_file', path = '{}/output.json', format = 'debezium_json', type = 'sink');
INSERT INTO output SELECT A.counter, B.counter FROM impulse A JOIN impulse_odd B ON A.counter = B.counter;""",
           [((str(n), str(n)), "c") for n in (1, 3, 5)]),
          ("""CREATE TABLE impulse (timestamp TIMESTAMP, counter bigint unsigned not null, subtask_index bigint unsigned not null)
WITH (connector = 'single_file', path = '{}/impulse.json', format = 'json', type = 'source', event_time_field = 'timestamp');
CREATE TABLE output (left_count bigint, right_count bigint)
WITH (connector = 'single_file', path = '{}/output.json', format = 'debezium_json', type = 'sink');
INSERT INTO output SELECT A.counter, B.counter FROM impulse A LEFT JOIN (SELECT * FROM impulse WHERE counter % 2 == 1) B ON A.counter = B.counter;""",
           [((str(n), str(n) if n % 2 else ""), "c") for n in range(6)]),
          ("""CREATE table debezium_source (id INT PRIMARY KEY, count int)
WITH (connector = 'single_file', path = '{}/updating.json', type = 'source', format = 'debezium_json');
CREATE table sink (count bigint) WITH (connector = 'single_file', path = '{}/output.json', type = 'sink', format = 'debezium_json');
SET updating_ttl = INTERVAL '1 hour';
INSERT INTO sink SELECT sum(count) FROM debezium_source;""", [(("7",), "c"), (("9",), "u")])]


def arroyo(context):
    context.write("impulse.json", "".join(f'{{"timestamp":"2023-03-01T00:00:0{n}Z","counter":{n},"subtask_index":0}}\n' for n in range(6)))
    context.write("updating.json", '{"before":null,"after":{"id":1,"count":7},"op":"c"}\n{"before":{"id":1,"count":7},"after":{"id":1,"count":9},"op":"u"}\n')
    for text, expected in ARROYO:
        program = context.write("arroyo.sql", text.format(context.directory, context.directory))
        got = context.run("run", "-D", "batch_rows=1", program)
        events = [json.loads(line) for line in (context.directory / "output.json").read_text().splitlines()] if got.returncode == 0 else []
        left = collections.Counter()
        for event in events:
            if event["before"]:
                left[spelled(event["before"])] -= 1
            if event["after"]:
                left[spelled(event["after"])] += 1
        last = [row for row, _ in expected][-1:] if expected[-1][1] == "u" else [row for row, _ in expected]
        ops = {op for _, op in expected}
        context.check("a program for Arroyo", sorted(left.elements()) == sorted(last) and ops <= {event["op"] for event in events},
                      f"{text}\n{got.stderr.decode()}{events}\nshould be {expected}")


def run(context):
    bad_envelopes(context)
    bad_operations(context)
    inferred(context)
    arroyo(context)
    try:
        import duckdb
    except ImportError:
        context.skip("cdc", "duckdb is not installed (.deps/py)")
        return
    seed = random.randrange(10**9) if context.full else 4
    rng = random.Random(seed)
    for number in range(40 if context.full else 5):
        world = World(context, duckdb, rng, number)
        queries = QUERIES if context.full else rng.sample(QUERIES, 20)
        for query in queries + [changes.random_join(rng.choice) for _ in range(8)]:
            ask(context, world, query, f"seed {seed}, world {number}")
        for rows in SIZES:
            write(context, world, rows)
        count_unmatched(context, world)
        windows(context, rng)
