#!/usr/bin/env python3
"""How much of each parser the corpora of fuzz/ cover, by lines.

Builds the fuzz targets with clang's coverage in BUILD, replays each corpus, prints a table, and
fails when a parser (all the files of a row of PARSERS) is below LEAST percent. --missing FILE
prints the lines of that file that never ran. usage: fuzz_coverage.py BUILD [--missing FILE]"""
import argparse
import fnmatch
import json
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LEAST = 85.0
PARSERS = {
    "json": ["format/json*.c", "format/json*.h", "value/json_token.c", "value/json_write.c", "value/jsonb.c"],
    "csv, raw": ["format/csv*.c", "format/raw.c"],
    "changes": ["format/changes.c", "format/debezium_decoder.c", "format/op_column.c"],
    "sql": ["sql/lexer.c", "sql/literal.c", "sql/parse*.c"],
    "timestamps": ["value/timestamp*.c", "value/interval_parse.c", "value/timezone_rule.c", "value/timezone_tzif.c"],
    "numbers": ["value/number*.c", "value/decimal.c"],
    "patterns": ["value/format_pattern*.c"],
    "utf-8": ["value/utf8*.c"],
    "column texts": ["column/text_parse.c"],
    "arrow schemas": ["column/arrow_schema.c"],
    "codecs": ["codec/codec.c", "codec/reader.c", "codec/writer.c", "codec/isal.c", "codec/zstd.c"],
}


def run(*command, **options):
    return subprocess.run([str(part) for part in command], check=True, cwd=ROOT, **options)


def build_targets(build):
    names = sorted(path.stem.removeprefix("fuzz_") for path in (ROOT / "fuzz").glob("fuzz_*.c"))
    compiler = "ccache clang" if shutil.which("ccache") else "clang"
    if not (build / "build.ninja").exists():
        run("env", f"CC={compiler}", "meson", "setup", build, "--buildtype=debug", "-Doptimization=1", "-Dtests=false", "-Dfuzz=true", "-Db_lundef=false",
            "-Dc_args=-fsanitize=fuzzer-no-link -fprofile-instr-generate -fcoverage-mapping", "-Dc_link_args=-fprofile-instr-generate", stdout=subprocess.DEVNULL)
    run("ninja", "-C", build, *(f"fuzz/fuzz_{name}" for name in names), stdout=subprocess.DEVNULL)
    return names


def replay(build, names):
    for name in names:
        run("env", f"LLVM_PROFILE_FILE={build / name}.profraw", build / "fuzz" / f"fuzz_{name}", "-runs=0", f"fuzz/corpus/{name}", stderr=subprocess.DEVNULL)
    run("llvm-profdata", "merge", "-sparse", *(build / f"{name}.profraw" for name in names), "-o", build / "all.profdata")
    programs = [build / "fuzz" / f"fuzz_{name}" for name in names]
    return ["-instr-profile", build / "all.profdata", programs[0], *(part for program in programs[1:] for part in ("-object", program))]


def table(files):
    """{file below src: (lines covered, lines)} as rows; the parsers that are below LEAST."""
    short = []
    for parser, patterns in PARSERS.items():
        rows = {name: lines for name, lines in files.items() if any(fnmatch.fnmatch(name, pattern) for pattern in patterns)}
        covered, count = (sum(lines[i] for lines in rows.values()) for i in (0, 1))
        share = 100 * covered / max(count, 1)
        if share < LEAST:
            short.append(parser)
        print(f"{parser:<34} {share:5.1f} %  {covered} of {count} lines")
        for name, (some, all_of_them) in sorted(rows.items()):
            print(f"  {name:<32} {100 * some / max(all_of_them, 1):5.1f} %")
    return short


def show_missing(build, profile, name):
    shown, inside = subprocess.run(["llvm-cov", "show", *map(str, profile)], cwd=build, check=True, capture_output=True, text=True).stdout, False
    for line in shown.splitlines():
        if line.endswith(":") and "|" not in line:
            inside = line.endswith(name + ":")
        elif inside and re.match(r" *\d+\| +0\|", line):
            print(line)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("build", type=pathlib.Path)
    arguments.add_argument("--missing")
    given = arguments.parse_args()
    build = given.build.resolve()
    profile = replay(build, build_targets(build))
    if given.missing:
        show_missing(build, profile, given.missing)
        return 0
    report = json.loads(run("llvm-cov", "export", "-summary-only", *profile, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout)
    files = {}
    for file in report["data"][0]["files"]:
        name = file["filename"].rpartition("/src/")[2]
        files[name] = (file["summary"]["lines"]["covered"], file["summary"]["lines"]["count"])
    short = table(files)
    for parser in short:
        print(f"fuzz-coverage: {parser} is below {LEAST:g} %", file=sys.stderr)
    return bool(short)


if __name__ == "__main__":
    sys.exit(main())
