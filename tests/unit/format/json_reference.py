#!/usr/bin/env python3
"""The decoder against Python's json over an adversarial corpus: the same records are taken and
refused, and a value that is read is the same. usage: json_reference.py PATH/TO/json_verdict

Python is made strict: UTF-8 by its own decoder, no NaN or Infinity, no half surrogates, objects
only, depth up to 128. Every record is tried as it is, and behind lines that teach the decoder
the record's layout; on both paths, all instruction sets, and in runs that cut it anywhere."""

import json
import subprocess
import sys

if hasattr(sys, "set_int_max_str_digits"):
    sys.set_int_max_str_digits(0)


class Refused(Exception):
    pass


def refuse(*_):
    raise Refused()


def depth_of(value):
    deepest, todo = 0, [(value, 1)]
    while todo:
        value, depth = todo.pop()
        if isinstance(value, (dict, list)):
            deepest = max(deepest, depth)
            todo += [(child, depth + 1) for child in (value.values() if isinstance(value, dict) else value)]
    return deepest


class Pairs(dict):
    """An object that remembers all of its pairs, duplicates included."""

    def __init__(self, pairs):
        super().__init__(pairs)
        self.all = pairs


def has_half_surrogate(value):
    if isinstance(value, str):
        return any(0xD800 <= ord(c) <= 0xDFFF for c in value)
    if isinstance(value, Pairs):
        return any(has_half_surrogate(key) or has_half_surrogate(child) for key, child in value.all)
    return isinstance(value, list) and any(map(has_half_surrogate, value))


def deepest_pair(value):
    if isinstance(value, Pairs):
        return 1 + max((deepest_pair(child) for _, child in value.all), default=0)
    return 1 + max(map(deepest_pair, value), default=0) if isinstance(value, list) else 0


def reference(record):
    """The record as Python reads it; Refused when it is no record."""
    try:
        value = json.loads(record.decode("utf-8"), parse_constant=refuse, object_pairs_hook=Pairs)
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise Refused() from None
    if not isinstance(value, dict) or has_half_surrogate(value) or deepest_pair(value) > 128:
        raise Refused()
    return value


def numbers():
    good = ["0", "-0", "1", "-1", "10", "1234567890", "9223372036854775807", "9223372036854775808",
            "18446744073709551616", "1" * 400, "0.0", "-0.0", "0.5", "1.5", "10.01", "1e0", "1E0", "1e+0", "1e-0", "1e5",
            "1.5e10", "-1.5E-10", "0e0", "0e+1", "0.0e-1", "1e400", "-1e400", "1e-400", "2.2250738585072011e-308",
            "1" + "0" * 310, "0." + "0" * 400 + "1", "123456789012345.6", "1234567890123456.7", "3.0000000000000000000000001"]
    bad = ["00", "01", "-01", "00.5", "-", "--1", "+1", "+", ".5", "-.5", "5.", "-5.", "1.e5", "1.5.2", "1e", "1e+", "1e-",
           "1e5.5", "e5", "1ee5", "0x10", "0b1", "0o7", "1_000", "1,000", "1 000", "1a", "a1", "1.a", "1.5a", "NaN", "nan",
           "Infinity", "-Infinity", "inf", "-inf", "1f", "1d", "1L", "0-", "0+1", "1-", "1+1", "-a", "- 1", "١", "1\x00", "٣.5", "¹",
           "0123456789012345678901234567890123456789", "1" * 40 + ".", "1" * 40 + "..1", "12:30", "2013-01-01", "0/5", "1/2"]
    return good + bad


def strings():
    escapes = ['\\"', "\\\\", "\\/", "\\b", "\\f", "\\n", "\\r", "\\t", "\\u0000", "\\u0041", "\\u00e9", "\\u4e16", "\\uFFFF", "\\uffff",
               "\\ud83d\\ude00", "\\uD83D\\uDE00", "\\udbff\\udfff", "\\ud800\\udc00", "a\\nb", "\\u0022", "\\u005c"]
    bad = ["\\", "\\q", "\\'", "\\x41", "\\u", "\\u1", "\\u12", "\\u123", "\\u123g", "\\U0041", "\\u+041", "\\u 041", "\\0", "\\a", "\\v",
           "\\e", "\\ud800", "\\udc00", "\\ud800x", "\\ud800\\u0041", "\\ud800\\ud800", "\\udc00\\ud800", "\\ud83d\\", "\\ud83d\\u",
           "\\ud83d\\ude0", "\\ud83dA", "\\uD83D\\n", "\\ude00\\ud83d"]
    raw = [chr(c) for c in range(0x20)] + ["\x7f", "\x80", "é", "世界", "😀", "\ufeff", "\u2028", "\ufffe", "\uffff", "\U0010ffff"]
    texts = escapes + bad + [f"ab{c}cd" for c in raw if c != "\n"] + raw[:0]
    texts += ["x" * n for n in (1, 7, 8, 9, 11, 12, 13, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 200)]
    texts += ["x" * n + "\\n" for n in (6, 7, 8, 14, 15, 16, 30, 31, 32, 62, 63, 64)] + ["x" * n + "\x01" for n in (7, 8, 15, 16, 31, 63, 64)]
    return [f'"{text}"' for text in texts] + ['"', '"a', 'a"', "'a'", '"a\\"', '"a"b"', '""""', '"a""b"', "“a”", "\"a'", "`a`"]


def bytes_of_utf8():
    """Ill-formed and well-formed sequences, within a string."""
    cases = [b"\x80", b"\xbf", b"\xc0\x80", b"\xc0\xaf", b"\xc1\xbf", b"\xc2", b"\xc2\x80", b"\xc2\x41", b"\xdf\xbf", b"\xe0\x80\x80",
             b"\xe0\x9f\xbf", b"\xe0\xa0\x80", b"\xe1\x80", b"\xe1\x80\x41", b"\xed\x9f\xbf", b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xee\x80\x80",
             b"\xef\xbf\xbf", b"\xf0\x80\x80\x80", b"\xf0\x8f\xbf\xbf", b"\xf0\x90\x80\x80", b"\xf0\x9f\x98\x80", b"\xf0\x9f\x98", b"\xf1\x80\x80",
             b"\xf4\x8f\xbf\xbf", b"\xf4\x90\x80\x80", b"\xf5\x80\x80\x80", b"\xf8\x88\x80\x80\x80", b"\xfe", b"\xff", b"\xfe\xff", b"\xef\xbb\xbf",
             b"\xc3\xa9" * 40, b"\xc3\xa9" * 40 + b"\xc3", b"a" * 63 + b"\xc3\xa9", b"a" * 62 + b"\xe4\xb8", b"\xe4\xb8\x96" * 30 + b"\x96"]
    return [b'"' + case + b'"' for case in cases]


def structures():
    return ["", " ", "{}", "[]", "{", "}", "[", "]", "{}{}", "{}[]", "[]{}", "{} {}", "{}x", "{},", ",{}", "{}}", "{{}}", "[{}]", "null", "true", "1",
            '"a"', "nul", "{]", "[}", '{"a"}', '{"a":}', '{"a":1', '{"a":1,}', '{,"a":1}', '{"a":1,,"b":2}', '{"a":1 "b":2}', '{"a" 1}', '{"a"::1}',
            '{"a":1:2}', '{"a":1;"b":2}', '{a:1}', "{'a':1}", '{1:1}', '{null:1}', '{"a":1}}', '{"a":[1,2]}', '{"a":[1,2}', '{"a":[1,]}', '{"a":[,1]}',
            '{"a":[1 2]}', '{"a":[]}', '{"a":[[]]}', '{"a":[[]}', '{"a":{}}', '{"a":{"b":{}}}', '{"a":{"b":}}', '{"a":{"b"}}', '{"a":{"b":1}',
            '{"a":1}\t', '\t{"a":1}', ' {"a":1} ', '{ "a" : 1 }', '{\t"a"\t:\t1\t}', '{"a":1}\r', '{"a":1,\r"b":2}', '{"a":\x0b1}', '{"a":\x0c1}', '{"a":\xa01}',
            '{"a":1}\x00', '\x00{"a":1}', '{"a":\x001}', '\ufeff{"a":1}', '{"a":1}\ufeff', '{"a":1}//x', '{"a":1}#x', '/*x*/{"a":1}', '{"a":/**/1}',
            '{"v":1,"v":2}', '{"v":1,"\\u0076":2}', '{"\\u0076":3}', '{"v":1,"v":"x"}', '{"v":{},"v":1}', '{"V":1}', '{"v ":1}', '{" v":1}', '{"":1}', '{"v\\u0000":1}',
            '{"a":true}', '{"a":false}', '{"a":null}', '{"a":True}', '{"a":FALSE}', '{"a":nulL}', '{"a":tru}', '{"a":truee}', '{"a":true1}', '{"a":true false}',
            '{"a":nullnull}', '{"a":undefined}', '{"a":1,"a":', '{"a', '{"a"', '{"a":', '{"a":"', '{"a":"b', '{"a":"b"', '{"a":"b",', '{"a":"b","', '{"a":t', '{"a":-',
            '{"a":"b"}"', '{"a":"b""c":1}', '{"a"""}', '{"a":"x","b":01}', '{"a":"x","b":1.}', '{"a":[1,{"b":[2,{"c":3}]}]}', '{"a":[1,{"b":[2,{"c":3]}]}]}',
            '{"v":[1, 2,  3]}', '{"v":{"b":1,"a":[ ]}}', '{"a":{"v":1}}', '{"a":[{"v":1}]}', '{"v":{"v":{"v":1}}}']


def deep():
    cases = []
    for depth in (2, 16, 17, 63, 64, 65, 126, 127, 128, 129, 130, 200, 5000):
        cases += ['{"a":' + "[" * (depth - 1) + "]" * (depth - 1) + "}", '{"a":' * depth + "1" + "}" * depth,
                  '{"a":' * depth + "{}" + "}" * depth, '{"a":' + "[" * (depth - 1) + "1" + "]" * (depth - 2) + "}"]
    return cases


def corpus():
    encode = lambda text: text.encode("utf-8", "surrogatepass")
    values = [encode(value) for value in numbers() + strings() + structures()] + bytes_of_utf8()
    records = [encode(record) for record in structures() + deep()]
    frames = [(b'{"v":', b"}"), (b'{"u":', b',"v":1}'), (b'{"v":1,"u":', b"}"), (b'{"w":"x","v": ', b' , "u":2}'), (b'{"a":{"b":', b'},"v":"t"}'),
              (b'{"v":[', b"]}"), (b'{"u":[1,', b'],"v":2}'), (b"{", b':1,"v":3}')]
    for value in values:
        records += [begin + value + end for begin, end in frames]
    return [record for record in dict.fromkeys(records) if b"\n" not in record]


def lessons(record):
    """Lines of the same layout, which teach the decoder the shape of the record."""
    try:
        reference(record)
        return [record] * 3
    except Refused:
        pass
    return [b'{"v":1}', b'{"u":5,"v":1}', b'{"v":1,"u":5}', b'{"a":{"b":1},"v":"t"}', b'{"v":"x"}']


def verdicts(tool, lines, arguments):
    """Per record its value of v as JSON text, or None when it was refused."""
    run = subprocess.run([tool, *map(str, arguments)], input=b"\n".join(lines), capture_output=True, check=True)
    good, bad = run.stdout.split(b"--\n")
    found = {}
    for line in good.splitlines():
        number, _, row = line.partition(b": ")
        found[int(number)] = row[1:-1]
    for line in bad.splitlines():
        found[int(line.split()[0])] = None
    return found


def same(text, value):
    got = json.loads(text.decode("utf-8"), object_pairs_hook=Pairs)
    return repr(got) == repr(value)


def check(tool, lines, arguments):
    wrong = 0
    found = verdicts(tool, lines, arguments)
    records = [line for line in lines if line.strip(b" \t\r")]
    if len(found) != len(records):
        print(f"{arguments}: {len(found)} verdicts for {len(records)} records")
        return 1
    for number, record in enumerate(records):
        try:
            value = reference(record)
            ok = found[number] is not None and same(found[number], value.get("v"))
        except Refused:
            ok = found[number] is None
        if not ok:
            wrong += 1
            if wrong < 10:
                print(f"{arguments}: {record[:200]!r} gives {found[number]!r}")
    return wrong


def main():
    tool, records = sys.argv[1], corpus()
    taught = []
    for record in records:
        taught += [*lessons(record), record]
    wrong = 0
    for isa in (0, 1, 2):
        wrong += check(tool, records, (isa, 1, 2048, 1 << 20))
        wrong += check(tool, records, (isa, 0, 2048, 1 << 20))
        wrong += check(tool, records, (isa, 0, 3, 777))
        wrong += check(tool, taught, (isa, 0, 2048, 1 << 20))
        wrong += check(tool, taught, (isa, 0, 100, 20000))
    print(f"{len(records)} records, {wrong} wrong")
    return wrong != 0


if __name__ == "__main__":
    sys.exit(main())
