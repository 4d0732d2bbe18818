"""Rows of a .test as files: JSON, CSV and changes, shared out to splits."""

import datetime
import json
import random
import re

from sqltest.reader import fields_of

EPOCH = datetime.datetime(1970, 1, 1)
NUMBERS = ("INT", "BIGINT", "SMALLINT", "TINYINT", "DOUBLE", "REAL", "FLOAT", "DECIMAL", "NUMERIC", "BOOLEAN")
PLAIN = (*NUMBERS, "TEXT", "TIMESTAMP", "VARCHAR", "STRING", "DATE")


def stamp(text):
    """@12.5, @-3, @1:30, @1d, @2d01:00:00, @2024-02-29T12:00 as ISO-8601 text."""
    if re.match(r"@\d{4}-", text):
        date = datetime.datetime.fromisoformat(text[1:])
        return date.isoformat()
    match = re.fullmatch(r"@(-?)(?:(\d+)d)?((?:\d+:){0,2}\d+(?:\.\d+)?)?", text)
    if not match:
        raise ValueError(f"no time: {text}")
    seconds = datetime.timedelta(days=int(match[2] or 0))
    for place, part in enumerate(reversed((match[3] or "0").split(":"))):
        seconds += datetime.timedelta(seconds=60**place * float(part))
    return (EPOCH - seconds if match[1] else EPOCH + seconds).isoformat()


def as_json(field, kind):
    """A word of a row as JSON text."""
    if field == "null" or kind.split("(")[0].split()[0].upper() in NUMBERS or (field[0] in "{[" and not kind.upper().startswith("TEXT")):
        return re.sub(r"@[-\w.:]+", lambda match: json.dumps(stamp(match[0])), field) if field[0] in "{[" else field
    if field.startswith("@"):
        return json.dumps(stamp(field))
    return json.dumps(field[1:-1] if field[0] == "'" else field, ensure_ascii=False)


def record(columns, fields):
    if len(fields) > len(columns):
        raise ValueError(f"more fields than columns: {fields}")
    return "{" + ", ".join(f'"{name}": {as_json(field, kind)}' for (name, kind), field in zip(columns, fields) if field != "~") + "}"


def envelope(columns, fields):
    if fields == ["null"]:
        return "null"
    op, fields = fields[0], fields[1:]
    middle = fields.index("=>") if "=>" in fields else len(fields) if op == "d" else 0
    before, after = fields[:middle], [field for field in fields[middle:] if field != "=>"]
    rows = [record(columns, row) if row else "null" for row in (before, after)]
    return f'{{"before": {rows[0]}, "after": {rows[1]}, "op": "{op}", "ts_ms": 1700000000000}}'


def json_line(table, line):
    if line.startswith("| "):
        return line[2:]
    fields = fields_of(line)
    if table.form == "debezium":
        return envelope(table.columns, fields)
    if table.form == "op" or table.form == "upsert" and fields[0] in ("+", "-"):
        return f'{{"_op": "{fields[0]}", ' + record(table.columns, fields[1:])[1:]
    return record(table.columns, fields)


def csv_line(table, line):
    def field(word):
        text = "" if word == "null" else stamp(word) if word.startswith("@") else word[1:-1] if word[0] == "'" else word
        return f'"{text}"' if word != "null" and (text == "" or "," in text) else text
    return ",".join(map(field, fields_of(line)))


def fits_csv(table, splits):
    return (table.form == "plain" and all(kind.split("(")[0].split()[0].upper() in PLAIN and "[]" not in kind for _, kind in table.columns)
            and "json" not in (table.options or "") and not any(line.startswith("| ") or "~" in line for split in splits for line in split))


def shared_out(splits, count, seed):
    """The rows in as many splits, unequally, each in its order."""
    lines = [line for split in splits for line in split]
    rng, out = random.Random(seed), [[] for _ in range(count)]
    for line in lines:
        out[min(rng.randrange(count), rng.randrange(count))].append(line)
    return out


def write(folder, table, splits, form):
    """Files of the table's splits, and its CREATE TABLE."""
    csv = form == "csv" and fits_csv(table, splits)
    for number, lines in enumerate(splits):
        if csv:
            content = [",".join(name for name, _ in table.columns), *(csv_line(table, line) for line in lines)]
        else:
            content = [json_line(table, line) for line in lines if not line.startswith("...")]
        (folder / f"{table.name}-{number}.in").write_text("".join(line + "\n" for line in content))
    options = [f"connector = 'file', path = '{folder}/{table.name}-*.in'"]
    if table.form == "debezium":
        options.append("format = 'debezium_json'")
    else:
        options.append("format = 'csv'" if csv else "format = 'json'")
    options += {"op": ["changelog = 'op-column'"], "upsert": ["upsert = 'true'"]}.get(table.form, [])
    return f"CREATE TABLE {table.name} ({table.text}) WITH ({', '.join(options + ([table.options] if table.options else []))});\n"
