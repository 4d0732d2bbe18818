"""Three tables whose rows come out of order, less than their watermarks wait, and two tables of changes.

    a   CSV                 b   NDJSON              c   NDJSON, gzip
    g   debezium_json with a PRIMARY KEY            h   debezium_json of whole rows

Of g and h rows are created, updated, deleted and created again; what is left in the end counts. All changes of
an id stand in one split, in order. Each table is one, two or five files, the splits of the table, that share its rows unequally. Some rows come
twice; every column but the event time has nulls."""

import datetime
import gzip
import json

TABLES = {"a": "csv", "b": "json", "c": "json"}
COLUMNS = [("ts", "t"), ("k", "i"), ("j", "i"), ("v", "i"), ("s", "s"), ("d", "n"), ("f", "b")]
CHANGING = {"g": ", PRIMARY KEY (id)", "h": ""}
CHANGING_COLUMNS = [("id", "i"), *COLUMNS]
TYPES = {"t": "TIMESTAMP", "i": "BIGINT", "s": "TEXT", "n": "DECIMAL(12,2)", "b": "BOOLEAN"}
DELAY_MS = 4000
START = datetime.datetime(2023, 11, 14, 22, 13, 20)
WORDS = ["x", "y", "zz", "a rather long text, longer than sixteen bytes", "", "Käse"]
SIZES = [3, 12, 30, 45]


def stamp(ms):
    return f"{START + datetime.timedelta(milliseconds=ms):%Y-%m-%d %H:%M:%S.%f}"[:-3]


def nullable(rng, value):
    return None if rng.random() < 0.12 else value


def rows_of(rng, count):
    """Rows as tuples, in the order of their arrival."""
    rows, now = [], rng.randrange(3000, 6000)
    for _ in range(count):
        now += rng.choice([0, 0, 100, 500, 1000, 3000, 12000 if rng.random() < 0.3 else 0])
        rows.append((stamp(now - rng.choice([0, 0, 1, 500, 1000, 2500, DELAY_MS - 1])), nullable(rng, rng.randrange(1, 7)), nullable(rng, rng.randrange(1, 4)),
                     nullable(rng, rng.randrange(-5, 20)), nullable(rng, rng.choice(WORDS)), nullable(rng, f"{rng.randrange(-500, 2000) / 100:.2f}"),
                     nullable(rng, rng.random() < 0.5)))
        again = rng.choice(rows[-4:])
        if rng.random() < 0.1 and again[0] > stamp(now - DELAY_MS):
            rows.append(again)
    return rows


def changes_of(rng, count, keyed, truncates):
    """Envelopes of rows that come and go, and the rows that are left."""
    names, left, out = [name for name, _ in CHANGING_COLUMNS], {}, []
    for row in rows_of(rng, count):
        ident = rng.randrange(1, 1 + max(2, count // 3))
        before, after = left.get(ident), (ident, *row)
        old = dict(zip(names, before)) if before else None
        if keyed and old and rng.random() < 0.5:
            old = {"id": ident}
        if before and rng.random() < 0.4:
            out.append({"before": old, "after": None, "op": "d"})
            del left[ident]
            if rng.random() < 0.5:
                out.append(None)
            continue
        if keyed and before and rng.random() < 0.5:
            old = None
        out.append({"before": old, "after": dict(zip(names, after)), "op": "u" if before else rng.choice("cr")})
        left[ident] = after
        if truncates and rng.random() < 0.02:
            out.append({"before": None, "after": None, "op": "t"})
            left.clear()
    return out, list(left.values())


def csv_field(value):
    if value is None:
        return ""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return '"' + text + '"' if text == "" or "," in text else text


def encoded(rows, kind):
    if kind == "csv":
        return "\n".join([",".join(name for name, _ in COLUMNS), *(",".join(map(csv_field, row)) for row in rows), ""])
    return "".join(json.dumps({name: value for (name, _), value in zip(COLUMNS, row)}, ensure_ascii=False) + "\n" for row in rows)


class World:
    """tables: {name: the rows of each split}; changing: {name: [(envelopes, rows that are left) of each split]}."""

    def __init__(self, folder, tables, changing):
        self.folder, self.tables, self.changing = folder, tables, changing
        folder.mkdir(parents=True, exist_ok=True)
        self.ddl = ""
        for table, kind in TABLES.items():
            name = kind + (".gz" if table == "c" else "")
            for number, rows in enumerate(tables[table]):
                content = encoded(rows, kind).encode()
                (folder / f"{table}-{number}.{name}").write_bytes(gzip.compress(content, mtime=0) if table == "c" else content)
            columns = ", ".join(f"{column} {TYPES[its]}" for column, its in COLUMNS)
            self.ddl += (f"CREATE TABLE {table} ({columns}, WATERMARK FOR ts AS ts - INTERVAL '{DELAY_MS // 1000} seconds') WITH (connector = 'file', "
                         f"path = '{folder}/{table}-*.{name}', format = '{kind}');\n")

        for table, splits in changing.items():
            for number, (envelopes, _) in enumerate(splits):
                (folder / f"{table}-{number}.json").write_text("".join(json.dumps(its, ensure_ascii=False) + "\n" for its in envelopes))
            columns = ", ".join(f"{column} {TYPES[its]}" for column, its in CHANGING_COLUMNS)
            self.ddl += (f"CREATE TABLE {table} ({columns}{CHANGING[table]}) WITH (connector = 'file', path = '{folder}/{table}-*.json', "
                         "format = 'debezium_json');\n")

    @staticmethod
    def random_changes(rng, keyed):
        """Splits have ids of their own, and only one alone may be truncated: that takes the rows of all of them."""
        splits, count = [], rng.choice([1, 1, 2, 5])
        for number in range(count):
            envelopes, left = changes_of(rng, rng.choice(SIZES), keyed, keyed and count == 1)
            for envelope in envelopes:
                for side in ("before", "after"):
                    if envelope and envelope[side]:
                        envelope[side] = {**envelope[side], "id": envelope[side]["id"] * 10 + number}
            splits.append((envelopes, [(row[0] * 10 + number, *row[1:]) for row in left]))
        return splits

    @staticmethod
    def random(rng, folder):
        tables = {}
        for table in TABLES:
            splits = [[] for _ in range(rng.choice([1, 1, 2, 5]))]
            for row in rows_of(rng, rng.choice(SIZES)):
                splits[min(rng.randrange(len(splits)), rng.randrange(len(splits)))].append(row)
            tables[table] = splits
        return World(folder, tables, {table: World.random_changes(rng, bool(key)) for table, key in CHANGING.items()})

    def duckdb(self, duckdb):
        connection = duckdb.connect()
        connection.execute("SET default_null_order = 'nulls_last_on_asc_first_on_desc'; SET threads = 1")
        connection.execute("SET disabled_optimizers = 'common_subplan'")  # it takes the sides of EXCEPT ALL over a view for one
        connection.execute("CREATE MACRO bucket(t, w) AS make_timestamp((epoch_us(t) // w) * w)")
        for table, splits in self.tables.items():
            connection.execute(f"CREATE TABLE {table} ({', '.join(f'{column} {TYPES[its]}' for column, its in COLUMNS)})")
            rows = [row for rows in splits for row in rows]
            if rows:
                connection.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(COLUMNS))})", rows)
        for table, splits in self.changing.items():
            connection.execute(f"CREATE TABLE {table} ({', '.join(f'{column} {TYPES[its]}' for column, its in CHANGING_COLUMNS)})")
            rows = [row for _, left in splits for row in left]
            if rows:
                connection.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(CHANGING_COLUMNS))})", rows)
        return connection
