"""Generated streaming programs: what `weir run` writes, its changes summed, is DuckDB's batch answer over
the same rows, in one, two or five splits, at batch sizes 1, 7 and 2048, and with hashes that collide. No
row is late, none is taken back that is not out, and what is final is written once. Some of them run once more over
inputs that stay open, with splits that fall silent. 200 programs; with
WEIR_FULL=1 2,000, with the table of what they hold."""

import concurrent.futures
import os

from oracle.streams import coverage, idle, programs

SETTINGS = [("2048", ["-D", "batch_rows=2048"], {}), ("7", ["-D", "batch_rows=7"], {}), ("1", ["-D", "batch_rows=1"], {}),
            ("collide", ["-D", "batch_rows=5"], {"WEIR_TEST_HASH_COLLIDE": "1"})]


def run(context):
    try:
        import duckdb
    except ImportError as missing:
        context.skip("all", f"{missing}")
        return
    count = int(os.environ.get("WEIR_STREAM_PROGRAMS", 2000 if context.full else 200))
    made = programs.Programs(duckdb, context.weir, context.directory, count)
    failed = set()
    for name, flags, env in SETTINGS:
        for program, wrong in made.run(context.weir, name, flags, env):
            for n, why in enumerate(wrong):
                first = (program.number, n) not in failed
                if why or first:
                    context.check(f"program {program.number}, INSERT {n}, {name}", not why, f"{why}\n{program.queries[n].text()}" if first else "as before")
                if why:
                    failed.add((program.number, n))
    idling(context, made)
    report(context, made)


def idling(context, made):
    """Some of the programs with splits that fall silent while the job runs."""
    several = [program for program in made.made if "several splits" in program.tags and "final" in program.tags]
    tried = several[:400 if context.full else 24]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda program: idle.Idle(program, program.number).wrong(context.weir), tried))
    for program, why in zip(tried, results):
        if why is not None:
            context.check(f"program {program.number}, idle splits", not why, why)
    print(f"  {sum(why is not None for why in results)} programs with idle splits")
    context.check("enough programs have idle splits", sum(why is not None for why in results) >= len(tried) // 2, len(tried))


def report(context, made):
    queries = [query for program in made.made for query in program.queries]
    share = sum(bool(query.expected) for query in queries) / len(queries)
    print(f"  {len(made.made)} programs, {len(queries)} queries, {share:.0%} with rows; not asked: {made.not_executed} programs that weir says "
          f"it does not execute, {len(made.refused)} queries that DuckDB refuses, {made.too_many} with too many rows")
    context.check("enough queries have rows", share >= coverage.ROWS_SHARE, f"{share:.0%}")
    context.check("few programs are not executed", made.not_executed <= len(made.made) // 5, made.not_executed)
    context.check("few queries are refused", len(made.refused) <= len(queries) // 20, made.refused[:3])
    if context.full:
        counted = coverage.count(made.made)
        print(coverage.table(counted), flush=True)
        context.check("each class is in enough programs", not coverage.seldom(counted), coverage.seldom(counted))
