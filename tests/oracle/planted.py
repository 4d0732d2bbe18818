#!/usr/bin/env python3
"""Puts bugs into a copy of the sources, one at a time, and sees whether the generated queries notice.

A bug is a file, a text that stands there once, and what it becomes. Every one must be caught: an
answer that differs, a query that no longer fails (or fails), or a crash, at one of four settings.

usage: planted.py FOLDER [NUMBER or word of a title…]    FOLDER keeps the copy and its build"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from oracle import cases, engines, jobs  # noqa: E402

SETTINGS = [(["-D", "batch_rows=2048"], {"WEIR_CPU": "avx512"}), (["-D", "batch_rows=2048"], {"WEIR_CPU": "avx2"}),
            (["-D", "batch_rows=7"], {"WEIR_CPU": "scalar"}), ([], {"WEIR_TEST_HASH_COLLIDE": "1"})]
CHUNK = 125
JOBS = 250  # queries asked as INSERTs of jobs, too

BUGS = [
    # Kernels.
    ("selection: the last lanes are forgotten (AVX-512)", "src/kernel/loops.inc.h",
     "            index = _mm512_add_epi32(index, sixteen);\n        }\n    }\n    return select_rest(lanes, validity, i, count, out, n);",
     "            index = _mm512_add_epi32(index, sixteen);\n        }\n    }\n    return select_rest(lanes, validity, i, count - (count > i), out, n);"),
    ("selection: nulls count as true (AVX2)", "src/kernel/loops.inc.h",
     "mask &= (unsigned)(validity[i / 64] >> (i & 63));", "mask &= (unsigned)(validity[i / 64] >> (i & 63)) | 1;"),
    ("comparison: NaN is less than numbers", "src/kernel/loops.inc.h",
     "#define LESS_FLOAT (x < y) | ((y != y) & (x == x))", "#define LESS_FLOAT (x < y) | ((x != x) & (y == y))"),
    ("addition: overflow is not seen", "src/kernel/loops.inc.h",
     "bad |= (mask)((x ^ r) & (y ^ r));", "bad |= (mask)((x ^ r) & (y ^ r) & 0);"),
    ("integer division rounds to nearest", "src/kernel/arithmetic.c",
     "remainder ? x % y : x / y", "remainder ? x % y : (x > 0 && y > 1 ? (x + y / 2) / y : x / y)"),
    ("OR of false and null is false", "src/expr/special.c",
     "any_true | all_false;", "any_true | any_false;"),
    ("decimals are cut, not rounded", "src/value/decimal.c",
     "return quotient + (rest >= power - rest);", "return quotient;"),
    ("sum of decimals: the high part is lost", "src/kernel/aggregate/sum.c",
     "wide_add_parts(sum, (weir_u128)value, value < 0 ? -1 : 0);", "wide_add_parts(sum, (weir_u128)(uint64_t)value, 0);"),
    ("least of doubles: NaN is not greatest", "src/kernel/aggregate/minmax.c",
     "#define LESS_FLOAT(a, b) ((a) < (b) || ((b) != (b) && (a) == (a)))", "#define LESS_FLOAT(a, b) ((a) < (b))"),
    ("LIKE: an escaped % is any text", "src/kernel/string/like.c",
     "        cursor->rest = weir_slice_from(cursor->rest, character->size);\n        return LIKE_CHARACTER;",
     "        cursor->rest = weir_slice_from(cursor->rest, character->size);\n        return *character->data == '%' ? LIKE_ANY_RUN : LIKE_CHARACTER;"),
    ("length counts bytes", "src/kernel/string/measure.c",
     "(int32_t)weir_utf8_count(weir_arg_text(call, 0, lane))", "(int32_t)weir_arg_text(call, 0, lane).size"),
    ("substring from before the first character is too long", "src/kernel/string/part.c",
     "*end = to < 0 ? 0 : (size_t)to;", "*end = to < 0 ? 0 : (size_t)(from < 0 ? to - from : to);"),
    ("text: of two with a common beginning the longer is less", "src/base/slice.c",
     "return (a.size > b.size) - (a.size < b.size);", "return (a.size < b.size) - (a.size > b.size);"),
    ("date_trunc: weeks begin on Sunday", "src/kernel/time/truncate.c",
     "*out = days - (weir_civil_iso_weekday(days) - 1);", "*out = days - weir_civil_iso_weekday(days) % 7;"),
    ("ISO week of the last days of a year", "src/value/civil.c",
     "int32_t thursday = days - weir_civil_iso_weekday(days) + 4;", "int32_t thursday = days - weir_civil_iso_weekday(days) + 3;"),
    ("IS DISTINCT FROM: two nulls are distinct", "src/kernel/compare.c",
     "bool is_distinct = null_a != null_b;", "bool is_distinct = null_a || null_b;"),
    # Rules.
    ("filter goes below LIMIT", "src/plan/rules_push.c",
     "if (rel->of.sort.limit >= 0 || rel->of.sort.offset)\n            return wrap", "if (rel->of.sort.offset)\n            return wrap"),
    ("filter goes below an outer join", "src/plan/rules_push.c",
     "return !join->sides[side].keep_unmatched;", "return !join->sides[side].keep_unmatched || side == 0;"),
    ("an outer join is inner whatever is asked of nulls", "src/plan/rules_outer.c",
     "return (arg & true_for ? MAY_BE_TRUE : 0) | (arg & ~true_for ? MAY_BE_FALSE : 0);", "return arg & MAY_BE_NULL ? MAY_BE_NULL : MAY_BE_TRUE | MAY_BE_FALSE | true_for;"),
    ("pruning forgets the columns of ORDER BY", "src/plan/rules_prune.c",
     "for (uint32_t i = 0; i < rel->of.sort.order_count; i++)\n            input->required",
     "for (uint32_t i = 1; i < rel->of.sort.order_count; i++)\n            input->required"),
    ("sub-plans that differ in a constant are one", "src/plan/fingerprint.c",
     "        weir_expr_print(expr, NULL, out);\n        weir_buffer_append_char(out, ':');", "        weir_buffer_append_char(out, ':');"),
    ("UNION is UNION ALL", "src/plan/bind_query.c",
     "return !rel || body->set.all ? rel : plan_rel_distinct(b, rel, body->position);", "return rel;"),
    ("folding: NULL in COALESCE ends the list", "src/expr/fold.c",
     "        if (is_null(expr->args[i]))\n            continue;\n        args[count++] = expr->args[i];\n        if (is_constant(expr->args[i]))",
     "        args[count++] = expr->args[i];\n        if (is_constant(expr->args[i]))"),
    ("folding: AND with NULL is NULL", "src/expr/fold.c",
     "        if (truth == 1 - decisive)\n            neutral = expr->args[i];",
     "        if (is_null(expr->args[i]))\n            return expr->args[i];\n        if (truth == 1 - decisive)\n            neutral = expr->args[i];"),
    # Operators.
    ("LIMIT ignores OFFSET", "src/exec/op_sort.c",
     "sort->to_skip = plan->offset > 0 ? (uint64_t)plan->offset : 0;", "sort->to_skip = 0;"),
    ("descending order puts nulls last", "src/plan/bind_query.c",
     "ast->nulls == WEIR_SQL_NULLS_DEFAULT ? ast->descending :", "ast->nulls == WEIR_SQL_NULLS_DEFAULT ? false :"),
    ("DISTINCT lets a value pass twice", "src/exec/op_distinct.c",
     "        seen = 1;\n", "        seen = i > 0;\n"),
    ("FILTER of an aggregate takes null for true", "src/exec/aggregate_update.c",
     "!weir_column_is_null(filter, lane) && values[weir_column_index(filter, lane)] != 0;",
     "weir_column_is_null(filter, lane) || values[weir_column_index(filter, lane)] != 0;"),
    ("count(DISTINCT) counts over all groups", "src/exec/aggregate_update.c",
     "room->groups[rows_lane(rows, i)] = rows->ids[i];", "room->groups[rows_lane(rows, i)] = 0;"),
    ("outer join: rows without a match are lost", "src/exec/op_join.c",
     "        bool matched = can_match && at->matches[lane] != 0;", "        bool matched = at->matches[lane] != 0 || (!can_match && !semi);"),
    # State.
    ("group keys: null equals a value", "src/state/table_generic.c",
     "            if (row_null || lane_null) {\n                candidates->equal[c] &= row_null == lane_null;",
     "            if (row_null || lane_null) {\n                candidates->equal[c] &= 1;"),
    ("growth of a table loses a row", "src/state/table_buckets.c",
     "    table->move_next = 0;\n    table->move_end", "    table->move_next = 1;\n    table->move_end"),
    ("a key that is missing keeps the value of the row before", "src/format/json_shape.c",
     "    json_leaf_set_null(&decoder->tree.leaves[leaf], row);", "    if (row == 0)\n        json_leaf_set_null(&decoder->tree.leaves[leaf], row);"),
]


def copy_tree(folder):
    """Makes the copy what the sources are; files that did not change stay, so that little is built."""
    tree = folder / "tree"
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True)
    names = {name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file() and not name.startswith(("docs/", "examples/"))}
    for path in tree.rglob("*"):
        if path.is_file() and str(path.relative_to(tree)) not in names:
            path.unlink()
    for name in names:
        content = (ROOT / name).read_bytes()
        if not (tree / name).exists() or (tree / name).read_bytes() != content:
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            (tree / name).write_bytes(content)


def build(folder):
    """Builds the copy; returns the program's path, or what the compiler says."""
    if not (folder / "build" / "build.ninja").exists():
        compiler = "ccache gcc" if shutil.which("ccache") else "gcc"
        got = subprocess.run(["meson", "setup", str(folder / "build"), str(folder / "tree"), "--buildtype=release", "-Dtests=false"],
                             env=dict(os.environ, CC=os.environ.get("CC", compiler)), capture_output=True)
        if got.returncode != 0:
            return None, got.stdout.decode()[-1500:]
    got = subprocess.run(["ninja", "-C", str(folder / "build"), "src/cli/weir"], capture_output=True)
    if got.returncode != 0:
        return None, got.stdout.decode()[-1500:]
    return str(folder / "build" / "src" / "cli" / "weir"), ""


def first_difference(made, weir):
    """(what was seen, how many queries were asked), or (None, …)."""
    asked = 0
    for number, (flags, env) in enumerate(SETTINGS):
        if number == 1:
            for case, answer in jobs.answers(weir, made.cases[:JOBS], weir.directory):
                asked += 1
                if not case.agrees(answer):
                    return "an INSERT of a job: " + case.difference(answer)[:700].replace("\n", " / "), asked
        if weir.call("SELECT 1 AS x;", flags, env).returncode != 0:
            continue
        for at in range(0, len(made.cases), CHUNK):
            part = made.cases[at:at + CHUNK]
            for n, (case, answer) in enumerate(zip(part, weir.ask([case.query for case in part], flags, env))):
                asked += 1
                if not case.agrees(answer):
                    return f"query {at + n} {' '.join(flags)} {' '.join(env.values())}", asked
            if at == 0:
                for query, answer in zip(made.failing, weir.ask(made.failing, flags, env)):
                    if not isinstance(answer, engines.Failed):
                        return f"does not fail: {query.text}", asked
    return None, asked


def plant(folder, made, directory, title, name, old, new):
    path = folder / "tree" / name
    original = path.read_text() if path.is_file() else ""
    if original.count(old) != 1:
        return False, f"the text stands {original.count(old)} times in {name}"
    try:
        path.write_text(original.replace(old, new))
        program, problem = build(folder)
        if program is None:
            return False, "does not build: " + problem
        seen, asked = first_difference(made, engines.Weir(program, directory))
        return seen is not None, f"caught by {seen}" if seen else f"not caught by {asked} answers"
    finally:
        path.write_text(original)


def main():
    folder = pathlib.Path(sys.argv[1]).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    copy_tree(folder)
    program, problem = build(folder)
    if program is None:
        sys.exit("planted: the sources do not build:\n" + problem)
    directory = pathlib.Path(tempfile.mkdtemp(prefix="weir-planted-"))
    made = cases.Cases(engines.Weir(program, directory), directory, int(os.environ.get("WEIR_ORACLE_QUERIES", 1000)))
    if made.skipped:
        print("skipped planted:", "; ".join(made.skipped))
        print("0 passed, 0 failed, 1 skipped")
        return 0
    seen, asked = first_difference(made, engines.Weir(program, directory))
    print(f"without a bug: {asked} answers" + (f", and one differs: {seen}" if seen else ", all right"), flush=True)
    failed = int(seen is not None)
    passed = int(seen is None)
    for number, (title, *bug) in enumerate(BUGS, 1):
        words = sys.argv[2:]
        if words and not any(word == str(number) or word in title for word in words):
            continue
        start = time.monotonic()
        ok, why = plant(folder, made, directory, title, *bug)
        print(f"{'ok    ' if ok else 'FAILED'} {number:2} {title}: {why} ({time.monotonic() - start:.0f} s)", flush=True)
        passed += ok
        failed += not ok
    shutil.rmtree(directory, ignore_errors=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
