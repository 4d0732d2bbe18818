"""Subqueries of every form, over each other to three levels: in WHERE, ON, HAVING and the select list."""

from oracle.streams.relations import JOINS, Relation, prefixed


class Subqueries:
    """Mixed into the generator."""

    def pair(self, columns, other, kinds="is"):
        """A column outside and one inside of a kind, or None."""
        pairs = [(a, b) for a, its in columns for b, kind in other if kind == its and its in kinds]
        return self.rng.choice(pairs) if pairs else None

    def below(self, level, columns):
        """(FROM … AS z, WHERE with a subquery of the level below, the columns); columns: those outside."""
        other = self.rng.choice([self.base, self.base, self.changing, lambda: self.some(1)])()
        if not other.of("i"):
            other = self.base()
        alias = f"z{level}"
        inside = prefixed(other, alias)
        parts = [self.comparison(inside)] if self.rng.random() < 0.3 else []
        if level > 1:
            parts.append(self.subquery_test(level - 1, inside))
        return other.source(alias), parts, inside

    def subquery_test(self, level, columns):
        """A condition over the columns, with subqueries nested so deep."""
        source, parts, inside = self.below(level, columns)
        a, b = self.pair(columns, inside) or ("1", self.rng.choice([text for text, kind in inside if kind == "i"]))
        number = self.pair(columns, inside, "i")
        shape = self.rare([("in subquery", 2), ("not in subquery", 1), ("exists subquery", 2), ("any or all", 2), ("row subquery", 2), ("correlated subquery", 2), ("subquery with or", 1),
                           ("unequal to any or all", 1), ("exists by order", 2)])[0]
        self.note(shape)
        where = f" WHERE {' AND '.join(parts)}" if parts else ""
        meets = " AND ".join([f"{b} = {a}", *parts])
        sign = self.rng.choice(["<", ">", "<=", ">="])
        if shape == "in subquery":
            return f"{a} IN (SELECT {b} FROM {source}{where})"
        if shape == "not in subquery":
            return f"{a} NOT IN (SELECT {b} FROM {source}{where})"
        if shape == "any or all":
            return f"{a} {sign} {self.rng.choice(['ANY', 'ALL'])} (SELECT {b} FROM {source}{where})"
        if shape == "unequal to any or all":
            return f"{a} {self.rng.choice(['<> ALL', '<> ANY', '= ALL'])} (SELECT {b} FROM {source}{where})"
        if shape == "exists by order":
            c, d = number or (a, b)
            by = [f"{d} {self.rng.choice(['<>', '<>', '<', '>='])} {c}", *([f"{b} = {a}"] if self.rng.random() < 0.4 else []), *parts]
            return f"{self.rng.choice(['', 'NOT '])}EXISTS (SELECT 1 FROM {source} WHERE {' AND '.join(by)})"
        if shape == "row subquery":
            c, d = self.pair(columns, inside) or (a, b)
            if self.rng.random() < 0.5:
                return f"({a}, {c}) {self.rng.choice(['', 'NOT '])}IN (SELECT {b}, {d} FROM {source}{where})"
            first = f"FROM {source}{where} ORDER BY {b}, {d} LIMIT 1)"
            return f"‹({a}, {c}) = (SELECT {b}, {d} {first}¦({a} = (SELECT {b} {first} AND {c} = (SELECT {d} {first})›"
        if shape == "correlated subquery" and number:
            call = self.rng.choice(["min", "max", "count"])
            return f"{number[0]} {sign} (SELECT {call}({number[1]}) FROM {source} WHERE {meets})"
        if shape == "subquery with or":
            return f"({a} IN (SELECT {b} FROM {source}{where}) OR {self.comparison(columns)})"
        return f"{self.rng.choice(['', 'NOT '])}EXISTS (SELECT 1 FROM {source} WHERE {meets})"

    def level(self):
        level = self.rng.choice([1, 2, 2, 3, 3])
        if level == 3:
            self.note("nested subquery")
        return level

    def nested(self, depth):
        relation = self.some(depth - 1)
        items, made = self.named(prefixed(relation, "q"))
        return Relation(f"SELECT {items} FROM {relation.source('q')} WHERE {self.subquery_test(self.level(), prefixed(relation, 'q'))}",
                        made, None, False, relation.depth + 1)

    def selected(self, depth):
        """As a value in the select list."""
        relation = self.some(depth - 1)
        self.note("subquery in select")
        columns = prefixed(relation, "q")
        items, made = self.named([*self.rng.sample(columns, min(3, len(columns))), (self.subquery_test(self.level(), columns), "b")])
        return Relation(f"SELECT {items} FROM {relation.source('q')}", made, None, False, relation.depth + 1)

    def in_on(self, depth):
        """Over one side of a join's ON."""
        left, right = self.some(depth - 1), self.some(min(depth - 1, 1))
        kind = self.rare([(f"subquery in on {kind}", 1) for kind in JOINS])[0].split()[-1]
        self.note("subquery in on")
        on = self.equality(left, right)
        side = prefixed(left, "x") if self.rng.random() < 0.5 else prefixed(right, "y")
        chosen = prefixed(left, "x") if kind in ("SEMI", "ANTI") else self.rng.sample(prefixed(left, "x"), min(3, len(left.columns))) + prefixed(right, "y")[:3]
        items, made = self.named(chosen)
        return Relation(f"SELECT {items} FROM {left.source('x')} {kind} JOIN {right.source('y')} ON {on} AND {self.subquery_test(self.rng.choice([1, 1, 2]), side)}",
                        made, None, False, max(left.depth, right.depth) + 1)

    def in_having(self, depth):
        relation = self.some(depth - 1)
        self.note("aggregate", "subquery in having")
        keys = self.keys(relation, 2)
        items, made = self.named(keys + self.aggregates(prefixed(relation, "q"), 2))
        having = self.subquery_test(self.rng.choice([1, 2]), keys + [("count(*)", "i")])
        by = f" GROUP BY {', '.join(text for text, _ in keys)}" if keys else ""
        return Relation(f"SELECT {items} FROM {relation.source('q')}{by} HAVING {having}", made, None, False, relation.depth + 1)
