#!/usr/bin/env python3
"""Runs the test suites that drive the built program; prints `N passed, N failed, N skipped`.

A suite is tests/suites/NAME.py with `def run(context)`, which calls context.check(name, ok, why)
for each case (or context.skip(name, reason)). `tests/run.py [SUITE…]` runs some; the environment
gives WEIR (the program) and WEIR_BUILD (its build folder). WEIR_FULL=1 asks for the long forms.
"""

import importlib
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
SUITES = ["cli", "sqlcases", "arroyo", "functions", "errors", "examples", "docs", "formats", "hostile", "faults", "oracle", "streams", "changes", "cdc", "windows", "slices", "sessions", "ttl", "report", "joins", "lateral", "forms", "lookups", "nexmark", "nexmark_queries"]


class Context:
    def __init__(self, suite):
        self.suite = suite
        self.root = ROOT
        self.build = pathlib.Path(os.environ.get("WEIR_BUILD", ROOT / "build"))
        self.weir = os.environ.get("WEIR", str(ROOT / "build" / "weir"))
        os.environ.setdefault("WEIR_LOG", "off")  # messages are what suites look at
        self.full = os.environ.get("WEIR_FULL") == "1"
        self.python = sys.executable
        self.passed = self.failed = self.skipped = 0
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix=f"weir-{suite}-"))

    def check(self, name, ok, why=""):
        """Counts a case; why is printed when it failed."""
        if ok:
            self.passed += 1
        else:
            self.failed += 1
            print(f"FAILED {self.suite}: {name}\n    " + str(why).strip().replace("\n", "\n    "),
                  flush=True)
        return ok

    def skip(self, name, reason):
        self.skipped += 1
        print(f"skipped {self.suite}: {name}: {reason}", flush=True)

    def run(self, *args, stdin=None, env=None, cwd=None, timeout=60):
        """Runs the program; returns CompletedProcess with bytes. A hang is exit code -999."""
        full_env = dict(os.environ, **(env or {}))
        try:
            return subprocess.run([self.weir, *map(str, args)], input=stdin, capture_output=True,
                                  env=full_env, cwd=cwd or self.directory, timeout=timeout)
        except subprocess.TimeoutExpired as late:
            return subprocess.CompletedProcess(late.cmd, -999, late.stdout or b"",
                                               b"no end within %d s" % timeout)

    def write(self, name, content):
        """A file in the suite's own directory."""
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path


def main():
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's jobs in the background begin with it ignored
    sys.path.insert(0, str(ROOT / "tests"))
    names = [name for name in sys.argv[1:] if not name.startswith("-")] or SUITES
    passed = failed = skipped = 0
    for name in names:
        if not (ROOT / "tests" / "suites" / f"{name}.py").exists():
            sys.exit(f"tests/run.py: no suite {name}")
        context = Context(name)
        start = time.monotonic()
        importlib.import_module(f"suites.{name}").run(context)
        print(f"{name}: {context.passed} passed, {context.failed} failed, "
              f"{context.skipped} skipped ({time.monotonic() - start:.1f} s)", flush=True)
        passed += context.passed
        failed += context.failed
        skipped += context.skipped
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
