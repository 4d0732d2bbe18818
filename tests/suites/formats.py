"""What the program reads, against other readers: JSON against Python's json made strict, CSV against Python's csv,
UTF-8 against bytes.decode, numbers and timestamps against float, decimal and datetime; at every instruction set. Then
input that is hostile: endless lines, NULs, depth, cut files, places that cannot be read or written.

Seeded: SEED picks the documents, WEIR_SEED in the environment another."""

import csv
import datetime
import decimal
import gzip
import importlib.util
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import threading

SEED = int(os.environ.get("WEIR_SEED", "20131"))
SETS = ["scalar", "avx2", "avx512"]


def run(context):
    check_json(context)
    check_json_tool(context)
    check_csv(context)
    check_files(context)
    check_utf8(context)
    check_numbers(context)
    check_timestamps(context)
    check_hostile(context)


def ask(context, sql, cpu=None, options=(), timeout=120):
    env = {"WEIR_CPU": cpu} if cpu else None
    return context.run("sql", "-D", "parallelism=1", *options, "-f", context.write("ask.sql", sql), env=env, timeout=timeout)


def table(name, columns, path, letter, **options):
    given = {"connector": "file", "path": path, "bad_data": "drop", "dead_letter": letter, **options}
    return f"CREATE TABLE {name} ({columns}) WITH ({', '.join(f'''{quote(key)} = '{value}' ''' for key, value in given.items())});\n"


def quote(name):
    return '"' + name + '"'


def letters(path):
    """The dead letters by record number."""
    return {bad["record"]: bad for bad in map(json.loads, path.read_bytes().splitlines())} if path.exists() else {}


# ---- JSON ----

def strict_json(context):
    """tests/unit/format/json_reference.py: the strict reader and a corpus made by hand."""
    spec = importlib.util.spec_from_file_location("json_reference", context.root / "tests/unit/format/json_reference.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


WORDS = ["a", "v", "id", "name", "é世", "", "price", "event_time", "a rather long key, longer than a register", "v\\u0041", "\\\"", "k\\n"]
NUMBERS = ["0", "-0", "1", "-1", "12345678901234567890", "1.5", "-0.25", "1e5", "1E-7", "0.1000000000000000055", "1e999999", "1e-999999", "123456789012345678901234567890.5"]
TEXTS = ["", "a", "two words", "twelve bytes", "thirteen byte", "é世😀", "\\ud83d\\ude00", "\\u0000", "\\u00e9\\n\\t\\\\", "{\\\"a\\\":[1]}", "x" * 70, "2013-01-01T05:15:00Z", "\\/", "\x7f"]
SALT = [b"{", b"}", b"[", b"]", b",", b":", b'"', b"\\", b"\\u", b"\\ud800", b"\\udc00", b"0", b"-", b".", b"e", b"+", b" ", b"\t", b"\r", b"\x00", b"\x1f", b"\xef\xbb\xbf", b"\xc0\x80",
        b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xff", b"\xe4\xb8", b"NaN", b"Infinity", b"null", b"true", b"'", b"//", b"01", b"1.", b".5", b"\x0b", b"\xc2\xa0", b'"v":', b",,", b"[[[["]


def json_value(chance, depth=0):
    kind = chance.random()
    gap = chance.choice(["", "", "", " ", "\t", "  "])
    if kind < 0.3:
        return chance.choice(NUMBERS) if chance.random() < 0.5 else str(chance.randint(-10**6, 10**6))
    if kind < 0.65 or depth > 4:
        return '"' + chance.choice(TEXTS) + '"'
    if kind < 0.75:
        return chance.choice(["true", "false", "null"])
    children = chance.randrange(4)
    if kind < 0.87:
        return "[" + ("," + gap).join(json_value(chance, depth + 1) for _ in range(children)) + gap + "]"
    return json_object(chance, depth + 1)


def json_object(chance, depth=0):
    gap = chance.choice(["", "", "", " ", "\t"])
    members = [f'"{chance.choice(WORDS)}"{gap}:{gap}{json_value(chance, depth)}' for _ in range(chance.randrange(6 if depth else 7))]
    if depth == 0 and chance.random() < 0.8:
        members.insert(chance.randrange(len(members) + 1), f'"v":{gap}{json_value(chance, 1)}')
    return "{" + gap + ("," + gap).join(members) + gap + "}"


def mutate(chance, text, salt):
    for _ in range(chance.choice([1, 1, 1, 2, 3])):
        at, kind = chance.randrange(len(text) + 1), chance.randrange(6)
        if kind == 0:
            text = text[:at]
        elif kind == 1:
            text = text[:at] + chance.choice(salt) + text[at:]
        elif kind == 2:
            text = text[:at] + text[at + chance.choice([1, 1, 2, 5]):]
        elif kind == 3:
            text = text[:at] + bytes([chance.randrange(256)]) + text[at + 1:]
        elif kind == 4:
            other = chance.randrange(len(text) + 1)
            text = text[:at] + text[min(at, other):max(at, other)] + text[at:]
        else:
            text = text + chance.choice(salt)
    return text


def json_documents(reference):
    chance = random.Random(SEED)
    documents = []
    for _ in range(1000):
        valid = json_object(chance).encode()
        documents += [valid, mutate(chance, valid, SALT), mutate(chance, valid, SALT)]
    documents += reference.corpus()
    return [document.replace(b"\n", b" ") for document in documents if document.strip(b" \t\r\n")]


def json_expectation(reference, documents):
    wanted = []
    for document in documents:
        try:
            wanted.append(reference.reference(document))
        except reference.Refused:
            wanted.append(None)
    return wanted


def read_json(context, path, cpu, whole):
    """By record: what was read, or None when it was refused."""
    letter = context.directory / "bad-json.ndjson"
    letter.unlink(missing_ok=True)
    options = {"json.unstructured": "true"} if whole else {}
    got = ask(context, table("t", "v JSON", path, letter, format="json", **options) + "SELECT v FROM t", cpu)
    context.check(f"json at {cpu}: no failure", got.returncode == 0, got.stderr.decode(errors="replace"))
    bad, rows = letters(letter), got.stdout.split(b"\n")[:-1]
    found, record = {}, 0
    for row in rows:
        while record in bad:
            found[record] = None
            record += 1
        found[record] = row
        record += 1
    return found | {number: None for number in bad}


def compare_json(context, name, reference, documents, wanted, found):
    wrong = []
    for number, (document, value) in enumerate(zip(documents, wanted)):
        row = found.get(number)
        if (row is None) != (value is None):
            wrong.append(f"{'refused' if row is None else 'taken'}: {document[:160]!r}")
        elif row is not None:
            read = json.loads(row, object_pairs_hook=reference.Pairs)["v"]
            if repr(read) not in (repr(value), repr(value.get("v"))):
                wrong.append(f"{document[:160]!r} gives {row[:160]!r}")
    context.check(name, not wrong and len(found) == len(documents), f"{len(found)} records of {len(documents)}\n" + "\n".join(wrong[:8]))


def check_json(context):
    reference = strict_json(context)
    documents = json_documents(reference)
    wanted = json_expectation(reference, documents)
    taken = sum(value is not None for value in wanted)
    context.check("2,000 documents and more, of both kinds", len(documents) >= 2000 and min(taken, len(documents) - taken) > 800, f"{taken} of {len(documents)}")
    path = context.write("docs.ndjson", b"\n".join(documents) + b"\n")
    taught, taught_wanted, lessons = [], [], {}
    for document, value in zip(documents, wanted):
        for lesson in reference.lessons(document):
            if lesson not in lessons:
                lessons[lesson] = json_expectation(reference, [lesson])[0]
            taught.append(lesson)
            taught_wanted.append(lessons[lesson])
        taught.append(document)
        taught_wanted.append(value)
    taught_path = context.write("taught.ndjson", b"\r\n".join(taught))
    for cpu in SETS:
        compare_json(context, f"json as it is, {cpu}", reference, documents, wanted, read_json(context, path, cpu, False))
        compare_json(context, f"json whole records, {cpu}", reference, documents, wanted, read_json(context, path, cpu, True))
        compare_json(context, f"json behind lines that teach its shape, {cpu}", reference, taught, taught_wanted, read_json(context, taught_path, cpu, False))
    small = ask(context, table("t", "v JSON", path, "/dev/null", format="json") + "SELECT v FROM t", options=("-D", "batch_rows=7")).stdout
    whole = ask(context, table("t", "v JSON", path, "/dev/null", format="json") + "SELECT v FROM t").stdout
    context.check("json at batch_rows 7", small == whole and whole)


def check_json_tool(context):
    """The strict path against the others over the same documents: json_verdict drives the decoder itself."""
    tool = context.build / "tests/unit/format/json_verdict"
    if not tool.exists():
        context.skip("json, strict path", "json_verdict is not built")
        return
    reference = strict_json(context)
    documents = json_documents(reference)
    wanted = json_expectation(reference, documents)
    for arguments in [(0, 1, 2048, 1 << 20), (2, 0, 2048, 1 << 20), (1, 0, 5, 300), (2, 0, 64, 4096)]:
        found = reference.verdicts(str(tool), documents, arguments)
        wrong = [document[:160] for number, (document, value) in enumerate(zip(documents, wanted)) if (found.get(number) is None) != (value is None)]
        context.check(f"json_verdict {arguments}", not wrong and len(found) == len(documents), wrong[:5])


# ---- CSV ----

CSV_SALT = [b'"', b'""', b",", b"\n", b"\r\n", b"\r", b"\n\n", b'"\n', b'",', b',"', b" ", b"\x00", b"\xff", b"\xc3", b"\xe4\xb8\x96", b"\xef\xbb\xbf", b"'", b";", b"\\", b'"a"b', b" \"x\""]
CSV_FIELDS = ["", "a", "1", "two words", "x,y", 'say "hi"', "line\nbreak", "dos\r\nbreak", '"', '""', " ", " padded ", "é世😀", "null", "NULL", "'", "x" * 80, "\ufeff", "a;b", "tab\there", "\x00", "lone\rcr"]


def csv_document(chance, columns):
    lines = []
    for _ in range(chance.randrange(1, 6)):
        fields = []
        for _ in range(columns):
            field = chance.choice(CSV_FIELDS)
            if any(c in field for c in ',"\n\r') or chance.random() < 0.2:
                field = '"' + field.replace('"', '""') + '"'
            fields.append(field)
        lines.append(",".join(fields))
        if chance.random() < 0.1:
            lines.append("")
    end = chance.choice(["\n", "\n", "\r\n"])
    return (end.join(lines) + chance.choice(["", end])).encode()


def csv_documents():
    chance = random.Random(SEED + 1)
    documents = []
    while len(documents) < 2000:
        columns = chance.randrange(1, 4)
        document = csv_document(chance, columns)
        if len(documents) % 2:
            document = mutate(chance, document, CSV_SALT)
        if b"\r\r" not in document:  # see DIFFERENCES
            documents.append((columns, document))
    return documents


def csv_reference(columns, document):
    """Python's rows before what it refuses, and whether it refuses something. Rows of another number of fields and bytes
    that are not UTF-8 count as refused: Python's csv knows neither."""
    text = document.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")
    rows = []
    try:
        for row in csv.reader(re.findall(r"[^\n]*\n|[^\n]+", text), strict=True):
            if not row:
                continue
            if len(row) != columns or any("\udc80" <= c <= "\udcff" for field in row for c in field):
                return rows, True
            rows.append(row)
    except csv.Error:
        return rows, True
    return rows, False


def read_csv(context, group, documents, cpu):
    """By document: rows, dead letters. All are read by one program."""
    sql, parts = "", []
    for number, (columns, document) in enumerate(documents):
        names = "abc"[:columns]
        path = context.write(f"csv/{group}-{number}.csv", document)
        letter = context.directory / f"csv/{group}-{number}.bad"
        letter.unlink(missing_ok=True)
        sql += table(f"t{number}", ", ".join(f"{name} TEXT" for name in names), path, letter, **{"csv.header": "false"})
        parts.append(f"SELECT {number} AS d, " + ", ".join(names[i] if i < columns else f"NULL AS {'abc'[i]}" for i in range(3)) + f" FROM t{number}")
    got = ask(context, sql + "\nUNION ALL ".join(parts), cpu)
    context.check(f"csv at {cpu}, documents {group}: no failure", got.returncode == 0, got.stderr.decode(errors="replace")[:600])
    rows = [[] for _ in documents]
    for line in got.stdout.split(b"\n")[:-1]:
        row = json.loads(line)
        rows[row["d"]].append([row[name] or "" for name in "abc"[:documents[row["d"]][0]]])
    return rows, [letters(context.directory / f"csv/{group}-{number}.bad") for number in range(len(documents))]


def check_csv(context):
    if sys.version_info < (3, 11):
        context.skip("csv against Python", "its csv refuses NULs before 3.11")
        return
    documents = csv_documents()
    wanted = [csv_reference(*document) for document in documents]
    refused = sum(refused for _, refused in wanted)
    context.check("csv documents of both kinds", 300 < refused < len(documents) - 300, f"{refused} refused of {len(documents)}")
    for cpu in SETS:
        wrong = []
        for group in range(0, len(documents), 100):
            some = documents[group:group + 100]
            rows, bad = read_csv(context, group, some, cpu)
            for document, got, letter, (want, refuse) in zip(some, rows, bad, wanted[group:group + 100]):
                before = min(letter) if letter else len(got)  # rows before the first bad record
                if bool(letter) != refuse or got[:before] != want:
                    wrong.append(f"{document}: {got} {letter} but Python says {want}, {'refused' if refuse else 'taken'}")
        context.check(f"csv as Python's csv, {cpu}", not wrong, f"{len(wrong)} of {len(documents)}\n" + "\n".join(wrong[:5]))
    check_csv_options(context)
    check_csv_differences(context)


def check_csv_options(context):
    """Headers, delimiters, quotes, nulls; columns in another order."""
    chance = random.Random(SEED + 2)
    for delimiter, mark in [(";", '"'), ("|", "'"), ("\t", '"'), (",", "'")]:
        rows = [[chance.choice(CSV_FIELDS) for _ in range(3)] for _ in range(200)]
        rows = [row for row in rows if "".join(row)]
        path = context.directory / "options.csv"
        with open(path, "w", newline="") as file:
            csv.writer(file, delimiter=delimiter, quotechar=mark, lineterminator="\r\n").writerows([["a", "b", "c"], *rows])
        given = "\\t" if delimiter == "\t" else delimiter
        got = ask(context, table("t", "c TEXT, a TEXT, b TEXT", path, context.directory / "options.bad", **{"csv.delimiter": given, "csv.quote": mark.replace("'", "''")}) + "SELECT a, b, c FROM t")
        read = [[json.loads(line)[name] or "" for name in "abc"] for line in got.stdout.splitlines()]
        context.check(f"csv between {delimiter!r}, in {mark}", read == rows, got.stderr.decode()[:300] + str([pair for pair in zip(read, rows) if pair[0] != pair[1]][:3]))
    path = context.write("nulls.csv", 'a,b\n,""\nNA,"NA"\n')
    got = ask(context, table("t", "a TEXT, b TEXT", path, context.directory / "nulls.bad", **{"csv.null": "NA"}) + "SELECT a, b FROM t")
    context.check("csv nulls", got.stdout == b'{"a":null,"b":""}\n{"a":null,"b":"NA"}\n', got)
    for header, row in [("a,a,b", '{"a":1,"a_1":2,"b":3}'), (",a,b", '{"column1":1,"a":2,"b":3}'), ("a,,", '{"a":1,"column2":2,"column3":3}'), ("a,a,a_1", '{"a":1,"a_2":2,"a_1":3}'),
                        ('"x ""y""","u,v","w\nz"', '{"x \\"y\\"":1,"u,v":2,"w\\nz":3}'), ("\n\r\na,b,c", '{"a":1,"b":2,"c":3}'), ("\ufeff\na,b,c", '{"a":1,"b":2,"c":3}')]:
        got = context.run("sql", f"SELECT * FROM '{context.write('header.csv', header + chr(10) + '1,2,3' + chr(10))}'")
        context.check(f"csv header {header!r}", got.stdout.decode().strip() == row, got)


# Where the csv of Python is more lenient, or says otherwise: (document of two columns, rows, code of the dead letter).
DIFFERENCES = {
    "another number of fields": (b"1,2\n3\n4,5,6\n7,8\n", [["1", "2"], ["7", "8"]], 3009),
    "not UTF-8": (b"1,2\n\xff,2\n7,8\n", [["1", "2"], ["7", "8"]], 3003),
    "CRs before CRLF": (b"1,2\r\r\n7,8\r\n", [["7", "8"]], 3002),
    "a CR that ends a record, as universal newlines have it": (b"1,2\r3,4\n7,8\n", [["7", "8"]], 3002),
    "an unclosed quote takes the rest": (b'1,2\n3,"4\n7,8\n', [["1", "2"]], 3002),
    "reading goes on behind a bad line": (b'"a"b,2\n7,8\n', [["7", "8"]], 3002),
    "a quote within a plain field is itself": (b'a"b",c"\n', [['a"b"', 'c"']], None),
    "a byte order mark at the begin is skipped": (b"\xef\xbb\xbf1,2\n", [["1", "2"]], None),
    "a NUL is a character": (b"\x00,2\n", [["\x00", "2"]], None),
}


def check_csv_differences(context):
    for name, (document, rows, code) in DIFFERENCES.items():
        got, bad = read_csv(context, "difference", [(2, document)], "avx512")
        codes = {letter["code"] for letter in bad[0].values()}
        context.check(f"csv: {name}", got[0] == rows and codes == ({f"WEIR-{code}"} if code else set()), f"{got} {bad}")


# ---- many files ----

FILES, FILES_MEMORY = 600, "24MB"


def csv_file(chance, number, rows):
    """With the columns in any order, perhaps one more, a mark before, no newline behind."""
    names = chance.sample(["a", "b", "more"], 3) if number % 3 == 0 else chance.sample(["a", "b"], 2)
    lines = [",".join(names), *(",".join({"a": str(a), "b": f'"{b}"', "more": "?"}[name] for name in names) for a, b in rows)]
    return ("\ufeff" if number % 5 == 0 else "") + "\n".join(lines) + ("\n" if number % 7 else "")


def json_file(chance, number, rows):
    """With the keys in any order; every tenth ends within a record that is too long."""
    lines = [json.dumps(dict(chance.sample(list({"a": a, "b": b, f"more{number % 40}": None}.items()), 3))) for a, b in rows]
    return "".join(line + "\n" for line in lines) + ('{"a":1,"b":"' + "x" * 5000 if number % 10 == 0 else "")


def check_files(context):
    """Files behind a pattern, which take over each other's decoders: each is read as if it were alone, in memory that does not grow
    with their number; one after the other, and side by side where event times say so."""
    for kind, write, columns in [("csv", csv_file, "a BIGINT, b TEXT"), ("json", json_file, "a BIGINT, b TEXT")]:
        chance = random.Random(SEED + 7)
        folder = context.directory / f"files-{kind}"
        folder.mkdir(exist_ok=True)
        rows = [[(number * 10 + i, chance.choice(["x", "a b", "c;d", "e" * 40])) for i in range(chance.randrange(4))] for number in range(FILES)]
        for number in range(FILES):
            (folder / f"{number:04}.{kind}").write_bytes(write(chance, number, rows[number]).encode())
        for name, watermark in [("in turn", ""), ("side by side", ", t TIMESTAMP GENERATED ALWAYS AS (to_timestamp_millis(a)), WATERMARK FOR t")]:
            letter = folder / "letters"
            sql = table("t", columns + watermark, folder / f"*.{kind}", letter, format=kind, max_record_size="1KB") + "SELECT a, b FROM t"
            got = context.run("sql", "-D", f"memory_limit={FILES_MEMORY}", "-f", context.write("files.sql", sql))
            read = sorted((row["a"], row["b"]) for row in map(json.loads, got.stdout.splitlines()))
            context.check(f"{FILES} {kind} files, {name}", got.returncode == 0 and read == sorted(sum(rows, [])), f"{len(read)} rows\n{got.stderr.decode()[:500]}")
            bad = [code for code in (record["code"] for record in map(json.loads, letter.read_bytes().splitlines())) if code != "WEIR-3007"] if letter.exists() else []
            letter.unlink(missing_ok=True)
            context.check(f"{FILES} {kind} files, {name}: only what is too long is bad", not bad, bad[:5])


# ---- UTF-8 ----

def utf8_sequences(chance):
    one = [bytes([a]) for a in range(256)]
    two = [bytes([a, b]) for a in range(256) for b in range(256)]
    edges = [0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC2, 0xFF]
    leads = [0xC1, 0xC2, 0xDF, *range(0xE0, 0xF6), 0xF8, 0xFF]
    three = [bytes([a, b, c]) for a in leads for b in edges for c in edges]
    four = [bytes([a, b, c, d]) for a in range(0xEF, 0xF6) for b in edges for c in edges[2:10:2] for d in edges[1:12:2]]
    return one + two + three + four + [bytes(chance.randrange(256) for _ in range(4)) for _ in range(2000)]


def check_utf8(context):
    chance = random.Random(SEED + 3)
    lines = utf8_sequences(chance)
    borders = ["é", "世", "😀", "\ud7ff", "\ue000", "\U0010ffff"]
    borders = [text.encode("utf-8", "surrogatepass") for text in borders]
    borders += [b"\x80", b"\xc2", b"\xc0\x80", b"\xe4\xb8", b"\xed\xa0\x80", b"\xf0\x9f\x98", b"\xf0\x8f\xbf\xbf", b"\xf4\x90\x80\x80", b"\xf5\x80\x80\x80", b"\xe4\xb8\x96\x96"]
    lines += [b"a" * offset + border + tail for border in borders for offset in range(71) for tail in (b"", b"z" * 70)]
    lines = b"\n".join(lines).split(b"\n")
    wanted = []
    for line in lines:
        try:
            wanted.append(line.removesuffix(b"\r").decode())
        except UnicodeDecodeError:
            wanted.append(None)
    path = context.write("utf8.txt", b"\n".join(lines) + b"\n")
    good = [text for text in wanted if text is not None]
    for cpu in SETS:
        letter = context.directory / "utf8.bad"
        got = ask(context, table("t", "v TEXT", path, letter, format="raw_string") + "SELECT v FROM t", cpu)
        read = [json.loads(line)["v"] for line in got.stdout.split(b"\n")[:-1]]
        refused = {number for number, text in enumerate(wanted) if text is None}
        context.check(f"utf-8 as bytes.decode, {cpu}", read == good and set(letters(letter)) == refused,
                      f"{len(read)} taken of {len(good)} {got.stderr.decode()[:200]}\n{sorted(set(letters(letter)) ^ refused)[:5]}")
    check_utf8_within(context, lines)


def check_utf8_within(context, lines):
    """The same bytes within a JSON text and a CSV field."""
    lines = [line for line in lines if not any(c < 0x20 or c in b'"\\,' for c in line)]
    wanted = []
    for number, line in enumerate(lines):
        try:
            wanted.append((number, line.decode()))
        except UnicodeDecodeError:
            pass
    as_json = context.write("utf8.ndjson", b"".join(b'{"n":%d,"u":1,"v":"%s"}\n' % pair for pair in enumerate(lines)))
    as_csv = context.write("utf8.csv", b"n,v\n" + b"".join(b"%d,%s\n" % pair for pair in enumerate(lines)))
    for cpu in SETS:
        for path in (as_json, as_csv):
            got = ask(context, table("t", "n INT, v TEXT", path, "/dev/null") + "SELECT n, v FROM t", cpu)
            read = [(row["n"], row["v"] or "") for row in map(json.loads, got.stdout.split(b"\n")[:-1])]
            context.check(f"utf-8 in {path.suffix}, {cpu}", read == wanted, f"{len(read)} of {len(wanted)} {sorted(set(read) ^ set(wanted))[:4]}")


# ---- numbers and timestamps ----

def number_texts(chance):
    texts = ["", "-", "+", ".", "e5", "1e", "1e+", "--1", "1.2.3", "0x10", "1_0", "1,0", "nan", "NaN", "-inf", "Infinity", "infinit", "1e309", "-1e309", "1e-400", "4.9e-324", "2.4703282292062327e-324",
             "2.4703282292062328e-324", "1.7976931348623157e308", "1.7976931348623158e308", "1.7976931348623159e308", "9007199254740993", "9007199254740992.99999999999999999999", "0.1", "-0", "-0.0",
             "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "00012", "+5", ".5", "5.", "5.e1", "9" * 28 + ".99999999995", "9" * 28 + ".9999999999", "1" + "0" * 28]
    while len(texts) < 10000:
        kind = chance.randrange(6)
        digits = "".join(chance.choice("0123456789") for _ in range(chance.choice([1, 3, 8, 15, 16, 17, 18, 19, 20, 21, 25, 40])))
        if kind == 0:
            text = digits
        elif kind == 1:
            text = digits[:len(digits) // 2] + "." + digits[len(digits) // 2:]
        elif kind == 2:
            text = f"{digits[0]}.{digits[1:]}e{chance.randint(-345, 315)}"
        elif kind == 3:
            text = repr(chance.uniform(-1, 1) * 10.0 ** chance.randint(-300, 300))
        elif kind == 4:  # between two doubles, and near
            low = abs(chance.gauss(0, 1)) * 2.0 ** chance.randint(-40, 60)
            middle = (decimal.Decimal(low) + decimal.Decimal(low + abs(low) * 2.0 ** -52)) / 2
            text = format(middle, "f") + chance.choice(["", "0", "1", "00000001"])
        else:
            text = chance.choice(texts) + chance.choice(["", "0", "x", " ", "e", "e5", ".", "-"])
        texts.append(chance.choice(["", "", "-", "+"]) + text if kind < 5 else text)
    return texts


PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\Z")


def number_reference(text):
    """(double, decimal(38,10), bigint), each None when it is refused."""
    text = text.strip(" ")
    if not PLAIN.match(text):
        special = re.match(r"[+-]?(nan|inf|infinity)\Z", text, re.I)
        return (float(text) if special else None), None, None
    double = float(text)
    zero = not re.search(r"[1-9]", re.split("[eE]", text)[0])
    if double in (float("inf"), float("-inf")) or (double == 0 and not zero):
        double = None
    with decimal.localcontext() as rules:
        rules.prec, rules.Emax, rules.Emin = 1000, 10**9, -10**9
        exact = decimal.Decimal(0 if zero else text)
        rounded = exact.quantize(decimal.Decimal(1).scaleb(-10), decimal.ROUND_HALF_UP) if zero or exact.adjusted() < 40 else None
        if rounded is not None and abs(rounded) >= 10**28:
            rounded = None
    whole = int(text) if re.match(r"[+-]?\d+\Z", text) else None
    return double, rounded, whole if whole is not None and -2**63 <= whole < 2**63 else None


def check_numbers(context):
    texts = number_texts(random.Random(SEED + 4))
    path = context.write("numbers.csv", "t\n" + "".join(f'"{text}"\n' for text in texts))
    got = ask(context, table("t", "t TEXT", path, "/dev/null") + "SELECT t, TRY_CAST(t AS DOUBLE) AS d, TRY_CAST(t AS DECIMAL(38,10)) AS n, TRY_CAST(t AS BIGINT) AS i FROM t")
    rows = [json.loads(line, parse_float=str, parse_int=str) for line in got.stdout.splitlines()]
    wrong = []
    for text, row in zip(texts, rows):
        double, exact, whole = number_reference(text)
        read, integer = None if row["d"] is None else float(row["d"]), None if row["i"] is None else int(row["i"])
        same = (repr(read) == repr(double) and integer == whole and
                (row["n"] is None if exact is None else row["n"] is not None and decimal.Decimal(row["n"]) == exact))
        if not same:
            wrong.append(f"{text!r}: {row} but Python says {double!r}, {exact}, {whole}")
    context.check("10,000 numbers", len(rows) == len(texts) and not wrong, f"{len(rows)} rows, {len(wrong)} wrong {got.stderr.decode()[:300]}\n" + "\n".join(wrong[:8]))
    check_json_numbers(context, texts)


def check_json_numbers(context, texts):
    """JSON numbers in a DOUBLE column: to the bit, whichever way is taken."""
    texts = [text for text in texts if re.match(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?\Z", text) and number_reference(text)[0] is not None]
    path = context.write("numbers.ndjson", "".join('{"u":"x","v":%s,"w":[1]}\n' % text for text in texts))
    for cpu in SETS:
        got = ask(context, table("t", "v DOUBLE", path, "/dev/null") + "SELECT v FROM t", cpu)
        read = [float(json.loads(line, parse_int=str)["v"]) for line in got.stdout.splitlines()]
        wrong = [(text, value) for text, value in zip(texts, read) if repr(value) != repr(float(text))]
        context.check(f"{len(texts)} JSON numbers, {cpu}", len(read) == len(texts) and not wrong, f"{len(read)} {wrong[:5]}")


def timestamp_texts(chance):
    """Texts, and the microseconds since 1970 that they are in UTC, or None."""
    pairs, epoch = [], datetime.datetime(1, 1, 1)
    while len(pairs) < 10000:
        year = chance.choice([1, 1582, 1899, 1970, 2000, 2024, 2100, 9999, chance.randint(1, 9999)])
        month, day = chance.randint(1, 12), chance.randint(1, 31)
        hour, minute, second = chance.randint(0, 23), chance.randint(0, 59), chance.randint(0, 59)
        if chance.random() < 0.1:
            month, day, hour, minute = chance.choice([(13, 1, 0, 0), (0, 1, 0, 0), (2, 30, 0, 0), (4, 31, 0, 0), (1, 32, 0, 0), (1, 0, 0, 0), (1, 1, 25, 0), (1, 1, 0, 60), (2, 29, 0, 0)])
        fraction = "".join(chance.choice("0123456789") for _ in range(chance.choice([0, 0, 1, 3, 6, 6, 7, 9])))
        minutes, zone = chance.choice([(0, ""), (0, ""), (0, "Z"), (0, "+00:00"), (330, "+05:30"), (-210, "-03:30"), (60, "+01"), (-480, "-0800")])
        text = f"{year:04}-{month:02}-{day:02}{chance.choice('T  ')}{hour:02}:{minute:02}:{second:02}" + ("." + fraction if fraction else "") + zone
        try:
            moment = datetime.datetime(year, month, day, hour, minute, second) - epoch
            part = decimal.Decimal("0." + (fraction or "0")) * 10**6
            # Postgres rounds the fraction as a double, half to even.
            micros = (moment.days - 719162) * 86400 * 10**6 + moment.seconds * 10**6 + round(float("0." + (fraction or "0")) * 1e6) - minutes * 60 * 10**6
            exact = part == part.to_integral_value()
        except ValueError:
            micros, exact = None, True
        if exact or abs(part % 1 - decimal.Decimal("0.5")) > decimal.Decimal("0.001"):
            pairs.append((text, micros))
    return pairs


def check_timestamps(context):
    pairs = timestamp_texts(random.Random(SEED + 5))
    path = context.write("times.csv", "t\n" + "".join(f"{text}\n" for text, _ in pairs))
    got = ask(context, table("t", "t TEXT", path, "/dev/null") + "SELECT TRY_CAST(extract(epoch FROM TRY_CAST(t AS TIMESTAMP)) * 1000000 AS BIGINT) AS us FROM t")
    read = [json.loads(line)["us"] for line in got.stdout.splitlines()]
    # An offset in a text for a zone-less column is applied.
    wrong = [(pair, us) for pair, us in zip(pairs, read) if us != pair[1]]
    context.check("10,000 timestamps", len(read) == len(pairs) and not wrong, f"{len(read)} rows, {len(wrong)} wrong {got.stderr.decode()[:300]} {wrong[:5]}")
    good = [pair for pair in pairs if pair[1] is not None]
    path = context.write("times.ndjson", "".join(json.dumps({"a": 1, "at": text}) + "\n" for text, _ in pairs))
    for cpu in SETS:
        got = ask(context, table("t", "at TIMESTAMP", path, "/dev/null") + "SELECT CAST(extract(epoch FROM at) * 1000000 AS BIGINT) AS us FROM t", cpu)
        read = [json.loads(line)["us"] for line in got.stdout.splitlines()]
        wrong = [(pair, us) for pair, us in zip(good, read) if us != pair[1]]
        context.check(f"timestamps in JSON, {cpu}", len(read) == len(good) and not wrong, f"{len(read)} of {len(good)} {wrong[:5]}")


# ---- hostile input ----

# A process's peak is no less than that of whoever started it, so a small one does.
MEASURE = '''
import os, subprocess, sys
process = subprocess.Popen(sys.argv[1:])
_, status, used = os.wait4(process.pid, 0)
sys.stderr.write("peak %d" % used.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status) & 255)
'''


def limited(context, sql, seconds=60, stdout=None):
    """Runs sql; (exit code, stdout, stderr, peak memory in MB)."""
    program = [sys.executable, "-c", MEASURE, context.weir, "sql", "-f", str(context.write("hostile.sql", sql))]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = subprocess.Popen(program, stdout=stdout or out, stderr=err, cwd=context.directory)
        alarm = threading.Timer(seconds, process.kill)
        alarm.start()
        code = process.wait()
        alarm.cancel()
        out.seek(0)
        err.seek(0)
        said, _, peak = err.read().rpartition(b"peak ")
        return code, out.read(), said, int(peak or 0) / 1024


def check_hostile(context):
    check_long_lines(context)
    check_odd_texts(context)
    check_places(context)
    check_cut(context)


def check_long_lines(context):
    """A line of 100 MB is one bad record: what stands around it is read, memory stays."""
    long = b"x" * 100_000_000
    cases = {"long.ndjson": (b'{"a":1}\n{"a":"' + long + b'"}\n{"a":2}\n', "a BIGINT"),
             "open.ndjson": (b'{"a":1}\n{"a":"' + long, "a BIGINT"),
             "nested.ndjson": (b'{"a":1}\n' + b'{"a":' * 20_000_000 + b"\n" + b'{"a":2}\n', "a BIGINT"),
             "long.csv": (b"a\n1\n" + long + b"\n2\n", "a BIGINT"),
             "quoted.csv": (b'a\n1\n"' + long + b'\n2\n', "a BIGINT"),
             "header.csv": (b"a" + long, "a BIGINT"),
             "long.txt": (b"1\n" + long + b"\n2\n", "a TEXT")}
    sanitized = b"__asan_init" in open(context.weir, "rb").read()
    for name, (content, columns) in cases.items():
        path = context.write(name, content)
        options = {"format": "raw_string"} if name.endswith(".txt") else {}
        letter = context.directory / f"{name}.bad"
        code, out, err, peak = limited(context, table("t", columns, path, letter, **options) + "SELECT a FROM t")
        context.check(f"{name}: memory", sanitized or peak < 64, f"{peak:.0f} MB")
        read = [str(json.loads(line)["a"]) for line in out.splitlines()]
        bad = letters(letter)
        if name == "header.csv":
            context.check(name, code == 1 and b"WEIR-3007" in err, f"{code} {err[:300]!r}")
        else:
            wanted = ["1"] if name == "open.ndjson" else ["1", "2"]
            context.check(name, code == 0 and read == wanted and [b["code"] for b in bad.values()] == ["WEIR-3007"], f"{code} {read} {list(bad)} {err[:300]!r}")
            context.check(f"{name}: its letter is short", letter.stat().st_size < 300_000, letter.stat().st_size)
        path.unlink()


def check_odd_texts(context):
    """(name, file, columns, rows, codes of the dead letters)"""
    deep = lambda n: b'{"a":' + b"[" * (n - 1) + b"]" * (n - 1) + b"}\n"
    cases = [
        ("depth 128", "x.ndjson", "a JSON", deep(128), 1, []),
        ("depth 129", "x.ndjson", "a JSON", deep(129), 0, ["3008"]),
        ("depth 100,000", "x.ndjson", "a JSON", deep(100_000), 0, ["3008"]),
        ("depth of a column not read", "x.ndjson", "b JSON", deep(129), 0, ["3008"]),
        ("objects 128 deep", "x.ndjson", "a JSON", b'{"a":' * 128 + b"1" + b"}" * 128, 1, []),
        ("objects 129 deep", "x.ndjson", "a JSON", b'{"a":' * 129 + b"1" + b"}" * 129, 0, ["3008"]),
        ("a file that ends within a record", "x.ndjson", "a BIGINT", b'{"a":1}\n{"a":', 1, ["3001"]),
        ("NULs between records", "x.ndjson", "a BIGINT", b'{"a":1}\n\0\0\0\n{"a":2}\n', 2, ["3001"]),
        ("a NUL in a key", "x.ndjson", "a BIGINT", b'{"a\0":1}\n{"a":2}\n', 1, ["3001"]),
        ("a NUL escaped, read as text", "x.ndjson", "a TEXT", b'{"a":"\\u0000"}\n{"a":"b"}\n', 1, ["3004"]),
        ("a NUL escaped, not read", "x.ndjson", "b TEXT", b'{"a":"\\u0000"}\n', 1, []),
        ("nothing but NULs", "x.ndjson", "a BIGINT", b"\0" * 100_000, 0, ["3001"]),
        ("a mark before the first record", "x.ndjson", "a BIGINT", b'\xef\xbb\xbf{"a":1}\n{"a":2}\n', 1, ["3001"]),
        ("1e999999 as DOUBLE", "x.ndjson", "a DOUBLE", b'{"a":1e999999}\n{"a":1}\n', 1, ["3004"]),
        ("1e999999 as BIGINT", "x.ndjson", "a BIGINT", b'{"a":1e999999}\n{"a":1e2}\n', 1, ["3004"]),
        ("1e999999 as DECIMAL", "x.ndjson", "a DECIMAL(38,2)", b'{"a":1e999999}\n{"a":-1e999999}\n{"a":1e-999999}\n', 1, ["3004", "3004"]),
        ("1e999999 as JSON", "x.ndjson", "a JSON", b'{"a":1e999999}\n', 1, []),
        ("a million digits", "x.ndjson", "a DOUBLE", b'{"a":' + b"1" * 1_000_000 + b'}\n{"a":0.' + b"1" * 1_000_000 + b"}\n", 1, ["3004"]),
        ("a million digits of exponent", "x.ndjson", "a DOUBLE", b'{"a":0e' + b"9" * 1_000_000 + b"}\n", 1, []),
        ("2^63", "x.ndjson", "a BIGINT", b'{"a":9223372036854775808}\n{"a":-9223372036854775808}\n', 1, ["3004"]),
        ("a key twice", "x.ndjson", "a BIGINT", b'{"a":"x","a":2}\n{"a":2,"a":"x"}\n', 1, ["3004"]),
        ("100,000 keys", "x.ndjson", "a BIGINT", b"{" + b"".join(b'"k%d":%d,' % (i, i) for i in range(100_000)) + b'"a":1}\n', 1, []),
        ("names in any script", "x.ndjson", '"größe 世界 😀" BIGINT', '{"größe 世界 😀":1}\n'.encode(), 1, []),
        ("names in any script, a header", "x.csv", '"größe 世界 😀" BIGINT', 'größe 世界 😀\n1\n'.encode(), 1, []),
        ("NULs in a CSV", "x.csv", "a BIGINT", b"a\n\0\n1\n1\0\n", 1, ["3004", "3004"]),
        ("10,000 columns", "x.csv", "c9999 BIGINT", (",".join(f"c{i}" for i in range(10_000)) + "\n" + ",".join(["1"] * 10_000) + "\n").encode(), 1, []),
        ("nothing but quotes", "x.csv", "a TEXT", b"a\n" + b'"' * 99_999, 0, ["3002"]),
        ("nothing but delimiters", "x.csv", "a TEXT", b"a\n" + b"," * 99_999 + b"\n", 0, ["3009"]),
        ("nothing but line ends", "x.csv", "a TEXT", b"a\n" + b"\r\n\n" * 99_999, 0, []),
        ("white space around numbers", "x.csv", "a BIGINT, b DOUBLE", b"a,b\n 1, 2.5 \n\t3 ,4\n1 2,3\n", 2, ["3004"]),
        ("an empty file", "x.csv", "a TEXT", b"", 0, []),
        ("random bytes", "x.ndjson", "a TEXT", random.Random(SEED).randbytes(200_000), 0, None),
        ("random bytes as CSV", "x.csv", "a TEXT", b"a\n" + random.Random(SEED).randbytes(200_000), None, None),
    ]
    for name, file, columns, content, rows, codes in cases:
        path, letter = context.write(file, content), context.directory / "odd.bad"
        letter.unlink(missing_ok=True)
        code, out, err, _ = limited(context, table("t", columns, path, letter) + "SELECT * FROM t")
        got = [bad["code"].removeprefix("WEIR-") for bad in letters(letter).values()]
        context.check(name, code == 0 and rows in (None, len(out.splitlines())) and codes in (None, got), f"exit {code}, {len(out.splitlines())} rows, {got[:5]} {err[:300]!r}")


def check_places(context):
    good = context.write("good.ndjson", b'{"a":1}\n' * 200_000)
    for name, sql, code in [("a missing file", "SELECT * FROM 'nowhere.json'", 1), ("a pattern without a match", "SELECT * FROM 'nowhere*.json'", 1), ("a directory", "SELECT * FROM '.'", None),
                            ("a device that never ends well", "SELECT * FROM '/dev/null'", None)]:
        got = context.run("sql", sql)
        context.check(name, got.returncode in ((code,) if code else (0, 1, 2)) and (got.returncode == 0 or b"error WEIR-" in got.stderr), f"{got.returncode} {got.stderr[:300]!r}")
    with open("/dev/full", "wb") as full:
        code, _, err, _ = limited(context, f"SELECT * FROM '{good}'", stdout=full)
    context.check("a full disk behind standard output", code == 3 and b"WEIR-5006" in err, f"{code} {err[:300]!r}")
    done = subprocess.run(f"{context.weir} sql \"SELECT * FROM '{good}'\" | head -1", shell=True, capture_output=True)
    context.check("a closed pipe", done.stdout == b'{"a":1}\n' and not done.stderr, done.stderr[:300])
    hidden = context.write("hidden.json", b'{"a":1}\n')
    hidden.chmod(0)
    if os.getuid() != 0:
        got = context.run("sql", f"SELECT * FROM '{hidden}'")
    else:
        context.directory.chmod(0o755)
        try:
            got = subprocess.run([context.weir, "sql", f"SELECT * FROM '{hidden}'"], capture_output=True, user=65534, cwd="/", timeout=60)
        except (OSError, PermissionError):
            context.skip("an unreadable file", "the program cannot be run as another user here")
            return
    context.check("an unreadable file", got.returncode in (1, 2) and b"error WEIR-50" in got.stderr, f"{got.returncode} {got.stderr[:300]!r}")


def check_cut(context):
    """Compressed files that end too early, are damaged, or hold other things: never a crash, never silence."""
    plain = b"".join(b'{"a":%d}\n' % i for i in range(20_000))
    packed = gzip.compress(plain, 6, mtime=0)
    chance = random.Random(SEED + 6)
    cases = [packed[:size] for size in (1, 2, 3, 9, 10, 11, 100, len(packed) // 2, len(packed) - 9, len(packed) - 8, len(packed) - 1)]
    for _ in range(20):
        at = chance.randrange(10, len(packed))
        cases.append(packed[:at] + bytes([packed[at] ^ 1 << chance.randrange(8)]) + packed[at + 1:])
    for number, content in enumerate(cases):
        path = context.write(f"cut-{number}.json.gz", content)
        code, out, err, _ = limited(context, f"CREATE TABLE t (a BIGINT) WITH (connector='file', path='{path}', format='json'); SELECT count(*) AS n FROM t")
        context.check(f"gzip that is not whole, {number}", code == 1 and b"error WEIR-3" in err, f"{code} {out[:100]!r} {err[:300]!r}")
    path = context.write("two.json.gz", packed + packed)
    code, out, err, _ = limited(context, f"SELECT count(*) AS n FROM '{path}'")
    context.check("gzip of two members", out == b'{"n":40000}\n', err[:300])
