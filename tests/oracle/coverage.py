"""How many queries hold each operator, type, form of syntax and function class."""

from oracle import data

LEAST = 20
ROWS_SHARE = 0.7

OPERATORS = ["project", "filter", "hash aggregate", "aggregate filter", "distinct aggregate", "ordered aggregate", "within group", "with ties", "grouping sets",
             "having", "distinct", "union all", "union", "intersect", "intersect all", "except", "except all", "order by", "limit", "offset", "values",
             "series", "unnest", "cte", "shared sub-plan", "view", "join", "left join", "right join", "full join", "cross join", "in subquery",
             "exists subquery", "scalar subquery", "tumble", "window function", "qualify", "several inserts"]
FORMS = ["case", "coalesce", "nullif", "between", "in list", "is null", "is truth", "is distinct", "logic", "cast", "try", "extract", "like", "similar",
         "regex", "subscript", "array constructor"]
TYPES = ["type " + name for name in sorted({its.split("(")[0] for its in data.TYPES.values()} | {"STRUCT", "UNSIGNED"})]
DEPTHS = ["depth 1", "depth 2", "depth 3", "depth 4"]


def count(queries, classes):
    """[(group, [(class, queries)])]"""
    tags = {}
    for query in queries:
        for tag in query.tags:
            tags[tag] = tags.get(tag, 0) + 1
    groups = [("operators", OPERATORS), ("types", TYPES), ("function classes", sorted(classes)), ("forms", FORMS), ("depth", DEPTHS)]
    return [(group, [(name, tags.get(name, 0)) for name in names]) for group, names in groups]


def table(counted):
    """The counts as text."""
    lines = []
    for group, counts in counted:
        lines.append(f"  {group}: " + ", ".join(f"{name.removeprefix('type ').removeprefix('depth ')} {number}" for name, number in counts))
    return "\n".join(lines)


def seldom(counted, least=LEAST):
    return [f"{name}: {number}" for _, counts in counted for name, number in counts if number < least]
