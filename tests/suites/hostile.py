"""What a hostile user or machine does to the program, beyond what formats.py and cli.py try: limits of memory, of file sizes
and of a disk, SIGKILL in the middle, Ctrl-C in the middle of long work, programs at and beyond every limit. Each ends with an
error that has a code, or with the answer; nothing is written that is not whole."""

import os
import pathlib
import random
import resource
import signal
import subprocess
import time

WRITE = "CREATE TABLE o WITH (connector='file', path='{}', format='json'); INSERT INTO o SELECT i, repeat('x', 100) AS t FROM generate_series(1, {}) AS g(i)"


def sanitized(context):
    return b"__asan_init" in pathlib.Path(context.weir).read_bytes()


def run_limited(context, sql, limits=(), timeout=120, cwd=None, options=()):
    """Runs sql with (resource, bytes) limits."""
    def confine():
        for kind, most in limits:
            resource.setrlimit(kind, (most, most))
    program = context.write("limited.sql", sql)
    return subprocess.run([context.weir, "sql", "-o", "csv", *options, "-f", program], cwd=cwd or context.directory, capture_output=True, timeout=timeout, preexec_fn=confine)


def ends_with(context, name, got, code, words):
    text = got.stderr.decode(errors="replace")
    context.check(name, got.returncode == code and all(word in text for word in words), f"exit {got.returncode}, wanted {code} and {words}\n{text[:800]}")


def check_machine(context):
    got = run_limited(context, WRITE.format("cut.json", 100_000), [(resource.RLIMIT_FSIZE, 100_000)])
    ends_with(context, "a file beyond its size limit", got, 3, ["WEIR-5006", "cut.json"])
    context.check("it leaves nothing", not list(context.directory.glob("cut.json*")), os.listdir(context.directory))
    with open(context.directory / "cut.out", "wb") as out:
        done = subprocess.run([context.weir, "sql", "SELECT i FROM generate_series(1, 100000) AS g(i)"], stdout=out, stderr=subprocess.PIPE,
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)))
    ends_with(context, "standard output beyond its size limit", done, 3, ["WEIR-5006"])
    if sanitized(context):
        return  # AddressSanitizer reserves terabytes
    for name, most, sql, ok in [
            ("little is enough for little", 40 << 20, "SELECT sum(i) AS s FROM generate_series(1, 100000) AS g(i)", True),
            ("large constants are not folded", 150 << 20, "SELECT length(repeat('x', 30000000)) AS n", True),
            ("nor lists", 150 << 20, "SELECT cardinality(array_fill(repeat('x', 1000000), ARRAY[8000])) AS n", False),
            ("nor lists of lists", 150 << 20, "SELECT cardinality(array_fill(array_fill(1, ARRAY[8000000]), ARRAY[8000000])) AS n", False),
            ("a long list's elements are kept without the list", 150 << 20,
             "SELECT sum(x * g) AS s FROM unnest(array_fill(1, ARRAY[300000])) AS u(x), generate_series(1, 2) AS g", True),
            ("and sorted without it", 150 << 20, "SELECT x FROM unnest(array_fill(1, ARRAY[300000])) AS u(x) ORDER BY x OFFSET 299999", True),
            ("distinct values", 150 << 20, "SELECT count(DISTINCT i) AS n FROM generate_series(1, 20000000) AS g(i)", False),
            ("groups", 150 << 20, "SELECT i, count(*) AS n FROM generate_series(1, 20000000) AS g(i) GROUP BY i", False),
            ("sorted rows", 150 << 20, "SELECT i, repeat('x', 100) AS t FROM generate_series(1, 5000000) AS g(i) ORDER BY 2, 1", False),
            ("a join", 150 << 20, "SELECT count(*) AS n FROM generate_series(1, 9000000) AS a(i) JOIN generate_series(1, 9000000) AS b(i) ON a.i = b.i", False),
            ("a window of all rows", 150 << 20, "SELECT sum(i) OVER (ORDER BY -i) AS s FROM generate_series(1, 9000000) AS g(i)", False),
            ("an array", 150 << 20, "SELECT array_agg(i) AS a FROM generate_series(1, 90000000) AS g(i)", False),
            ("a text", 150 << 20, "SELECT length(string_agg(i::TEXT, ',')) AS n FROM generate_series(1, 90000000) AS g(i)", False)]:
        got = run_limited(context, sql, [(resource.RLIMIT_AS, most)])
        if ok:
            context.check(f"ulimit -v: {name}", got.returncode == 0, got.stderr.decode()[:500])
        else:
            ends_with(context, f"ulimit -v: {name}", got, 3, ["WEIR-700"])
            got = run_limited(context, sql, options=["-D", "memory_limit=64MB"])
            ends_with(context, f"memory_limit: {name}", got, 3, ["WEIR-7002", "while: "])


def check_disk(context):
    disk = context.directory / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], capture_output=True).returncode != 0:
        return  # not as this user; /dev/full is in cli.py
    try:
        (disk / "old.json").write_text("old\n")
        got = run_limited(context, WRITE.format("old.json", 100_000), cwd=disk)
        ends_with(context, "a full disk", got, 3, ["WEIR-5006", "old.json", "no space left"])
        context.check("the old file stands, the new one is gone", os.listdir(disk) == ["old.json"] and (disk / "old.json").read_text() == "old\n", os.listdir(disk))
        got = run_limited(context, WRITE.format("few.json", 1000), cwd=disk)
        context.check("there is room again", got.returncode == 0 and (disk / "few.json").read_bytes().count(b"\n") == 1000, got.stderr)
    finally:
        subprocess.run(["umount", disk], check=False)


def check_kill(context):
    """SIGKILL whenever: under the output's name stands nothing, what was there before, or all of it."""
    rng, path = random.Random(7), context.directory / "killed.json"
    program = context.write("killed.sql", WRITE.format(path, 100_000))
    started = time.monotonic()
    subprocess.run([context.weir, "sql", "-f", program], check=True, timeout=120)
    took, whole = time.monotonic() - started, path.read_bytes()
    context.check("the file is whole", whole.count(b"\n") == 100_000)
    for number in range(12):
        path.unlink(missing_ok=True)
        if number % 2:
            path.write_text("old\n")
        process = subprocess.Popen([context.weir, "sql", "-f", program], stderr=subprocess.DEVNULL)
        time.sleep(rng.random() * took)
        process.kill()
        process.wait()
        now = path.read_bytes() if path.exists() else b""
        context.check(f"killed {number}", now in (b"old\n" if number % 2 else b"", whole), f"{len(now)} bytes of {len(whole)}")
    subprocess.run([context.weir, "sql", "-f", program], check=True, timeout=120)
    left = [other.name for other in context.directory.glob("killed.json*")]
    context.check("what a killed run left does not disturb", path.read_bytes() == whole and left == ["killed.json"], left)


def check_interrupts(context):
    rows = "generate_series(1, 1000000) AS g(a)"
    for name, sql in {
            "cross join": "SELECT count(*) FROM generate_series(1, 1000000) AS a(i), generate_series(1, 1000000) AS b(i)",
            "join": "SELECT count(*) FROM generate_series(1, 300000) AS a(i) JOIN generate_series(1, 300000) AS b(i) ON a.i % 2 = b.i % 2 AND a.i + b.i = 5",
            "2^59 rows": "WITH a0 AS (SELECT 1 AS x), " + ", ".join(f"a{i} AS (SELECT * FROM a{i - 1} UNION ALL SELECT * FROM a{i - 1})" for i in range(1, 60)) + " SELECT count(*) FROM a59",
            "frames": f"SELECT max(s) FROM (SELECT sum(a) OVER (ORDER BY a ROWS BETWEEN 100000 PRECEDING AND 100000 FOLLOWING EXCLUDE CURRENT ROW) AS s FROM {rows}) AS x",
            "rows that are looked for": f"SELECT max(s) FROM (SELECT lag(nullif(a, a)) IGNORE NULLS OVER (ORDER BY a) AS s FROM {rows}) AS x"}.items():
        process = subprocess.Popen([context.weir, "sql", "-D", "memory_limit=2GB", sql], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        try:
            _, err = process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            err = process.communicate()[1] + b"went on"
        context.check(f"Ctrl-C ends {name}", process.returncode == 128 + signal.SIGINT and b"interrupted" in err, f"exit {process.returncode} {err[:300]!r}")


def nested(open_text, middle, close, count):
    return f"SELECT {open_text * count}{middle}{close * count} AS a"


def check_limits(context):
    """(name, program, exit code, words of the message)"""
    many = lambda count: ", ".join(f"c{i} INT" for i in range(count))
    cases = [
        ("900 parentheses", nested("(", "1", ")", 900), 0, []),
        ("9,000 parentheses", nested("(", "1", ")", 9000), 2, ["WEIR-7003"]),
        ("400,000 parentheses", nested("(", "1", ")", 400_000), 2, ["WEIR-7003"]),
        ("100,000 NOT", nested("NOT ", "true", "", 100_000), 2, ["WEIR-7003"]),
        ("100,000 signs", nested("- ", "1", "", 100_000), 2, ["WEIR-7003"]),
        ("5,000 terms", "SELECT " + "-".join(["1"] * 5000), 2, ["WEIR-7003"]),
        ("3,000 CASE", nested("CASE WHEN true THEN ", "1", " END", 3000), 2, ["WEIR-7003"]),
        ("arrays", nested("ARRAY[", "1", "]", 5000), 2, ["WEIR-7003"]),
        ("casts", "SELECT 1" + "::INT" * 5000, 2, ["WEIR-7003"]),
        ("types", "SELECT NULL::" + "STRUCT<a " * 2000 + "INT" + ">" * 2000, 2, ["WEIR-"]),
        ("2,000 derived tables", "SELECT * FROM " + "(SELECT * FROM " * 2000 + "(VALUES (1)) x" + ") x" * 2000, 2, ["WEIR-7003"]),
        ("5,000 UNION", "SELECT 1" + " UNION ALL SELECT 1" * 5000, 2, ["WEIR-7003"]),
        ("a name of 255 bytes", f"SELECT 1 AS \"{'ä' * 127}x\"", 0, []),
        ("a name of 256 bytes", f"SELECT 1 AS \"{'ä' * 128}\"", 2, ["WEIR-7003", "255"]),
        ("names in any script", 'SELECT 1 AS "größe 世界 😀", 2 AS größe, 3 AS 世界', 0, []),
        ("a name that is not UTF-8", b'SELECT 1 AS "\xff\xfe"', 2, ["WEIR-2001"]),
        ("a NUL", b"SELECT 1\0, 2", 2, ["WEIR-2001"]),
        ("a program of 1 MiB", "SELECT 1 --" + "x" * ((1 << 20) - 11), 0, []),
        ("a longer program", "SELECT 1 --" + "x" * (1 << 20), 2, ["WEIR-7003"]),
        ("10,000 columns", "SELECT " + ", ".join(f"{i} AS c{i}" for i in range(10_000)), 0, []),
        ("10,001 columns", "SELECT " + ", ".join(f"{i} AS c{i}" for i in range(10_001)), 2, ["WEIR-7003", "10000"]),
        ("a table of 10,001 columns", f"CREATE TABLE t ({many(10_001)}) WITH (connector='blackhole')", 2, ["WEIR-7003", "10000"]),
        ("CUBE of 30", "SELECT count(*) FROM generate_series(1, 3) AS g(a) GROUP BY CUBE(" + ", ".join(f"a + {i}" for i in range(30)) + ")", 2, ["WEIR-7003"]),
        ("a text beyond its limit", "SELECT repeat('x', 300000000)", 2, ["WEIR-7003"]),
        ("an aggregated text beyond its limit", "SELECT length(string_agg(repeat('x', 1000000), '')) FROM generate_series(1, 300)", 2, ["WEIR-7003"]),
        ("aggregated JSON beyond its limit", "SELECT length(json_agg(repeat('x', 1000000))::TEXT) FROM generate_series(1, 300)", 2, ["WEIR-7003"]),
        ("an array beyond its limit", "SELECT array_fill(0, ARRAY[1000000000])", 2, ["WEIR-7003"]),
        ("a costly pattern", "SELECT regexp_replace(repeat('a', 5000) || 'b', '(a+)+$', 'x')", 1, ["WEIR-4005"]),
        ("a generated column of an unknown type", "CREATE TABLE t (a INT, b BIGINTS AS (a + 1), c INT AS (b + 1)) WITH (connector='blackhole')", 2, ["WEIR-2"]),
    ]
    for name, sql, code, words in cases:
        got = run_limited(context, sql)
        ends_with(context, name, got, code, words)
    chance, words = random.Random(31), (context.root / "tests" / "faults" / "program.sql").read_text().split()
    wrong = []
    for number in range(300 if context.full else 60):  # a program whose words were shuffled a little
        mixed = list(words)
        for _ in range(chance.randrange(1, 6)):
            a, b = chance.randrange(len(mixed)), chance.randrange(len(mixed))
            mixed[a] = chance.choice([mixed[b], "", "(", ")", "NULL", "1"])
        path = context.write("mixed.sql", " ".join(mixed))
        got = context.run("check", path)
        if got.returncode not in (0, 1, 2) or (got.returncode and b"WEIR-" not in got.stderr) or b"WEIR-9" in got.stderr:
            wrong.append((number, got.returncode, got.stderr[-300:]))
    context.check("programs with exchanged words", not wrong, wrong[:3])


def run(context):
    check_limits(context)
    check_machine(context)
    check_disk(context)
    check_kill(context)
    check_interrupts(context)
