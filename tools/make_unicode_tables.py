#!/usr/bin/env python3
"""Writes unicode_{case,decomposition,composition}_tables.h from Python's Unicode database.

    tools/make_unicode_tables.py && make format

Checked in are the tables of Unicode 14.0, the version of Postgres 15. Simple case mappings are those
full mappings that are one character; where the upper-case form is longer the title-case form counts
(U+1FB3), and U+0130 lowers to "i"."""

import os
import subprocess
import unicodedata

LAST = 0x10FFFF
SURROGATES = range(0xD800, 0xE000)
FOLDER = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
                      "src", "kernel", "string")
HEADER = """/* Made by tools/make_unicode_tables.py from Unicode %s; do not edit. */
#ifndef %s
#define %s

"""


def code_points():
    return (c for c in range(LAST + 1) if c not in SURROGATES)


def simple_upper(c):
    for text in (chr(c).upper(), chr(c).title()):
        if len(text) == 1:
            return ord(text)
    return c


def simple_lower(c):
    text = chr(c).lower()
    return ord(text) if len(text) == 1 else ord(text[0])


def case_ranges(mapping):
    """(first, last, step, delta): first, first + step, … last map to themselves + delta."""
    ranges = []
    for c in code_points():
        delta = mapping(c) - c
        if delta == 0:
            continue
        if ranges:
            first, last, step, known = ranges[-1]
            if known == delta and (c - last == step or (first == last and c - last in (1, 2))):
                ranges[-1] = (first, c, c - last, delta)
                continue
        ranges.append((c, c, 1, delta))
    return ranges


def runs(value_of):
    """(first, last, value) for values that are not 0."""
    out = []
    for c in code_points():
        value = value_of(c)
        if not value:
            continue
        if out and out[-1][1] == c - 1 and out[-1][2] == value:
            out[-1] = (out[-1][0], c, value)
        else:
            out.append((c, c, value))
    return out


def table(name, kind, items):
    lines, line = [], "   "
    for item in items:
        if len(line) + len(item) + 2 > 98:
            lines.append(line)
            line = "   "
        line += " " + item + ","
    lines.append(line)
    return f"static const {kind} {name}[] = {{\n" + "\n".join(lines) + "\n};\n"


def write(name, parts):
    guard = "WEIR_KERNEL_STRING_" + name.upper().replace(".", "_")
    with open(os.path.join(FOLDER, name), "w", encoding="ascii") as out:
        out.write(HEADER % (unicodedata.unidata_version, guard, guard))
        out.write("\n".join(parts) + "\n#endif\n")


def alphabetic_or_digit():
    """Python has no property Alphabetic; Perl has, here of the same version of Unicode."""
    script = r"for my $c (0..0x10ffff) { next if $c >= 0xd800 && $c < 0xe000; print qq{$c\n} if chr($c) =~ /\p{Alphabetic}|\p{Nd}/ }"
    out = subprocess.run(["perl", "-e", script], check=True, capture_output=True, text=True).stdout
    return {int(line) for line in out.split()}


def case_tables():
    parts = []
    for name, mapping in (("upper_ranges", simple_upper), ("lower_ranges", simple_lower)):
        parts.append(table(name, "struct case_range",
                           ["{0x%X, 0x%X, %d, %d}" % r for r in case_ranges(mapping)]))
    alphabetic = alphabetic_or_digit()
    words = runs(lambda c: c in alphabetic)
    parts.append(table("word_ranges", "struct code_range", ["{0x%X, 0x%X}" % r[:2] for r in words]))
    write("unicode_case_tables.h", parts)


def is_hangul(c):
    return 0xAC00 <= c <= 0xD7A3


def normal_tables():
    keys, offsets, pool, pairs = [], [], bytearray(), []
    for c in code_points():
        text = unicodedata.decomposition(chr(c))
        if not text or is_hangul(c):
            continue
        words = text.split()
        compatible = words[0].startswith("<")
        target = [int(w, 16) for w in words[compatible:]]
        keys.append("0x%X" % (c | (1 << 31 if compatible else 0)))
        data = "".join(map(chr, target)).encode()
        at = pool.find(data)
        if at < 0:
            at = len(pool)
            pool += data
        offsets.append("0x%X" % (at | len(data) << 16))
        composed = unicodedata.normalize("NFC", chr(c)) == chr(c)
        if not compatible and len(target) == 2 and composed:
            pairs.append((target[0], target[1], c))
    classes = runs(lambda c: unicodedata.combining(chr(c)))
    write("unicode_decomposition_tables.h", [
        "/* Code points with a decomposition, sorted; bit 31: a compatibility one. */\n" +
        table("decomposition_keys", "uint32_t", keys),
        "/* Offset into the pool, and its size << 16, of each. */\n" +
        table("decomposition_places", "uint32_t", offsets),
    ])
    write("unicode_composition_tables.h", [
        "/* UTF-8 of the decompositions, one level deep. */\n" +
        table("decomposition_pool", "unsigned char", ["%d" % b for b in pool]),
        "/* First and second that compose, sorted. */\n" +
        table("composition_pairs", "struct composition",
              ["{0x%X, 0x%X, 0x%X}" % p for p in sorted(pairs)]),
        "/* Canonical combining classes that are not 0. */\n" +
        table("combining_ranges", "struct combining_range", ["{0x%X, 0x%X, %d}" % r for r in classes]),
    ])
    return len(pool)


if __name__ == "__main__":
    case_tables()
    assert normal_tables() < 1 << 16
