#!/usr/bin/env python3
"""Runs every test suite and sums up: each unit test program of a build, then tests/run.py.

A suite prints what went wrong and closes with `N passed, N failed` (and `, N skipped`). One that
ends without such a line, or with a bad exit status and no failure, counts as one failure. The
last line printed is the sum; exit status 1 when something failed.

tests/run.py gets the program in WEIR, the build folder in WEIR_BUILD, and the arguments after
`--`. usage: run_tests.py [--unit-only] [--only MODULE,…] [--jobs N] [--wrapper COMMAND] BUILD
[-- ARGUMENT…]"""
import argparse
import concurrent.futures
import os
import re
import shlex
import subprocess
import sys
import time

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
CLOSING = re.compile(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?\b", re.M)
UNIT_TIMEOUT_S = 600


def unit_programs(build, modules):
    top = os.path.join(build, "tests", "unit")
    for module in sorted(os.listdir(top)) if os.path.isdir(top) else []:
        folder = os.path.join(top, module)
        if not os.path.isdir(folder) or (modules and module not in modules):
            continue
        for name in sorted(os.listdir(folder)):
            path = os.path.join(folder, name)
            if name.startswith("test_") and os.path.isfile(path) and os.access(path, os.X_OK):
                yield "%s/%s" % (module, name.removeprefix("test_")), path


def count_up(output, status):
    """(passed, failed, skipped, what is odd) of a finished suite."""
    lines = CLOSING.findall(output)
    if not lines:
        return 0, 1, 0, "ended with status %d and no closing line" % status
    passed, failed, skipped = (int(number or 0) for number in lines[-1])
    if status and not failed:
        return passed, 1, skipped, "ended with status %d" % status
    return passed, failed, skipped, None


def run_unit(item, wrapper):
    name, path = item
    begin = time.monotonic()
    try:
        done = subprocess.run(wrapper + [path], cwd=ROOT, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=UNIT_TIMEOUT_S)
        output, status = done.stdout.decode(errors="replace"), done.returncode
    except subprocess.TimeoutExpired as expired:
        output = (expired.stdout or b"").decode(errors="replace")
        output, status = output + "\nno end after %d s\n" % UNIT_TIMEOUT_S, 124
        output = CLOSING.sub("", output)
    return name, output, status, time.monotonic() - begin


def run_units(items, wrapper, jobs):
    total = [0, 0, 0]
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for name, output, status, seconds in pool.map(lambda i: run_unit(i, wrapper), items):
            passed, failed, skipped, odd = count_up(output, status)
            print("%-28s %d passed, %d failed%s  (%.2f s)"
                  % (name, passed, failed, ", %d skipped" % skipped if skipped else "", seconds))
            if failed or odd:
                print("    " + output.strip().replace("\n", "\n    "))
            if odd:
                print("    " + odd)
            sys.stdout.flush()
            total = [a + b for a, b in zip(total, (passed, failed, skipped))]
    return total


def run_driver(build, arguments):
    """tests/run.py, its output shown as it comes; its closing line becomes part of the sum."""
    driver = os.path.join(ROOT, "tests", "run.py")
    if not os.path.exists(driver):
        return [0, 0, 0]
    python = os.path.join(ROOT, ".deps", "py", "bin", "python")
    command = [python if os.path.exists(python) else sys.executable, driver] + arguments
    environment = dict(os.environ, WEIR=os.path.join(build, "weir"), WEIR_BUILD=build)
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT)
    output = []
    for line in process.stdout:
        output.append(line.decode(errors="replace"))
        sys.stdout.write(output[-1])
        sys.stdout.flush()
    passed, failed, skipped, odd = count_up("".join(output), process.wait())
    if odd:
        print("tests/run.py " + odd)
    return [passed, failed, skipped]


def main():
    arguments, rest = sys.argv[1:], []
    if "--" in arguments:
        at = arguments.index("--")
        arguments, rest = arguments[:at], arguments[at + 1:]
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--unit-only", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--wrapper", default="")
    parser.add_argument("build")
    options = parser.parse_args(arguments)
    build = os.path.abspath(options.build)
    modules = set(filter(None, options.only.split(",")))
    total = run_units(list(unit_programs(build, modules)), shlex.split(options.wrapper),
                      options.jobs)
    if not options.unit_only:
        total = [a + b for a, b in zip(total, run_driver(build, rest))]
    if total == [0, 0, 0]:
        print("no tests were found in %s" % options.build)
        total[1] = 1
    print("%d passed, %d failed, %d skipped" % tuple(total))
    return 1 if total[1] else 0


if __name__ == "__main__":
    sys.exit(main())
