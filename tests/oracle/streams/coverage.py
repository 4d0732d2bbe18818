"""How many programs hold each window, join, and operator."""

from oracle.coverage import ROWS_SHARE, seldom, table  # noqa: F401

JOINS = ["INNER", "LEFT", "RIGHT", "FULL", "SEMI", "ANTI"]

GROUPS = [
    ("windows", [*(f"window {kind}" for kind in ("tumble", "hop", "cumulate", "session")), "window over windows", "window of a column", "session of a column", "window as a table"]),
    ("joins", [*(f"{how} join {kind}" for how in ("interval", "windowed", "updating") for kind in JOINS), "join CROSS", "join of streams", "join condition", "outer join under where",
               "join without key", "ASOF join", "ASOF LEFT join", "asof join condition"]),
    ("aggregates", ["aggregate", "aggregate distinct", "aggregate ordered", "aggregate filter", "percentile", "having", "grouping sets", "window function over grouping sets"]),
    ("rows", ["project", "filter", "distinct", "distinct on", "top-n", "qualify", "offset", "window function", "values", "cte", "shared sub-plan"]),
    ("sets", ["union", "union all", "intersect", "intersect all", "except", "except all", "union of streams"]),
    ("subqueries", ["in subquery", "not in subquery", "exists subquery", "scalar subquery", "correlated subquery", "subquery with or", "row subquery", "any or all", "unequal to any or all", "exists by order",
                    "nested subquery", "subquery in select", "subquery in on", "subquery in having"]),
    ("programs", ["several inserts", "shared view", "final", "several splits", "EMIT CHANGES", "EMIT EVERY", "EMIT CHANGES of sessions", "EMIT EVERY of sessions", "late drop", "late update", "late side", "late update of sessions", "late side of sessions", "changes in g", "changes in h", "depth 1", "depth 2", "depth 3", "depth 4"]),
]


def count(programs):
    """[(group, [(class, programs)])]"""
    return [(group, [(name, sum(name in program.tags for program in programs)) for name in names]) for group, names in GROUPS]
