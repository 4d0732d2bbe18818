#!/usr/bin/env python3
"""Makes a program that goes wrong smaller: one INSERT of it, and the fewest rows that still show it. Tables of changes
stay as they are.

usage: reduce.py PROGRAM NUMBER [INSERT [BATCH_ROWS]]    PROGRAM is weir; NUMBER as the suite names it,
of WEIR_STREAM_SEED where that is set"""

import os
import pathlib
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import duckdb  # noqa: E402

from oracle.streams import programs, windows, world  # noqa: E402


def kind_of(wrong):
    """What must stay the same while rows go."""
    return next((name for name in ("error WEIR", "late", "taken back", "no end") if name in wrong), "differs" if wrong else "")


def wrong_with(weir, flags, folder, made, tables):
    here = world.World(folder, tables, made.world.changing)
    connection = here.duckdb(duckdb)
    connection.execute(windows.MACROS)
    views = [(name, text, programs.resolve(text, False)) for name, text in made.views]
    for name, _, theirs in views:
        connection.execute(f"CREATE VIEW {name} AS {theirs}")
    query = made.queries[0]
    query.expected = programs.answer(connection, query.relation)
    program = programs.Program(made.number, here, made.views, made.queries)
    return program, program.run(weir, "r", flags, {})[0]


def reduced(weir, flags, folder, made):
    tables = {table: [list(rows) for rows in splits] for table, splits in made.world.tables.items()}
    _, first = wrong_with(weir, flags, folder, made, tables)
    print("as it was:", first)
    step = 16
    while step and first:
        for table, splits in tables.items():
            for number, rows in enumerate(splits):
                at = 0
                while at < len(rows):
                    fewer = rows[:at] + rows[at + step:]
                    tried = {**tables, table: splits[:number] + [fewer] + splits[number + 1:]}
                    if kind_of(wrong_with(weir, flags, folder, made, tried)[1]) == kind_of(first):
                        splits[number] = rows = fewer
                    else:
                        at += step
        step //= 2
    return wrong_with(weir, flags, folder, made, tables)


def main():
    os.environ["WEIR_LOG"] = "off"
    weir, number = str(pathlib.Path(sys.argv[1]).resolve()), int(sys.argv[2])
    insert, size = int((sys.argv[3:] or ["0"])[0]), (sys.argv[4:] or ["7"])[0]
    with tempfile.TemporaryDirectory() as folder:
        made = next(program for program in programs.Programs(duckdb, weir, pathlib.Path(folder), 10 ** 6, last=number).made if program.number == number)
        made.queries = made.queries[insert:insert + 1]
        program, wrong = reduced(weir, ["-D", f"batch_rows={size}"], pathlib.Path(tempfile.mkdtemp(prefix="weir-reduced-")), made)
    if not wrong:
        return
    print(program.text())
    for path in sorted(program.world.folder.glob("?-*")):
        print(f"-- {path.name}\n{programs.content(path)}", end="")
    print(wrong)


if __name__ == "__main__":
    main()
