"""Relations of every kind, nested: what changes as rows come, beside the windows of windows.py."""

from oracle.streams import world
from oracle.streams.relations import JOINS, KEYS, ORDERED, Draw, Relation, prefixed
from oracle.streams.subqueries import Subqueries
from oracle.streams.windows import Windows

SHAPES = [("of time", 34), ("join", 16), ("aggregate", 9), ("top", 9), ("over", 5), ("set operation", 9), ("distinct", 4), ("subquery", 10), ("scalar subquery", 5),
          ("nested subquery", 6), ("subquery as a value", 4), ("subquery in on", 4), ("subquery in having", 3), ("shared", 4), ("closest", 5), ("window of a column", 4), ("table function", 4), ("projection", 4)]


class Generator(Draw, Windows, Subqueries):
    def __init__(self, rng):
        super().__init__(rng)
        self.views = []

    def base(self, name=None):
        return Relation(name or self.rng.choice("abc"), world.COLUMNS, [("ts", False)], True)

    def changing(self):
        """A table whose rows are updated and deleted."""
        name = self.rng.choice("gh")
        self.note("changes in", f"changes in {name}")
        return Relation(name, world.CHANGING_COLUMNS, None, False)

    def relation(self, depth):
        if depth <= 0 and self.rng.random() < 0.3:
            return self.changing()
        if depth <= 0:
            return self.rng.choice(self.views) if self.views and self.rng.random() < 0.5 else self.base()
        make = {"of time": self.timed, "join": self.join, "aggregate": self.aggregate, "top": self.top, "over": self.over, "set operation": self.set_operation,
                "distinct": self.distinct, "subquery": self.subquery, "scalar subquery": self.scalar,
                "nested subquery": self.nested, "subquery as a value": self.selected, "subquery in on": self.in_on, "subquery in having": self.in_having, "shared": self.shared, "closest": self.closest,
                "window of a column": self.of_column, "table function": self.table_function, "projection": self.projection}
        return make[self.rare([("shape " + name, weight) for name, weight in SHAPES])[0].removeprefix("shape ")](depth)

    def some(self, depth):
        """Of a depth up to this one."""
        return self.relation(self.rng.randrange(0, depth + 1))

    def projection(self, depth):
        relation = self.relation(depth - 1)
        self.note("project")
        columns = prefixed(relation, "q")
        items, made = self.named([self.value(columns) for _ in range(self.rng.randrange(1, 5))] + self.rng.sample(columns, min(2, len(columns))))
        return Relation(f"SELECT {items} FROM {relation.source('q')}{self.where(columns, 0.5)}", made, None, relation.final, relation.depth + 1)

    # Joins.

    def equality(self, left, right):
        """x.a = y.b, or two of them; TRUE where no kinds meet."""
        pairs = [(a, b) for a, its in left.columns for b, other in right.columns if its == other and its in KEYS]
        if not pairs:
            return "TRUE"
        numbers = [(a, b) for a, b in pairs if (a, "i") in left.columns] or pairs
        chosen = self.rng.sample(numbers, min(len(numbers), self.rng.choice([1, 1, 1, 2])))
        return " AND ".join(self.rng.choice([f"x.{a} = y.{b}"] * 5 + [f"x.{a} IS NOT DISTINCT FROM y.{b}"]) for a, b in chosen)

    def join(self, depth):
        left, right = self.relation(depth - 1), self.some(min(depth - 1, 2))
        if self.rng.random() < 0.5:
            left, right = right, left
        if self.rng.random() < 0.1:
            return self.cross(left)
        kind = self.join_kind("updating join")
        on = self.equality(left, right)
        if self.rng.random() < 0.4:
            self.note("join condition")
            on += f" AND {self.comparison([*prefixed(left, 'x'), *prefixed(right, 'y')])}"
        elif self.rng.random() < 0.1:
            self.note("join without key")
            on = self.comparison([*prefixed(left, "x"), *prefixed(right, "y")])
        items, columns, _ = self.sides(Relation(left.text, left.columns, [], depth=left.depth), Relation(right.text, right.columns, [], depth=right.depth), kind)
        outer = kind in ("LEFT", "RIGHT", "FULL")
        where = self.where([*prefixed(left, "x"), *(prefixed(right, "y") if kind not in ("SEMI", "ANTI") else [])], 0.5 if outer else 0.2)
        if outer and where:
            self.note("outer join under where")
        return Relation(f"SELECT {items} FROM {left.source('x')} {kind} JOIN {right.source('y')} ON {on}{where}", columns, None, False, max(left.depth, right.depth) + 1)

    def cross(self, left):
        """With one row of totals, or a few constants."""
        self.note("join CROSS")
        base = self.base()
        items, columns = self.named(self.aggregates(prefixed(base, "q"), 2))
        side = f"(SELECT {items} FROM {base.source('q')})"
        if self.rng.random() < 0.6:
            self.note("values")
            columns = [(self.fresh(), "i"), (self.fresh(), "s")]
            side = f"(SELECT * FROM (VALUES (1, 'x'), (2, NULL), (NULL, 'y')) AS z({', '.join(name for name, _ in columns)}))"
        chosen = self.rng.sample(prefixed(left, "x"), min(4, len(left.columns))) + prefixed(Relation("", columns), "y")
        items, made = self.named(chosen)
        return Relation(f"SELECT {items} FROM {left.source('x')} CROSS JOIN {side} AS y", made, None, False, left.depth + 1)

    def shared(self, depth):
        """A relation joined with itself, or with its own totals."""
        relation = self.relation(depth - 1)
        self.note("cte", "shared sub-plan")
        name, keys = "w" + self.fresh(), relation.of("is") or relation.columns[:1]
        key = self.rng.choice(keys)[0]
        measured = self.rng.choice(relation.of(ORDERED) or relation.columns)[0]
        its = dict(relation.columns)[measured]
        call, its = ("count", "i") if its in "bw" else ("max", its)  # those have no greatest
        items, columns = self.named(self.rng.sample(prefixed(relation, "x"), min(4, len(relation.columns))) + [("y.m", its), ("y.c", "i")])
        kind = self.rng.choice(["JOIN", "LEFT JOIN"])
        extra = self.rng.choice([f" AND x.{measured} = y.m", ""]) if call == "max" else self.rng.choice(["", ""])
        text = (f"WITH {name} AS ({relation.text if relation.depth else f'SELECT * FROM {relation.text}'}) SELECT {items} FROM {name} AS x {kind} "
                f"(SELECT {key} AS g, {call}({measured}) AS m, count(*) AS c FROM {name} GROUP BY {key}) AS y ON x.{key} = y.g{extra}")
        return Relation(text, columns, None, False, relation.depth + 2)

    def closest(self, depth):
        """Each row with the one of another relation that is closest in time, of those that meet a condition; there is one of each key and time."""
        left, right = self.relation(depth - 1), self.some(min(depth - 1, 2))
        left, right = (side if side.of("t") else self.base() for side in (left, right))
        time = self.rng.choice(right.of("t"))[0]
        keys = [(a, b, kind) for a, kind in left.columns for b, other in right.columns if kind == other and kind in "is"]
        a, b, kind = self.rng.choice(keys) if keys and self.rng.random() < 0.9 else (None, time, "t")
        items, found = self.named([(f"q.{time}", "t"), (f"q.{b}", kind), *self.aggregates(prefixed(right, "q"), 2)])
        source = f"(SELECT {items} FROM {right.source('q')}{self.where(prefixed(right, 'q'), 0.2)} GROUP BY q.{time}, q.{b}) AS y"
        on = f"x.{a} = y.{found[1][0]} AND " if a else ""
        order = self.rng.choice([">=", ">=", ">", "<=", "<"])
        on += f"x.{self.rng.choice(left.of('t'))[0]} {order} y.{found[0][0]}"
        kind = self.rng.choice(["ASOF", "ASOF LEFT"])
        self.note(f"{kind} join")
        both = [*prefixed(left, "x"), *(("y." + name, its) for name, its in found)]
        if self.rng.random() < 0.6:
            self.note("asof join condition")
            on += f" AND ({self.comparison(self.rng.choice([both, both, both[-len(found):], prefixed(left, 'x')]))}) IS TRUE"
        items, made = self.named([*self.rng.sample(prefixed(left, "x"), min(4, len(left.columns))), *both[-len(found):]])
        return Relation(f"SELECT {items} FROM {left.source('x')} {kind} JOIN {source} ON {on}{self.where(both, 0.2)}", made, None, False, max(left.depth, right.depth + 1) + 1)

    # Aggregates and duplicates.

    def aggregate(self, depth):
        relation = self.relation(depth - 1)
        self.note("aggregate")
        columns, keys = prefixed(relation, "q"), self.keys(relation, 3)
        if self.rng.random() < 0.2:
            keys = keys[:1] + [self.value(columns)]
            keys = [key for key in keys if key[1] in KEYS]
        calls, sets = self.aggregates(columns, self.rng.randrange(1, 4)), len(keys) > 1 and self.rng.random() < 0.4
        if sets and self.rng.random() < 0.6:
            self.note("window function over grouping sets")
            calls.append((self.rng.choice([f"rank() OVER (PARTITION BY grouping({keys[0][0]}) ORDER BY count(*))", f"sum(count(*)) OVER (PARTITION BY {keys[1][0]})",
                                           f"count(*) + max(count(*)) OVER (ORDER BY grouping({keys[1][0]}))"]), "n"))
        items, made = self.named(keys + calls)
        by = ", ".join(text for text, _ in keys)
        if sets:
            self.note("grouping sets")
            first, second = keys[0][0], keys[1][0]
            by = self.rng.choice([f"ROLLUP ({by})", f"CUBE ({by})", f"GROUPING SETS (({first}), ({second}), ())", f"GROUPING SETS (({by}), ({second}))"])
        text = f"SELECT {items} FROM {relation.source('q')}{self.where(columns, 0.2)}"
        return Relation(text + (f" GROUP BY {by}{self.having()}" if keys else ""), made, None, False, relation.depth + 1)

    def distinct(self, depth):
        relation = self.relation(depth - 1)
        columns = prefixed(relation, "q")
        if self.rng.random() < 0.5 and len(relation.of(KEYS + "n")) == len(relation.columns):
            self.note("distinct on")
            key = self.rng.choice(columns)[0]
            items, made = self.named(columns)
            order = self.rng.choice(["", " DESC"])
            rest = ", ".join(text for text, _ in columns if text != key)
            return Relation(f"SELECT DISTINCT ON ({key}) {items} FROM {relation.source('q')}{self.where(columns)} ORDER BY {key}{', ' + rest + order if rest else ''}",
                            made, None, False, relation.depth + 1)
        self.note("distinct")
        items, made = self.named(self.rng.sample(columns, min(len(columns), self.rng.randrange(1, 4))))
        return Relation(f"SELECT DISTINCT {items} FROM {relation.source('q')}{self.where(columns)}", made, None, False, relation.depth + 1)

    def set_operation(self, depth):
        operator = self.rare([(name, 1) for name in ("union", "union all", "intersect", "intersect all", "except", "except all")])[0]
        left, right = self.relation(depth - 1), self.some(depth - 1)
        kinds = [kind for _, kind in self.rng.sample(left.columns, len(left.columns)) if right.of(kind) and kind not in "f"]
        if not kinds:
            right, kinds = left, [kind for _, kind in left.columns]
        self.note(operator, "set operation")
        kinds = kinds[:self.rng.randrange(1, 4)]
        picked = [[(f"q.{self.rng.choice(side.of(kind))[0]}", kind) for kind in kinds] for side in (left, right)]
        items, made = self.named(picked[0])
        other = ", ".join(text for text, _ in picked[1])
        text = (f"SELECT {items} FROM {left.source('q')}{self.where(prefixed(left, 'q'))} {operator.upper()} "
                f"SELECT {other} FROM {right.source('q')}{self.where(prefixed(right, 'q'))}")
        return Relation(text, made, None, False, max(left.depth, right.depth) + 1)

    # Order: every column takes part, so that ties are equal rows.

    def total_order(self, columns):
        usable = self.rng.sample(columns, len(columns))
        return ", ".join(text + self.rng.choice(["", "", " DESC", " NULLS FIRST", " DESC NULLS LAST"]) for text, _ in usable)

    def partition(self, relation):
        usable = relation.of("isb")
        return f"PARTITION BY q.{self.rng.choice(usable)[0]} " if usable and self.rng.random() < 0.8 else ""

    def ordered_source(self, depth):
        """A relation all of whose columns can be ordered by."""
        relation = self.relation(depth - 1)
        chosen = relation.of("instbf")
        return Relation(relation.text, chosen, None, False, relation.depth) if chosen else self.base()

    def top(self, depth):
        relation = self.ordered_source(depth)
        columns, count = prefixed(relation, "q"), self.rng.randrange(1, 4)
        items, made = self.named(columns)
        partition, order = self.partition(relation), self.total_order(columns)
        call = self.rng.choice(["row_number", "row_number", "rank", "dense_rank"])
        if call != "row_number":  # ties all count
            order = self.total_order(self.rng.sample(columns, min(2, len(columns))))
        shape = self.rng.choice(["qualify", "rank", "limit"])
        self.note(shape if shape == "qualify" else "top-n")
        if shape == "qualify":
            text = f"SELECT {items} FROM {relation.source('q')}{self.where(columns, 0.2)} QUALIFY {call}() OVER ({partition}ORDER BY {order}) <= {count}"
        elif shape == "rank":
            rank = self.fresh()
            text = (f"SELECT {', '.join(name for name, _ in made)}, {rank} FROM (SELECT {items}, {call}() OVER ({partition}ORDER BY {order}) AS {rank} "
                    f"FROM {relation.source('q')}) AS q WHERE {rank} <= {count}")
            made = [*made, (rank, "i")]
        else:
            text = f"SELECT {items} FROM {relation.source('q')}{self.where(columns, 0.2)} ORDER BY {self.total_order(columns)} LIMIT {self.rng.randrange(1, 12)}"
            if self.rng.random() < 0.2:
                self.note("offset")
                text += f" OFFSET {self.rng.randrange(1, 4)}"
        return Relation(text, made, None, False, relation.depth + 1)

    def over(self, depth):
        relation = self.ordered_source(depth)
        self.note("window function")
        columns = prefixed(relation, "q")
        partition, order = self.partition(relation), self.total_order(columns)
        calls = [("row_number()", "i", ""), ("rank()", "i", ""), ("count(*)", "i", ""), ("count(*)", "i", " ROWS BETWEEN 2 PRECEDING AND CURRENT ROW")]
        for text, kind in columns:
            if kind in "ist":
                calls += [(f"lag({text})", kind, ""), (f"lead({text}, 2)", kind, ""), (f"first_value({text})", kind, ""),
                          (f"max({text})", kind, " ROWS BETWEEN 1 PRECEDING AND 2 FOLLOWING")]
            if kind == "i":
                calls += [(f"sum({text})", "n", ""), (f"sum({text})", "n", " ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING")]
        values = [(f"{call} OVER ({partition}ORDER BY {order}{frame})", kind) for call, kind, frame in self.rng.sample(calls, 2)]
        items, made = self.named(columns + values)
        return Relation(f"SELECT {items} FROM {relation.source('q')}{self.where(columns, 0.2)}", made, None, False, relation.depth + 1)

    # Subqueries.

    def subquery(self, depth):
        """IN, EXISTS and comparisons with another relation in WHERE."""
        relation, other = self.relation(depth - 1), self.some(min(depth - 1, 1))
        items, made = self.named(prefixed(relation, "q"))
        columns, theirs = relation.of("i") or relation.of("s"), None
        kind = columns[0][1] if columns else "i"
        theirs = other.of(kind)
        if not columns or not theirs:
            relation, other = self.base(), self.base()
            items, made = self.named(prefixed(relation, "q"))
            columns, theirs, kind = relation.of("i"), other.of("i"), "i"
        a, b = self.rng.choice(columns)[0], self.rng.choice(theirs)[0]
        where, source = self.where(prefixed(other, "z"), 0.5), other.source("z")
        also = f" AND {self.comparison([*prefixed(other, 'z'), *prefixed(relation, 'q')])}"
        shapes = [("in subquery", 2, f"q.{a} IN (SELECT z.{b} FROM {source}{where})"), ("not in subquery", 1, f"q.{a} NOT IN (SELECT z.{b} FROM {source}{where})"),
                  ("not in subquery", 1, f"q.{a} NOT IN (SELECT z.{b} FROM {source} WHERE z.{b} IS NOT NULL{also})"),
                  ("exists subquery", 1, f"EXISTS (SELECT 1 FROM {source} WHERE z.{b} = q.{a}{also})"),
                  ("exists subquery", 1, f"NOT EXISTS (SELECT 1 FROM {source} WHERE z.{b} = q.{a}{also})"),
                  ("scalar subquery", 1, f"q.{a} >= (SELECT min(z.{b}) FROM {source}{where})"),
                  ("correlated subquery", 1, f"q.{a} > (SELECT min(z.{b}) FROM {source} WHERE z.{b} IS DISTINCT FROM q.{a}{also})" if kind == "i" else
                   f"(SELECT count(*) FROM {source} WHERE z.{b} = q.{a}) > 1"),
                  ("subquery with or", 1, f"(q.{a} IN (SELECT z.{b} FROM {source}{where}) OR {self.comparison(prefixed(relation, 'q'))})")]
        tag, _, condition = self.rare(shapes)
        self.note(tag)
        return Relation(f"SELECT {items} FROM {relation.source('q')} WHERE {condition}", made, None, False, max(relation.depth, other.depth) + 1)

    def scalar(self, depth):
        """A subquery as a value."""
        relation, other = self.relation(depth - 1), self.some(min(depth - 1, 1))
        mine, theirs = relation.of("i"), other.of("i")
        if not mine or not theirs:
            relation, other = self.base(), self.base()
            mine, theirs = relation.of("i"), other.of("i")
        a, b, source = self.rng.choice(mine)[0], self.rng.choice(theirs)[0], other.source("z")
        shapes = [("scalar subquery", 1, f"(SELECT max(z.{b}) FROM {source}{self.where(prefixed(other, 'z'))})"),
                  ("correlated subquery", 1, f"(SELECT count(*) FROM {source} WHERE z.{b} = q.{a})"),
                  ("correlated subquery", 1, f"(SELECT sum(z.{b}) FROM {source} WHERE z.{b} < q.{a})"),
                  ("exists subquery", 1, f"EXISTS (SELECT 1 FROM {source} WHERE z.{b} = q.{a})"),
                  ("in subquery", 1, f"q.{a} IN (SELECT z.{b} FROM {source}{self.where(prefixed(other, 'z'))})")]
        tag, _, value = self.rare(shapes)
        self.note(tag)
        kind = "b" if value.startswith(("EXISTS", "q.")) else "n" if "sum(" in value else "i"
        items, made = self.named([*self.rng.sample(prefixed(relation, "q"), min(3, len(relation.columns))), (value, kind)])
        return Relation(f"SELECT {items} FROM {relation.source('q')}", made, None, False, max(relation.depth, other.depth) + 1)
