"""Values for the differential tests: per type, those at which functions break, and random ones.
A value is the text of a literal, or None for NULL."""

import random

ZONES = ["UTC", "America/New_York", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe", "America/Sao_Paulo"]

EDGES = {
    "word": ["", "a", "A", "Robert", "Rupert", "Tymczak", "Pfister", "a1b", "1", "-b", "Ashcraft", "VAN DEUSEN", "é"],
    "smallint": ["0", "1", "-1", "7", "32767", "-32768"],
    "integer": ["0", "1", "-1", "2", "3", "10", "100", "-7", "2147483647", "-2147483648"],
    "small": ["0", "1", "-1", "2", "3", "4", "5", "7", "10", "-2", "-3", "-10"],
    "bigint": ["0", "1", "-1", "42", "-7", "10000000000", "9223372036854775807", "-9223372036854775808"],
    "double precision": ["0", "-0", "1", "-1", "0.5", "-0.5", "1.5", "2.5", "-2.5", "0.1", "1e-7", "1e15", "1e16", "123456789.125",
                         "1e308", "1.7976931348623157e308", "2.2250738585072014e-308", "5e-324", "NaN", "Infinity", "-Infinity",
                         "3.141592653589793", "90", "-45", "30", "60", "0.7071067811865476", "9007199254740993"],
    "real": ["0", "-0", "1", "0.1", "-1.5", "2.5", "3.4028235e38", "1e-45", "16777217", "NaN", "Infinity", "-Infinity", "1e10", "0.3"],
    "numeric(20,5)": ["0", "1", "-1", "0.5", "-0.5", "1.5", "2.5", "-2.5", "0.00001", "99999999999999.99999", "-99999999999999.99999",
                      "10", "100", "1234.56789", "0.99999", "3.00000"],
    "numeric(6,2)": ["0", "1", "-1", "0.05", "0.5", "-2.5", "9999.99", "-9999.99", "12.34", "100"],
    "boolean": ["true", "false"],
    "text": ["", "a", "abc", "Hello World", "hello", "ABC", "éàü", "日本語テキスト", "Straße", "ǅ", "İstanbul", "ﬁn", "a\tb\nc", "  padded  ",
             "it's", 'say "hi"', "back\\slash", "100%", "under_score", "a,b,,c", "😀🎉", "e\u0301", "xyxyx", "-42", "3.14", "ΑΣ", "ς",
             "one two  three", "aaa", "x" * 40],
    "pad": ["", " ", "x", "xy", "日", "é", "-"],
    "bytea": ["\\x", "\\x00", "\\xff", "\\x1234567890", "\\xdeadbeef", "\\x616263", "\\x" + "00ff" * 12],
    "uuid": ["00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"],
    "date": ["1970-01-01", "2000-01-01", "2000-02-29", "1900-02-28", "2024-02-29", "2023-12-31", "2024-12-30", "2021-01-03", "0001-01-01",
             "9999-12-31", "0044-03-15 BC", "4713-11-24 BC", "1582-10-15", "2038-01-19", "1999-12-31", "2001-02-16", "0001-12-31 BC", "0100-03-01"],
    "time": ["00:00:00", "23:59:59.999999", "12:00", "24:00:00", "00:00:00.000001", "04:05:06.789", "13:30:45.5"],
    "timestamp": ["1970-01-01 00:00:00", "2000-01-01 00:00:00", "2024-02-29 23:59:59.999999", "2001-02-16 20:38:40.123456", "0001-01-01 00:00:00",
                  "9999-12-31 23:59:59.999999", "1969-12-31 23:59:59.999999", "0044-03-15 12:30:00 BC", "4713-11-24 00:00:00 BC",
                  "2024-03-10 02:30:00", "2024-11-03 01:30:00", "2024-03-31 02:15:00", "2024-10-27 02:15:00", "2000-12-31 12:00:00",
                  "1900-01-01 01:01:01.1", "2020-12-31 23:30:00", "200000-12-31 23:59:59.999999", "2021-01-04 00:00:00", "2024-10-06 02:10:00"],
    "timestamptz": ["1970-01-01 00:00:00+00", "2024-02-29 23:59:59.999999+00", "2024-03-10 06:59:59+00", "2024-03-10 07:00:00+00",
                    "2024-11-03 05:30:00+00", "2024-11-03 06:30:00+00", "2024-03-31 00:59:59+00", "2024-03-31 01:00:00+00",
                    "2024-10-27 00:30:00+00", "2024-10-27 01:30:00+00", "1883-11-18 16:00:00+00", "0001-01-01 00:00:00+00",
                    "9999-12-31 23:59:59+00", "1900-01-01 00:00:00+00", "2050-07-01 12:00:00+00", "2001-02-16 20:38:40.12-05",
                    "0044-03-15 12:30:00+00 BC", "2018-02-18 01:30:00+00", "2024-04-06 15:00:00+00"],
    "interval": ["0", "1 day", "-1 day", "1 month", "1 year 2 months 3 days 04:05:06.789", "-1 year -2 months +3 days -04:05:06", "35 days",
                 "27 hours", "1 mon -1 day", "00:00:00.000001", "100 years", "-00:00:01", "30 days 24:00:00", "2 years 15 months 100 days 99 hours",
                 "-1 month 40 days", "100000 years", "00:30:00", "1.5 months", "-99:59:59.999999"],
}

PLAIN_TYPE = {"small": "integer", "pad": "text", "word": "text"}


def sql_type(kind):
    return PLAIN_TYPE.get(kind, kind.split(":")[0])


def random_value(rng, kind):
    if kind == "smallint":
        return str(rng.randrange(-300, 300))
    if kind == "word":
        letters = rng.choice(["abcdefghijklmnopqrstuvwxyz", "BFPVCGJKQSXZDTLMNRaehiouwy", "abAB12 -'.", "äößÉЖ字🙂bcd", "0123456bfpv", "bB1[{@`kK"])
        return "".join(rng.choice(letters) for _ in range(rng.randint(0, 9)))
    if kind == "integer":
        return str(rng.choice([rng.randrange(-50, 50), rng.randrange(-2**31, 2**31)]))
    if kind == "small":
        return str(rng.randrange(-6, 13))
    if kind == "bigint":
        return str(rng.choice([rng.randrange(-1000, 1000), rng.randrange(-2**63, 2**63), rng.randrange(-2**40, 2**40)]))
    if kind == "double precision":
        return repr(rng.choice([rng.uniform(-10, 10), rng.uniform(-1, 1), rng.uniform(-1e6, 1e6), rng.gauss(0, 1) * 10 ** rng.randrange(-20, 20),
                                rng.randrange(-1000, 1000) / 2]))
    if kind == "real":
        return "%.7g" % rng.choice([rng.uniform(-10, 10), rng.uniform(-1e6, 1e6), rng.gauss(0, 1) * 10 ** rng.randrange(-10, 10)])
    if kind == "numeric(20,5)":
        return "%.5f" % rng.choice([rng.uniform(-10, 10), rng.uniform(-1e6, 1e6), rng.uniform(-1e9, 1e9), rng.randrange(-100, 100) / 2])
    if kind == "numeric(6,2)":
        return "%.2f" % rng.uniform(-9999, 9999)
    if kind == "text":
        alphabet = "aAbBzZ 09_%\\'-éßİ日😀\u0301.,()"
        return "".join(rng.choice(alphabet) for _ in range(rng.randrange(0, 12)))
    if kind == "bytea":
        return "\\x" + "".join("%02x" % rng.randrange(256) for _ in range(rng.randrange(0, 10)))
    if kind == "uuid":
        return "%08x-%04x-%04x-%04x-%012x" % (rng.getrandbits(32), rng.getrandbits(16), rng.getrandbits(16), rng.getrandbits(16), rng.getrandbits(48))
    if kind == "date":
        return "%04d-%02d-%02d" % (rng.choice([rng.randrange(1, 10000), rng.randrange(1960, 2040)]), rng.randrange(1, 13), rng.randrange(1, 29))
    if kind == "time":
        return "%02d:%02d:%02d.%06d" % (rng.randrange(24), rng.randrange(60), rng.randrange(60), rng.choice([0, rng.randrange(10**6)]))
    if kind == "timestamp":
        return random_value(rng, "date") + " " + random_value(rng, "time")
    if kind == "timestamptz":
        return random_value(rng, "timestamp") + "+00"
    if kind == "interval":
        return "%d months %d days %s%s" % (rng.randrange(-40, 41), rng.randrange(-70, 71), rng.choice(["", "-"]), random_value(rng, "time"))
    return rng.choice(EDGES[kind])


def value(rng, kind):
    """One value of a kind: a type, a name above, or `type:a¦b¦c` for a choice."""
    if rng.random() < 0.04:
        return None
    if ":" in kind:
        return rng.choice(kind.split(":", 1)[1].split("¦"))
    return rng.choice(EDGES[kind]) if rng.random() < 0.55 else random_value(rng, kind)
