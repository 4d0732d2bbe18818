"""Queries for what Postgres has not and DuckDB has: structs, unsigned and tiny integers, QUALIFY."""

from oracle.generator import Query

# (text, kind, tags)
VALUES = [
    ("p.x", "i4", "type STRUCT"), ("p.y", "s", "type STRUCT"), ("q.a.b", "i4", "type STRUCT"), ("q.c", "f8", "type STRUCT"),
    ("upper(p.y)", "s", "type STRUCT, string"), ("p.x + q.a.b", "i4", "type STRUCT, math"), ("coalesce(p.x, -1)", "i4", "type STRUCT, coalesce"),
    ("CASE WHEN p.x > 2 THEN p.y ELSE k END", "s", "type STRUCT, case"), ("TRY_CAST(p.y AS INTEGER)", "i4", "type STRUCT, try"),
    ("p", "st", "type STRUCT"), ("q.a", "st", "type STRUCT"), ("CASE WHEN i > 0 THEN p END", "st", "type STRUCT, case"),
    ("ut", "i8", "type UNSIGNED"), ("ui", "i8", "type UNSIGNED"), ("ul", "i8", "type UNSIGNED"), ("us % 100", "i8", "type UNSIGNED, math"),
    ("CAST(ut AS INTEGER) - t", "i8", "type UNSIGNED, math"), ("CAST(ui AS BIGINT) * 3", "i8", "type UNSIGNED, math"),
    ("‹ul / 1000¦ul // 1000›", "i8", "type UNSIGNED, math"), ("ul % 1000", "i8", "type UNSIGNED, math"), ("CAST(us AS TEXT)", "s", "type UNSIGNED, cast"),
    ("greatest(us, us)", "i8", "type UNSIGNED, conditional"), ("CAST(f AS DOUBLE)", "f8", "cast"), ("k || p.y", "s", "type STRUCT, string"),
    ("struct_extract(p, 'x')", "i4", "type STRUCT, nested"), ("‹named_struct('a', i, 'b', k)¦struct_pack(a := i, b := k)›", "st", "type STRUCT, nested"),
    ("map_extract_value(map(ARRAY['a', 'b'], ARRAY[i, p.x]), 'b')", "i4", "nested"), ("map_values(map(ARRAY['a', 'b'], ARRAY[k, p.y]))", "at", "nested"),
    ("map_keys(map(ARRAY['a', 'z' || k], ARRAY[i, 1]))", "at", "nested"), ("cardinality(map(ARRAY[1, 2], ARRAY[i, id]))", "i4", "nested"),
    ("map_contains(map(ARRAY['tea', 'mug'], ARRAY[1, 2]), k)", "b", "nested"), ("struct_extract(q.a, 'b') + 1", "i4", "type STRUCT, nested"),
    ("TRY_CAST(t AS TINYINT UNSIGNED)", "i8", "type UNSIGNED, try"), ("least(ui, 1000000)", "i8", "type UNSIGNED, conditional"),
]
CONDITIONS = [
    ("p.x > {1}", "type STRUCT, comparison"), ("p.y <> 'tea'", "type STRUCT, comparison"), ("q.a.b IN (1, 3)", "type STRUCT, in list"),
    ("p.x IS NOT NULL AND q.c > 0", "type STRUCT, is null"), ("us > {20000}", "type UNSIGNED, comparison"), ("ul >= 1000000", "type UNSIGNED, comparison"),
    ("t BETWEEN -100 AND 90", "between"), ("ut > t", "type UNSIGNED, comparison"), ("ui < ul", "type UNSIGNED, comparison"),
    ("p.y LIKE '%e%' OR i > 0", "type STRUCT, like"), ("p IS DISTINCT FROM NULL", "type STRUCT, is distinct"), ("ut % 2 = 0", "type UNSIGNED, math"),
]
AGGREGATES = [
    ("count(*)", "i8", ""), ("count(DISTINCT p)", "i8", "type STRUCT, distinct aggregate"), ("count(p.x)", "i8", "type STRUCT"),
    ("max(ul)", "i8", "type UNSIGNED"), ("min(ut)", "i8", "type UNSIGNED"), ("CAST(sum(ui) AS BIGINT)", "i8", "type UNSIGNED"),
    ("sum(q.c)", "f8", "type STRUCT"), ("max(p.y)", "s", "type STRUCT"), ("arg_max(p.y, ul)", "s", "type STRUCT"), ("arg_min(k, ui)", "s", "type UNSIGNED"),
    ("bool_or(p.x > 2)", "b", "type STRUCT"), ("median(f)", "approx", ""), ("min(us) FILTER (WHERE p.x < 3)", "i8", "type UNSIGNED, aggregate filter"),
    ("sum(us)", "i8", "type UNSIGNED"), ("bit_or(ut)", "i8", "type UNSIGNED"),
]
KEYS = [("k", "s", ""), ("p.x", "i4", "type STRUCT"), ("p", "st", "type STRUCT"), ("q.a", "st", "type STRUCT"), ("ut % 4", "i8", "type UNSIGNED"),
        ("p.y", "s", "type STRUCT"), ("us > 30000", "b", "type UNSIGNED")]


def tagged(tags, text):
    tags.update(tag for tag in text.split(", ") if tag)


def where(rng, tags):
    if rng.random() < 0.4:
        return ""
    text, names = rng.choice(CONDITIONS)
    tags.add("filter")
    tagged(tags, names)
    return " WHERE " + text.replace("{1}", str(rng.randrange(3))).replace("{20000}", str(rng.randrange(40000)))


def named(items):
    return ", ".join(f"{text} AS c{n}" for n, (text, _, _) in enumerate(items)), [(f"c{n}", kind) for n, (_, kind, _) in enumerate(items)]


def query(rng):
    tags = set()
    shape = rng.choice(["project", "aggregate", "aggregate", "distinct", "qualify", "qualify", "nested"])
    if shape == "aggregate":
        keys = rng.sample(KEYS, rng.randrange(0, 3))
        chosen = keys + rng.sample(AGGREGATES, rng.randrange(1, 4))
        items, columns = named(chosen)
        text = f"SELECT {items} FROM st{where(rng, tags)}" + (" GROUP BY " + ", ".join(str(n + 1) for n in range(len(keys))) if keys else "")
        tags |= {"hash aggregate", "aggregate", "depth 1"}
    else:
        chosen = rng.sample(VALUES, rng.randrange(1, 5))
        items, columns = named(chosen)
        tags |= {"depth 1", "project"}
        text = f"SELECT {'DISTINCT ' if shape == 'distinct' else ''}{items} FROM st{where(rng, tags)}"
        if shape == "distinct":
            tags.add("distinct")
        if shape == "qualify":
            text += f" QUALIFY row_number() OVER (PARTITION BY {rng.choice(['k', 'p.x', 'p.y'])} ORDER BY id{rng.choice(['', ' DESC'])}) <= {rng.randrange(1, 4)}"
            tags |= {"qualify", "window function"}
        if shape == "nested":
            kinds = dict(columns)
            outer = [name for name in kinds if kinds[name] != "st"]
            text = f"SELECT {', '.join([*kinds, 'count(*) AS n'])} FROM ({text}) AS i GROUP BY ALL HAVING count(*) >= 1" if not outer else \
                f"SELECT {', '.join(outer)}, count(*) AS n FROM ({text}) AS i GROUP BY {', '.join(outer)}"
            columns = [(name, kinds[name]) for name in (outer or kinds)] + [("n", "i8")]
            tags = (tags - {"depth 1"}) | {"depth 2", "hash aggregate", "aggregate"}
            if not outer:
                return query(rng)
    for item in chosen:
        tagged(tags, item[2])
    return Query(text, columns, False, frozenset(tags), 1, "duckdb")
