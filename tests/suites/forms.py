"""Forms of SQL, generated in many variants: joins of several inputs in any order. The answer of `weir sql`, and the sum
of the changes that `weir run` prints, are DuckDB's, at every batch size."""

import random

from suites import changes

# Inputs of very different sizes; what is not a table has the columns k, j, v, too.
INPUTS = ["a", "b", "c", "(VALUES (1, 2, 3), (2, 1, 4)) AS {0}(k, j, v)", "(SELECT k, j, max(v) AS v FROM b GROUP BY k, j)",
          "(SELECT k, j, v FROM a WHERE s = 'x' AND v > 3)", "(SELECT a.k, a.j, c.v FROM a LEFT JOIN c ON a.k = c.k)",
          "(SELECT g AS k, g % 3 AS j, 5 AS v FROM generate_series(1, 4) AS t(g))", "(SELECT * FROM a WHERE k IN (SELECT j FROM c) LIMIT 1000)"]


def joined(rng):
    """A comma list in any order, with equalities that connect everything and conditions that do not; and how many tables."""
    count = rng.choice([3, 3, 4, 4, 5])
    names = [f"t{i}" for i in range(count)]
    sources = []
    for name in names:
        source = rng.choice(INPUTS)
        sources.append(source.format(name) if "{0}" in source else f"{source} AS {name}")
    conditions = []
    for i in range(1, count):
        other = names[rng.randrange(i)]
        column = rng.choice("kjj")
        conditions.append(rng.choice([f"{names[i]}.{column} = {other}.{rng.choice('kj')}", f"{other}.{column} = {names[i]}.{column}",
                                      f"{other}.k IS NOT DISTINCT FROM {names[i]}.k AND {other}.j = {names[i]}.j"]))
    for _ in range(rng.choice([0, 0, 1, 2])):
        one, two = rng.sample(names, 2)
        conditions.append(rng.choice([f"{one}.v < {two}.v", f"{one}.v + {two}.v > 12", f"{one}.v = 5", f"{one}.k + 1 = {two}.j",
                                      f"(({one}.k = {two}.k AND {one}.v > 4) OR ({one}.v <= 2 AND {one}.k = {two}.k))",
                                      f"({one}.k = {two}.k OR {one}.v = {two}.v)"]))
    rng.shuffle(conditions)
    rng.shuffle(sources)
    sums = ", ".join(f"sum({name}.v) AS {name}" for name in names)
    return f"SELECT t0.k, count(*) AS n, {sums} FROM {', '.join(sources)} WHERE {' AND '.join(conditions)} GROUP BY t0.k"


def orders(context, duckdb):
    rng = random.Random(31)
    for number in range(8 if context.full else 2):
        world = changes.World(context, duckdb, rng, number)
        for _ in range(30 if context.full else 15):
            query = joined(rng)
            changes.compare(context, world, query)
            plan = context.run("sql", world.ddl + "EXPLAIN " + query).stdout.decode()
            context.check(f"no product: {query}", not any("JOIN inner" in line and " on " not in line for line in plan.splitlines()), plan)


def sizes(context):
    """Files of known size and rows of constants are joined before larger inputs, whatever the order in FROM."""
    ddl = ""
    for table, rows in (("large", 20000), ("middle", 3000), ("small", 50)):
        path = context.write(f"{table}.csv", "k,j\n" + "".join(f"{i % 7000},{i % 50}\n" for i in range(rows)))
        ddl += f"CREATE TABLE {table} (k BIGINT, j BIGINT) WITH (connector = 'file', path = '{path}', format = 'csv');\n"

    def first_joined(query):
        """The scans of a plan, innermost join first."""
        plan = context.run("sql", ddl + "EXPLAIN " + query).stdout.decode()
        lines = [line for line in plan.splitlines() if "SCAN" in line or "VALUES" in line]
        deepest = sorted(lines, key=lambda line: len(line) - len(line.lstrip()), reverse=True)
        return plan, {word for line in deepest[:2] for word in ("large", "middle", "small", "VALUES") if word in line}

    for query, expected in (
            ("SELECT count(*) FROM large l, middle m, small s WHERE l.k = m.k AND l.j = s.j", {"large", "small"}),
            ("SELECT count(*) FROM middle m, large l, small s WHERE l.k = m.k AND m.j = s.j", {"middle", "small"}),
            ("SELECT count(*) FROM large l, middle m, (VALUES (1), (2)) v(k) WHERE l.k = m.k AND l.j = v.k", {"large", "VALUES"}),
            ("SELECT count(*) FROM large l JOIN middle m ON l.k = m.k JOIN small s ON s.k = m.j AND s.j = 3", {"middle", "small"}),
            ("SELECT count(*) FROM large l, small s, middle m WHERE l.k = m.k AND l.j = s.j AND m.j = 1 AND m.k = 2", {"large", "middle"})):
        plan, got = first_joined(query)
        context.check(f"sizes: {query}", got == expected, plan)
    # Not across an outer join: what it keeps, it keeps.
    query = "SELECT count(*) AS n FROM large l LEFT JOIN middle m ON l.k = m.k, small s WHERE m.j = s.j"
    got = context.run("sql", "-o", "csv", ddl + query)
    middle = {i % 7000: i % 50 for i in range(3000)}
    wanted = sum(middle.get(i % 7000, -1) == k % 50 for i in range(20000) for k in range(50))
    context.check("sizes: outer", got.stdout.decode() == f"n\n{wanted}\n", f"{got.stdout} {wanted}")
    # Bounds of event times stay together.
    timed = ("CREATE TABLE {0} (at TIMESTAMP, k BIGINT, WATERMARK FOR at) WITH (connector = 'file', path = '{0}.csv', format = 'csv', follow = 'true');\n")
    for table in "lr":
        context.write(f"{table}.csv", "at,k\n")
    program = context.write("bounds.sql", timed.format("l") + timed.format("r") + ddl + "EXPLAIN SELECT l.k FROM small s, l, r "
                            "WHERE l.k = s.k AND r.k = s.k AND l.k = r.k AND r.at >= l.at;\n")
    got = context.run("run", program).stdout.decode()
    context.check("sizes: time bounds", "right rows until at" in got, got)


def run(context):
    sizes(context)
    try:
        import duckdb
    except ImportError as missing:
        context.skip("all", f"{missing}")
        return
    orders(context, duckdb)
