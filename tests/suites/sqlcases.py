"""The cases of tests/sql, whose answers were found by thinking: each at batch sizes 1, 7 and 2048, with the
rows in one, two and five splits where their order does not matter, on every instruction set, from JSON
and CSV, and with hashes that collide. With WEIR_FULL=1 in all combinations. WEIR_SQL_CASES=word[,word]
runs the cases whose file and title contain one of the words."""

import concurrent.futures
import itertools
import os

from sqltest import check, reader

SETTINGS = [check.Setting(2048, "avx512"), check.Setting(1, "scalar"), check.Setting(7, "avx2", None, "csv"), check.Setting(1, "avx512", 2, "csv"),
            check.Setting(7, "scalar", 5), check.Setting(2048, "avx2", 5, "csv"), check.Setting(5, "avx2", 2, "json", True)]
LEAST_CASES = 300


def settings(full):
    if not full:
        return SETTINGS
    return SETTINGS + [check.Setting(*its) for its in itertools.product((1, 7, 2048), ("avx512", "avx2", "scalar"), (None, 2, 5), ("json", "csv"))]


def one(context, number, case):
    """[(setting, what is wrong)]"""
    out = []
    for setting in settings(context.full):
        if not setting.applies(case):
            continue
        folder = context.directory / f"{number}-{len(out)}"
        out.append((setting, check.Run(context.weir, case, setting, folder).wrong()))
    return out


def run(context):
    words = [word for word in os.environ.get("WEIR_SQL_CASES", "").split(",") if word]
    cases = [case for path in sorted((context.root / "tests" / "sql").rglob("*.test")) for case in reader.read(path)]
    chosen = [case for case in cases if not words or any(word in case.name for word in words)]
    waiting = [case for case in chosen if "live" in case.kinds]  # with pauses: all at once
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool, concurrent.futures.ThreadPoolExecutor(len(waiting) + 1) as waits:
        runs = [(case, (waits if case in waiting else pool).submit(one, context, number, case)) for number, case in enumerate(chosen)]
        for case, results in ((case, run.result()) for case, run in runs):
            wrong = [(setting, why) for setting, why in results if why]
            context.passed += len(results) - len(wrong)
            for setting, why in wrong[:1]:
                context.check(f"{case.name} ({setting.name})", False, f"{why}\nwrong under {len(wrong)} of {len(results)} settings")
    print(f"  {len(chosen)} cases of {len(cases)}")
    context.check("there are enough cases", len(cases) >= LEAST_CASES, len(cases))
