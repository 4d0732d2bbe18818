"""Generated queries: weir's answers are those of Postgres (DuckDB for what Postgres has not) over the
same files, at every batch size, on every instruction set, with hashes that collide. 200 queries;
with WEIR_FULL=1 1,000, at all sizes on all sets, with the table of what they hold."""

import os

from oracle import cases, coverage, engines, jobs

SETS = ["avx512", "avx2", "scalar"]


def settings(full):
    """[(flags, environment)]: the last is for hashes."""
    pairs = [(size, name) for size in (2048, 7, 1) for name in SETS] if full else \
        [(2048, "avx512"), (2048, "avx2"), (2048, "scalar"), (7, "avx512"), (1, "avx2")]
    return [(["-D", f"batch_rows={size}"], {"WEIR_CPU": name}) for size, name in pairs] + [([], {"WEIR_TEST_HASH_COLLIDE": "1"})]


def run(context):
    weir = engines.Weir(context.weir, context.directory)
    count = int(os.environ.get("WEIR_ORACLE_QUERIES", 1000 if context.full else 200))
    made = cases.Cases(weir, context.directory, count, int(os.environ.get("WEIR_ORACLE_SEED", cases.SEED)))
    for reason in made.skipped:
        context.skip("all", reason)
    if not made.cases:
        return
    context.check("every form is known to weir", not made.left_out, made.left_out)
    wrong = set()
    for flags, env in settings(context.full):
        if weir.call("SELECT 1 AS x;", flags, env).returncode != 0:
            context.skip(f"{env}", "this machine has not these instructions")
            continue
        for n, (case, answer) in enumerate(zip(made.cases, weir.ask([case.query for case in made.cases], flags, env))):
            ok = case.agrees(answer)
            if ok or n not in wrong:
                context.check(f"query {n} {' '.join(flags)} {env}", ok, "" if ok else case.difference(answer))
            if not ok:
                wrong.add(n)
    for query, answer in zip(made.failing, weir.ask(made.failing)):
        context.check("fails as in Postgres", isinstance(answer, engines.Failed) and "WEIR-" in str(answer), f"{query.text}\n{answer}")
    asked = jobs.run(context, weir, made.cases[:count // 4])
    report(context, made, asked)


def report(context, made, asked):
    counted = coverage.count([case.query for case in made.cases], made.classes)
    counted[0][1][-1] = ("several inserts", asked)
    share = made.with_rows() / len(made.cases)
    print(f"  {len(made.cases)} queries, {share:.0%} with rows, {len(made.failing)} that fail in both, "
          f"{len(made.refused)} not asked: Postgres or DuckDB refuses them")
    if context.full:
        print(coverage.table(counted), flush=True)
        context.check("each class is in enough queries", not coverage.seldom(counted), coverage.seldom(counted))
    context.check("enough queries have rows", share >= coverage.ROWS_SHARE, f"{share:.0%}")
    context.check("few queries are refused", len(made.refused) <= len(made.cases) // 8, len(made.refused))
