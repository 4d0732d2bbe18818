"""Whether two answers are the same.

Weir's come as JSON lines, Postgres' as text, DuckDB's as Python values; all become Python values by
the kind of their column. Rows are compared as multisets, in order where the query says it. Only
kind `approx` (doubles of inexact computations) is compared with a tolerance: 1e-9."""

import json
import math
import re
import struct
from decimal import Decimal

NUMBERS = {"i2", "i4", "i8", "X2", "X4", "X8"}
DECIMALS = {"n", "n6", "D"}


def json_value(text):
    return json.loads(text, parse_float=Decimal, parse_int=Decimal, object_pairs_hook=lambda pairs: ("object", tuple(sorted(pairs, key=lambda pair: pair[0]))))


def frozen(value):
    return ("array", *map(frozen, value)) if isinstance(value, list) else \
        (value[0], tuple((key, frozen(its)) for key, its in value[1])) if isinstance(value, tuple) else value


def array_of(text):
    """{1,NULL,"a,b"} as a list of texts."""
    items = []
    for quoted, plain in re.findall(r'"((?:[^"\\]|\\.)*)"|([^,{}"]+)', text, re.S):
        if plain:
            items.append(None if plain == "NULL" else plain)
        else:
            items.append(re.sub(r"\\(.)", r"\1", quoted, flags=re.S))
    # An empty quoted text gives two empty groups: it is "" in the list.
    return items


UNITS = {"year": (12, 0), "mon": (1, 0), "day": (0, 1)}


def interval(text):
    """(months, days, microseconds) of "1 year -2 mons +3 days -04:05:06.5"."""
    months = days = us = 0
    for count, unit in re.findall(r"([+-]?\d+) (year|mon|day)s?", text):
        months += int(count) * UNITS[unit][0]
        days += int(count) * UNITS[unit][1]
    clock = re.search(r"(-?)\+?(\d+):(\d\d):(\d\d)(?:\.(\d+))?", text)
    if clock:
        sign, hours, minutes, seconds, fraction = clock.groups()
        us = ((int(hours) * 60 + int(minutes)) * 60 + int(seconds)) * 1000000 + int((fraction or "").ljust(6, "0"))
        us = -us if sign else us
    return months, days, us


def loosened(rows, kinds):
    """Intervals by their length: 24 hours are a day, 30 days a month."""
    return [tuple((its[0] * 30 + its[1]) * 86400000000 + its[2] if kind == "iv" and its else its for kind, its in zip(kinds, row)) for row in rows]


def from_text(kind, text):
    """A value as Postgres prints it."""
    if text is None:
        return None
    if kind == "b":
        return text in ("t", "true")
    if kind in NUMBERS:
        return int(text)
    if kind in DECIMALS:
        return Decimal(text)
    if kind in ("f8", "W", "approx"):
        return double(float(text))
    if kind == "f4":
        return single(float(text))
    if kind in ("ts", "tz"):
        return instant(text)
    if kind in ("j", "jb"):
        return frozen(json_value(text))
    if kind == "iv":
        return interval(text)
    if kind == "ai":
        return tuple(None if item is None else int(item) for item in array_of(text))
    if kind == "at":
        return tuple(array_of(text))
    return text


def from_json(kind, value):
    """A value of weir's JSON; numbers came as Decimal or int."""
    if value is None:
        return None
    if kind in NUMBERS:
        return int(value)
    if kind in DECIMALS:
        return Decimal(value)
    if kind in ("f8", "W", "approx"):
        return double(float(value))
    if kind == "f4":
        return single(float(value))
    if kind in ("ts", "tz"):
        return instant(value)
    if kind in ("j", "jb"):
        return frozen(value)
    if kind == "st":
        return struct_of({name: int(its) if isinstance(its, Decimal) and its == int(its) else its for name, its in value[1]})
    if kind == "iv":
        return interval(value)
    if kind == "ai":
        return tuple(None if item is None else int(item) for item in value)
    if kind == "at":
        return tuple(value)
    return value


def from_python(kind, value):
    """A value of DuckDB's."""
    if value is None:
        return None
    if isinstance(value, dict):
        return struct_of({name: from_python("", its) for name, its in value.items()})
    if isinstance(value, list):
        return tuple(value)
    if isinstance(value, float):
        return double(value)
    return int(value) if kind in NUMBERS else value


def struct_of(items):
    """Fields by name; equal whatever the order."""
    return tuple(sorted(items.items()))


def double(value):
    return "NaN" if math.isnan(value) else 0.0 if value == 0 else value


def single(value):
    if math.isnan(value) or math.isinf(value):
        return double(value)
    return double(struct.unpack("f", struct.pack("f", value))[0])


def instant(text):
    text = text.replace("T", " ").removesuffix("Z").removesuffix("+00")
    return text.rstrip("0").rstrip(".") if "." in text else text


def order_key(row, exact_count):
    """Sorts rows of which the values behind exact_count are approximate."""
    return [(value is None, str(type(value)), (value if n < exact_count else float(f"{value:.7g}")) if isinstance(value, float) else str(value))
            for n, value in enumerate(row)]


def near(a, b):
    if a == b:
        return True
    return isinstance(a, float) and isinstance(b, float) and math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9)


def same(ours, theirs, kinds, ordered=False, loose=False):
    """Whether two lists of rows are the same; loose: equal intervals may be spelled in two ways."""
    if loose and "iv" in kinds:
        ours, theirs = loosened(ours, kinds), loosened(theirs, kinds)
    if len(ours) != len(theirs):
        return False
    if not ordered:
        if "approx" not in kinds:
            return sorted(map(repr, ours)) == sorted(map(repr, theirs)) or set_equal(ours, theirs)
        if set_equal(ours, theirs):
            return True
        first = [n for n, kind in enumerate(kinds) if kind != "approx"]
        order = first + [n for n, kind in enumerate(kinds) if kind == "approx"]
        ours = sorted(ours, key=lambda row: order_key([row[n] for n in order], len(first)))
        theirs = sorted(theirs, key=lambda row: order_key([row[n] for n in order], len(first)))
    for mine, other in zip(ours, theirs):
        for kind, a, b in zip(kinds, mine, other):
            if a != b and not (kind == "approx" and near(a, b)):
                return False
    return True


def set_equal(ours, theirs):
    """Equal values may have unequal texts (1.50 and 1.5)."""
    counts = {}
    for row in ours:
        counts[row] = counts.get(row, 0) + 1
    for row in theirs:
        if not counts.get(row):
            return False
        counts[row] -= 1
    return True


def difference(ours, theirs):
    """What is in one answer only, in a few words."""
    one, other = {}, {}
    for rows, into in ((ours, one), (theirs, other)):
        for row in rows:
            text = repr(tuple(float(f"{its:.9g}") if isinstance(its, float) else its for its in row))
            into[text] = into.get(text, 0) + 1
    lines = [f"weir has {len(ours)} rows, the other {len(theirs)}"]
    for name, here, there in (("weir only ", one, other), ("other only", other, one)):
        lines += [f"{name} {text[:400]}" for text in here if here[text] > there.get(text, 0)][:3]
    return "\n".join(lines)
