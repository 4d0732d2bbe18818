"""What a sink holds, and what a .test expects, as rows in one spelling."""

import collections
import decimal
import json
import re

from sqltest.inputs import stamp
from sqltest.reader import fields_of

STAMP = re.compile(r"-?\d{4,}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)?$")


def number(text):
    value = decimal.Decimal(text)
    return "0" if value == 0 else format(value.normalize(), "f")


def written(value):
    """The spelling of a JSON value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, decimal.Decimal)):
        return number(value)
    if isinstance(value, dict) and set(value) == {"start", "end"}:
        return f"{written(value['start'])}..{written(value['end'])}"
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    if STAMP.match(value):
        text = value.replace(" ", "T").removesuffix("Z").removesuffix("+00:00")
        return text.rstrip("0").rstrip(".") if "." in text else text
    return spelled(value)


def spelled(text):
    try:
        return number(text)
    except decimal.InvalidOperation:
        return text


def expected_field(word):
    if word.startswith("@"):
        return "..".join(written(stamp(part)) for part in word.split(".."))
    return word[1:-1] if word[0] == "'" else spelled(word)


def expected_row(line):
    return tuple(map(expected_field, fields_of(line)))


def records(text):
    return [json.loads(line, parse_float=decimal.Decimal) for line in text.splitlines()]


def row(fields):
    return tuple(written(value) for name, value in fields.items() if name != "_op")


def changes(text):
    """[(+1 or -1, row)] of JSON with or without _op."""
    return [(-1 if fields.get("_op") == "-" else 1, row(fields)) for fields in records(text)]


def envelopes(text):
    out = []
    for fields in records(text):
        for side, sign in (("before", -1), ("after", 1)):
            if fields[side] is not None:
                out.append((sign, row(fields[side])))
        shape = (fields["op"], fields["before"] is not None, fields["after"] is not None)
        if shape not in [("c", False, True), ("u", True, True), ("d", True, False)]:
            raise AssertionError(f"no envelope: {fields}")
    return out


def summed(listed):
    """The rows that are left, counted; none may be taken back that is not out."""
    sums = collections.Counter()
    for sign, its in listed:
        sums[its] += sign
        if sums[its] < 0:
            raise AssertionError(f"{its} is taken back and was not out")
    return +sums


def replaced(listed, keys):
    """The rows that are left when they replace each other by their first columns."""
    rows = {}
    for sign, its in listed:
        if sign > 0:
            rows[its[:keys]] = its
        elif rows.pop(its[:keys], None) is None:
            raise AssertionError(f"{its} is taken back and was not out")
    return collections.Counter(rows.values())
