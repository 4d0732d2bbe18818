"""The functions and operators of Postgres 15's manual, chapter by chapter (postgres15.txt), against
what the program resolves: each signature is a statement for `weir check`, which reports all errors
of a file at once. What is not resolved must stand in docs/functions_left_out.md with its reason.

A line of postgres15.txt is `name(types)`, or `construct = expression` for what has a syntax of its
own. A row of the left-out table names a function, a signature, or a whole type."""

import json
import re

# A value of each type that the manual names; types that are not here are left out as types.
VALUES = {
    "anyarray": "NULL::integer[]", "anycompatiblearray": "NULL::integer[]",
    "anycompatible": "NULL::integer", "anyelement": "NULL::integer", "anynonarray": "NULL::integer",
    '"any"': "NULL::integer", "name": "NULL::text", "jsonpath": "'$.a'",
    "json": "NULL::json", "jsonb": "NULL::jsonb", "record": "ROW(1, 2)",
}
PLAIN = ["smallint", "integer", "bigint", "real", "double precision", "numeric", "text", "char", "bytea",
         "boolean", "uuid", "date", "time", "timestamp", "timestamptz", "interval"]
for _type in PLAIN:
    VALUES[_type] = f"NULL::{_type}"
VALUES["double"] = "NULL::double precision"
for _type in list(VALUES):
    if VALUES[_type].startswith("NULL::") and not _type.startswith("any"):
        VALUES[_type + "[]"] = VALUES[_type] + "[]"

AT_ONCE = 40  # statements in one program: the errors of a run are bounded

SIGNATURE = re.compile(r"^(\S+?)\((.*)\)$")


def chapters(path):
    """[(chapter, [(line, name, types or None, expression or None)])]"""
    found = []
    for line in path.read_text().splitlines():
        if line.startswith("# "):
            found.append((line[2:], []))
            continue
        if not line:
            continue
        name, equals, expression = line.partition(" = ")
        match = None if equals else SIGNATURE.match(line)
        if match:
            found[-1][1].append((line, match[1], match[2], None))
        else:
            found[-1][1].append((line, name, None, expression if equals else None))
    return found


def split_types(text):
    return [part.strip() for part in text.split(",")] if text.strip() else []


def values(types):
    """SQL for arguments of those types; None when a type is unknown here."""
    made = []
    for one in types:
        if one.removesuffix("...") not in VALUES:
            return None
        made.append(VALUES[one.removesuffix("...")])
    return made


def call(name, text):
    """The expression that calls the signature; None when it has a type that we lack."""
    direct, ordered, sorts = text.partition("ORDER BY")
    args, keys = values(split_types(direct)), values(split_types(sorts))
    if args is None or keys is None:
        return None
    if ordered:
        constants = {"double": "0.5", "double[]": "ARRAY[0.5]"}
        args = [constants.get(one, value) for one, value in zip(split_types(direct), args)]
        return f"{name}({', '.join(args)}) WITHIN GROUP (ORDER BY {', '.join(keys)})"
    if not re.match(r"\w", name):
        return f"{args[0]} {name} {args[1]}" if len(args) == 2 else f"{name} {args[0]}"
    if name == "extract":
        return f"extract(hour FROM {args[1]})" if args[1] != "NULL::date" else f"extract(day FROM {args[1]})"
    if name == "position":
        return f"position({args[1]} IN {args[0]})"
    if name == "overlaps":
        return f"({args[0]}, {args[1]}) OVERLAPS ({args[2]}, {args[3]})"
    if name.endswith("build_object") and args:
        return f"{name}('key', {args[0]})"
    if "_populate_record" in name:
        return f"{name}(NULL::struct<a integer>, {', '.join(args[1:])})"
    if "_to_record" in name:
        return f"SELECT * FROM {name}({args[0]}) AS t(a integer)"
    if name.startswith("generate_"):
        return f"SELECT * FROM {name}({', '.join(args)})"
    if name == "count" and not args:
        return "count(*)"
    return f"{name}({', '.join(args)})"


def left_out(path):
    """{what: reason} of the table's rows."""
    rows = {}
    for line in path.read_text().splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]
        if line.startswith("| `") and len(cells) == 2:
            for what in re.findall(r"`([^`]+)`", cells[0]):
                rows[what.replace("\\|", "|")] = cells[1]
    return rows


def is_left_out(rows, line, name, types):
    if line in rows or name in rows:
        return True
    return any(f"type {one.removesuffix('...')}" in rows
               for one in split_types((types or "").replace("ORDER BY", ",")))


def ask(context, statements, before, failed):
    """Adds {number: message} of the statements that cannot be bound; the first is number before + 1."""
    got = context.run("check", "--format", "json", context.write("listed.sql", "\n".join(statements) + "\n"))
    for text in (got.stdout + b"\n" + got.stderr).decode().splitlines():
        record = json.loads(text) if text.startswith("{") else {}
        if record.get("line"):
            failed.setdefault(before + record["line"], record.get("message", ""))


def check(context):
    rows = left_out(context.root / "docs" / "functions_left_out.md")
    statements, asked = [], []
    for chapter, entries in chapters(context.root / "tests" / "functions" / "postgres15.txt"):
        for line, name, types, expression in entries:
            if types is not None:
                expression = call(name, types)
            asked.append((chapter, line, name, types, expression is not None))
            is_query = expression and expression.startswith("SELECT ")
            statements.append(f"{expression};" if is_query else f"SELECT {expression};" if expression else "SELECT 1;")
    failed = {}
    for start in range(0, len(statements), AT_ONCE):
        ask(context, statements[start:start + AT_ONCE], start, failed)
    for number, (chapter, line, name, types, is_callable) in enumerate(asked, 1):
        is_missing = not is_callable or number in failed
        listed = is_left_out(rows, line, name, types)
        context.check(f"{chapter}: {line}", not is_missing or listed,
                      f"neither there nor in docs/functions_left_out.md: {failed.get(number, 'a type we lack')}")
