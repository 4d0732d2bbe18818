"""The tables of the oracle and their files.

    t   350 rows, NDJSON              a column of each type, NULLs, extremes, text in many scripts
    c   170 rows, CSV, gzip           fewer columns, quoted fields, "" beside NULL
    z   5,300 rows, NDJSON, zstd      several batches, plain values
    st  90 rows, NDJSON               what only DuckDB shares: structs, unsigned and tiny integers

A kind names how expressions may use a column, a type what it is declared as. Kinds X2, X4, X8 and
W are integers and doubles with extreme values, on which arithmetic may overflow; D is DECIMAL(38,0)."""

import gzip
import json
import shutil
import subprocess

TYPES = {"b": "BOOLEAN", "i2": "SMALLINT", "i4": "INTEGER", "i8": "BIGINT", "X2": "SMALLINT",
         "X4": "INTEGER", "X8": "BIGINT", "f4": "REAL", "f8": "DOUBLE PRECISION",
         "W": "DOUBLE PRECISION", "n": "DECIMAL(12,2)", "n6": "DECIMAL(18,6)", "D": "DECIMAL(38,0)",
         "s": "TEXT", "v": "VARCHAR(12)", "y": "BYTEA", "dt": "DATE", "tm": "TIME",
         "ts": "TIMESTAMP", "tz": "TIMESTAMP WITH TIME ZONE", "iv": "INTERVAL", "u": "UUID",
         "j": "JSON", "jb": "JSONB", "ai": "INTEGER[]", "at": "TEXT[]"}

TABLES = {
    "t": [("id", "i4"), ("k", "s"), *((f"c_{kind.lower()}", kind) for kind in TYPES),
          ("url", "s"), ("e_b", "b"), ("e_i4", "i4"), ("e_s", "s")],
    "c": [("id", "i4"), ("k", "s"), ("b", "b"), ("i4", "i4"), ("i8", "i8"), ("f8", "f8"), ("n", "n"),
          ("s", "s"), ("dt", "dt"), ("ts", "ts"), ("tz", "tz"), ("tm", "tm"), ("u", "u"), ("iv", "iv"),
          ("x8", "X8"), ("y", "y"), ("i2", "i2")],
    "z": [("id", "i4"), ("k", "s"), ("b", "b"), ("i4", "i4"), ("i8", "i8"), ("f8", "f8"), ("n", "n"),
          ("ts", "ts"), ("x4", "X4"), ("f4", "f4"), ("dt", "dt"), ("w", "W")],
}
FILES = {"t": "t.ndjson", "c": "c.csv.gz", "z": "z.ndjson.zst"}
NOT_NULL = {"id", "e_b", "e_i4", "e_s"}

KEYS = ["tea", "coffee", "mug", "kettle", "jug", "Käse", "ПЛОВ", "茶", ""]
WORDS = ["tea", "coffee", "mug", "Kettle", "käse", "", "a long piece of text, longer than sixteen bytes", "50%",
         "under_score", "ÀÉÎ", "straße", "日本語のテキスト", "😀 and 🍵", "  spaces  ", "tab\tbed", "two\nlines", "it's",
         'say "hi"', "back\\slash", "e\u0301", "aaa", "abcabc", "A-B-C", "x,y,,z", "2024-02-29", "42", "-7.5",
         "Ünïcödé", "zzzzzzzzzzzzzzzzz", "\u00a0nbsp", "ﬁn", "ĲSSEL", "a%b", "%", "_", "The quick brown fox"]
URLS = ["https://example.com/a/b?x=1&y=two#frag", "http://user@host.org:8080/path", "ftp://files.net/", None,
        "https://weir.example/search?q=caf%C3%A9&lang=de", "not a url", "https://a.b.c/?empty=&z=%20"]
JSONS = ['{"a": 1, "b": [1, 2, 3]}', '{"a": {"b": "c"}, "d": null}', "[1, \"two\", null, true]", '"text"', "3.5", "true",
         "null", "{}", "[]", '{"a": "x", "k": [10, 20]}', '{"a": 2.50, "n": {"m": {"o": 7}}}', '{"é": "日本", "a": false}',
         '[{"a": 1}, {"a": 2}]', '{"a": -12, "b": []}']
OBJECTS = [text for text in JSONS if text.startswith("{")]
INTERVALS = ["1 day", "-1 day", "1 mon", "1 year 2 mons 3 days 04:05:06.789", "27:00:00", "00:00:00.000001", "40 days",
             "00:30:00", "-00:00:01", "00:00:00", "10:00:00", "2 mons -3 days"]


def date(rng):
    if rng.random() < 0.1:  # ISO weeks of one year begin or end in another
        return f"{rng.randrange(1990, 2040)}-" + rng.choice(["12-28", "12-29", "12-31", "01-01", "01-02", "01-03", "02-28"])
    return "%04d-%02d-%02d" % (rng.choice([rng.randrange(1950, 2050), 2024, 2024]), rng.randrange(1, 13), rng.randrange(1, 29))


def clock(rng):
    return "%02d:%02d:%02d%s" % (rng.randrange(24), rng.randrange(60), rng.randrange(60),
                                 rng.choice(["", "", ".5", ".000001", ".999999", ".25"]))


def dyadic(rng):
    """A number whose sums are exact in binary."""
    return rng.randrange(-4000, 4000) / 8


def extreme(rng, bits):
    top = 2 ** (bits - 1)
    return rng.choice([top - 1, -top, top - 2, 1 - top, 0, 1, -1, rng.randrange(-top, top), rng.randrange(-top, top)])


def value(rng, kind):
    """A JSON value for a column of a kind."""
    if kind in ("X2", "X4", "X8"):
        return extreme(rng, {"X2": 16, "X4": 32, "X8": 64}[kind])
    if kind == "D":
        return Raw(rng.choice([10 ** 38 - 1, -(10 ** 38 - 1), 0, 1, -1, rng.randrange(-10 ** 38 + 1, 10 ** 38),
                               rng.randrange(-10 ** 20, 10 ** 20)]))
    return {
        "b": lambda: rng.random() < 0.5, "i2": lambda: rng.randrange(-90, 90), "i4": lambda: rng.randrange(-20, 50),
        "i8": lambda: rng.randrange(-5000, 5000), "f4": lambda: dyadic(rng), "f8": lambda: dyadic(rng),
        "W": lambda: rng.choice(["NaN", "Infinity", "-Infinity", 1e300, -1e300, 5e-324, 0.1, 0.2, 0.30000000000000004, -0.0, 0.0,
                                 1e15, 123456789.125, rng.uniform(-1, 1)]),
        "n": lambda: decimal(rng.randrange(-200000, 200000), 2), "n6": lambda: decimal(rng.randrange(-10 ** 11, 10 ** 11), 6),
        "s": lambda: rng.choice(WORDS), "v": lambda: rng.choice([word for word in WORDS if len(word) <= 12]),
        "y": lambda: "\\x" + rng.choice(["", "00", "ff", "616263", "deadbeef", "1234567890"]),
        "dt": lambda: date(rng), "tm": lambda: clock(rng),
        "ts": lambda: f"{date(rng)} {clock(rng)}" if rng.random() < 0.5 else f"2024-03-{rng.randrange(1, 4):02d} {clock(rng)}",
        "tz": lambda: f"{date(rng)} {clock(rng)}" + rng.choice(["+00", "-05:00", "+05:30", "+02"]),
        "iv": lambda: rng.choice(INTERVALS), "u": lambda: f"00000000-0000-4000-8000-{rng.randrange(12):012x}",
        "j": lambda: Raw(rng.choice(JSONS)), "jb": lambda: Raw(rng.choice(JSONS)),
        "ai": lambda: [rng.choice([None, *range(-3, 9)]) for _ in range(rng.choice([0, 1, 2, 3, 5]))],
        "at": lambda: [rng.choice([None, *WORDS[:18]]) for _ in range(rng.choice([0, 1, 2, 4]))],
    }[kind]()


class Raw(str):
    """JSON text that is put into the file as it is."""


def decimal(units, places):
    """12345 and 2 as 123.45."""
    digits = str(abs(units)).rjust(places + 1, "0")
    return Raw(f"{'-' if units < 0 else ''}{digits[:-places]}.{digits[-places:]}")


def cell(rng, name, kind):
    if name == "k":
        return rng.choice(KEYS)
    if name == "url":
        return rng.choice(URLS)
    if name not in NOT_NULL and rng.random() < 0.12:
        return None
    return value(rng, kind)


def json_line(rng, row):
    """One object; a NULL is `null` or missing, the keys are at times in another order."""
    items = [(name, its) for name, its in row if its is not None or rng.random() < 0.7]
    if rng.random() < 0.05:
        rng.shuffle(items)
    return "{" + ", ".join(json.dumps(name) + ": " + (its if isinstance(its, Raw) else json.dumps(its, ensure_ascii=rng.random() < 0.2))
                           for name, its in items) + "}\n"


def csv_line(row):
    def field(its):
        if its is None:
            return ""
        if isinstance(its, bool):
            return "true" if its else "false"
        text = str(its)
        if text == "" or any(c in text for c in ',"\n\r'):
            return '"' + text.replace('"', '""') + '"'
        return text
    return ",".join(field(its) for _, its in row) + "\n"


def write(rng, directory):
    """Writes all files; returns {table: the text that is in its file}."""
    texts = {}
    for table, count in (("t", 350), ("c", 170), ("z", 5300)):
        columns = TABLES[table]
        rows = [[(name, n if name == "id" else cell(rng, name, kind)) for name, kind in columns] for n in range(count)]
        if table == "c":
            texts[table] = ",".join(name for name, _ in columns) + "\n" + "".join(map(csv_line, rows))
        else:
            texts[table] = "".join(json_line(rng, row) for row in rows)
        raw = texts[table].encode()
        path = directory / FILES[table]
        if path.suffix == ".gz":
            path.write_bytes(gzip.compress(raw, mtime=0))
        elif path.suffix == ".zst" and shutil.which("zstd"):
            subprocess.run(["zstd", "-q", "-f", "-o", str(path)], input=raw, check=True)
        else:
            path.write_bytes(raw)
    texts["st"] = "".join(struct_line(rng, n) for n in range(90))
    (directory / "st.ndjson").write_text(texts["st"])
    return texts


def struct_line(rng, n):
    row = {"id": n, "k": rng.choice(KEYS), "t": rng.randrange(-128, 128), "ut": rng.randrange(256), "us": rng.randrange(65536),
           "ui": rng.randrange(2 ** 32), "ul": rng.randrange(2 ** 63), "i": rng.choice([None, *range(-9, 10)]), "f": rng.choice([None, dyadic(rng)]),
           "p": {"x": rng.choice([None, *range(5)]), "y": rng.choice(WORDS[:8])}, "q": {"a": {"b": rng.randrange(4)}, "c": dyadic(rng)}}
    return json.dumps(row, ensure_ascii=False) + "\n"


STRUCT_COLUMNS = [("id", "INTEGER"), ("k", "TEXT"), ("t", "TINYINT"), ("ut", "TINYINT UNSIGNED"), ("us", "SMALLINT UNSIGNED"),
                  ("ui", "INTEGER UNSIGNED"), ("ul", "BIGINT UNSIGNED"), ("i", "INTEGER"), ("f", "DOUBLE"),
                  ("p", "STRUCT<x INTEGER, y TEXT>"), ("q", "STRUCT<a STRUCT<b INTEGER>, c DOUBLE>")]

# Views are the same text for every engine.
VIEWS = {
    "v_low": ([("id", "i4"), ("k", "s"), ("small", "i4"), ("big", "X8"), ("day", "dt"), ("n", "n")],
              "SELECT id, k, c_i4 AS small, c_x8 AS big, c_dt AS day, c_n AS n FROM t WHERE c_b IS NOT FALSE"),
    "v_sum": ([("k", "s"), ("n", "i8"), ("total", "i8"), ("last", "ts")],
              "SELECT k, count(*) AS n, sum(i4) AS total, max(ts) AS last FROM z GROUP BY k"),
}


def weir_ddl(directory):
    """What stands before the queries of a program."""
    lines = []
    for table, columns in TABLES.items():
        body = ", ".join(f"{name} {TYPES[kind]}{' NOT NULL' if name in NOT_NULL else ''}" for name, kind in columns)
        lines.append(f"CREATE TABLE {table} ({body}) WITH (connector = 'file', path = '{directory / FILES[table]}', "
                     f"format = '{'csv' if table == 'c' else 'json'}');")
    body = ", ".join(f"{name} {its}" for name, its in STRUCT_COLUMNS)
    lines.append(f"CREATE TABLE st ({body}) WITH (connector = 'file', path = '{directory / 'st.ndjson'}');")
    lines += [f"CREATE VIEW {name} AS {query};" for name, (_, query) in VIEWS.items()]
    return "\n".join(lines) + "\n"


def copied(text):
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\r", "\\r")


def postgres_ddl(texts):
    """The same tables, filled from the same text."""
    lines = ["SET client_min_messages = warning;", "CREATE TABLE lines (n serial, line text);"]
    for table, columns in TABLES.items():
        lines.append(f"CREATE TABLE {table} (" + ", ".join(f"{name} {TYPES[kind]}" for name, kind in columns) + ");")
        if table == "c":
            lines.append(f"COPY {table} FROM STDIN WITH (FORMAT csv, HEADER);\n{texts[table]}\\.")
        else:
            lines.append(f"COPY lines (line) FROM STDIN;\n{copied(texts[table])}\\.")
            lines.append(f"INSERT INTO {table} SELECT r.* FROM lines, json_populate_record(NULL::{table}, line::json) AS r;\nTRUNCATE lines;")
    lines += [f"CREATE VIEW {name} AS {query};" for name, (_, query) in VIEWS.items()]
    return "\n".join(lines) + "\n"


def duckdb_setup(duck, directory):
    types = ", ".join(f"{name}: '{duck_type(its)}'" for name, its in STRUCT_COLUMNS)
    duck.execute(f"CREATE TABLE st AS SELECT * FROM read_json('{directory / 'st.ndjson'}', format = 'newline_delimited', columns = {{{types}}})")


def duck_type(its):
    names = {"TINYINT UNSIGNED": "UTINYINT", "SMALLINT UNSIGNED": "USMALLINT", "INTEGER UNSIGNED": "UINTEGER", "BIGINT UNSIGNED": "UBIGINT"}
    return names.get(its, its).replace("STRUCT<", "STRUCT(").replace(">", ")")
