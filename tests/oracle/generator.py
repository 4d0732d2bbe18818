"""Queries: relations of depth 1 to 4 over the expressions of forms.py.

Everything is drawn from one seeded generator; what was seldom drawn is drawn more. A Query has its
text for weir and for Postgres, the kinds of its columns, and the tags of all it is made of."""

import re
import zlib

from oracle import data, forms

SMALL = ["c", "v_low", "v_sum"]  # relations that may stand on a join's other side
KEYS = ["s", "i4", "b", "i8", "dt", "u", "n", "tm", "ts", "i2", "v", "f8", "y", "tz", "ai", "jb", "X4"]
LOOSE = {"iv"}                   # equal values that print differently
NEVER_EQUAL = {"j", "approx"}    # no equality


class Query:
    def __init__(self, text, columns, ordered, tags, depth, engine="postgres"):
        self.text, self.columns, self.ordered, self.tags, self.depth = text, columns, ordered, tags, depth
        self.engine = engine

    def text_for(self, engine):
        return resolve(self.text, engine == "weir")


def resolve(text, ours):
    """The text of one side: innermost ‹ours¦theirs› first."""
    pattern = re.compile("‹([^‹›¦]*)¦([^‹›¦]*)›")
    while "‹" in text:
        text = pattern.sub(r"\1" if ours else r"\2", text)
    return text


def split_top(text):
    """The parts between `|` that stand in no braces; \\| is a plain one."""
    parts, depth, part, at = [], 0, "", 0
    while at < len(text):
        char = text[at]
        if char == "\\" and text[at + 1:at + 2] in "{}|":
            part += text[at:at + 2]
            at += 2
            continue
        depth += (char == "{") - (char == "}")
        if char == "|" and depth == 0:
            parts.append(part)
            part = ""
        else:
            part += char
        at += 1
    return parts + [part]


class Generator:
    def __init__(self, rng, supported):
        self.rng, self.counts, self.tags, self.near = rng, {}, set(), {}
        self.left_out = [form.template for form in forms.FORMS + forms.AGGREGATES + forms.WINDOWS
                         if any(name not in supported for name in forms.names_of(form.template))]
        out = set(self.left_out)
        self.forms = {}
        for form in forms.FORMS:
            if form.template not in out:
                self.forms.setdefault(form.kind, []).append(form)
        self.aggregates = [form for form in forms.AGGREGATES if form.template not in out]
        self.windows = [form for form in forms.WINDOWS if form.template not in out]

    # Choice.

    def rare(self, items, key):
        """One of the items; the more seldom it was drawn, the likelier."""
        weights = [1 / (1 + min(self.counts.get(tag, 0) for tag in key(item))) + 0.02 for item in items]
        item = self.rng.choices(items, weights)[0]
        for tag in key(item):
            self.counts[tag] = self.counts.get(tag, 0) + 1
        return item

    def note(self, tag):
        self.tags.add(tag)

    # Expressions.

    def expand(self, template, columns, depth, K, bound, extra=None):
        """The text of a template."""
        out, at = "", 0
        while at < len(template):
            char = template[at]
            if char == "\\" and template[at + 1:at + 2] in "{}|":
                out += template[at + 1]
                at += 2
            elif char == "{":
                end, level = at + 1, 1
                while level:
                    level += (template[end] == "{" and template[end - 1] != "\\") - (template[end] == "}" and template[end - 1] != "\\")
                    end += 1
                out += self.hole(template[at + 1:end - 1], columns, depth, K, bound, extra or {})
                at = end
            else:
                out += char
                at += 1
        return out

    def hole(self, inner, columns, depth, K, bound, extra):
        if inner in extra:
            return extra[inner]()
        if inner.startswith("#"):
            low, high = inner[1:].split(",")
            return str(self.rng.randint(int(low), int(high)))
        named = re.match(r"([a-z]?)([?=])", inner)
        if named and named.group(1) and inner in bound:
            return bound[inner]
        if named and named.group(2) == "?":
            chosen = self.rng.choice(split_top(inner[named.end():]))
            text = self.expand(chosen, columns, depth, K, bound, extra)
        else:
            kind = inner[named.end():] if named else inner
            text = self.expr(K if kind == "K" else kind, columns, depth - 1)
        if named and named.group(1):
            bound[inner] = text
        return text

    def apply(self, form, columns, depth, extra=None):
        for tag in form.tags:
            self.note(tag)
        self.note("type " + data.TYPES.get(form.kind, "DOUBLE PRECISION").split("(")[0])
        K = self.rare(form.choices, lambda kind: ["kind " + kind]) if form.choices else None
        return self.expand(form.template, columns, depth, K, {}, extra)

    def leaf(self, kind, columns):
        names = [name for name, its in columns if its == kind]
        self.note("type " + data.TYPES.get(kind, "DOUBLE PRECISION").split("(")[0])
        draw = self.rng.random()
        if names and draw < 0.85:
            return self.rng.choice(names)
        if not names and draw < 0.6:
            near = self.forms_over(kind, frozenset(its for _, its in columns))
            if near:
                return self.apply(self.rare(near, lambda form: [form.template + form.kind]), columns, 0)
        return forms.literal(self.rng, kind)

    def forms_over(self, kind, kinds):
        """Forms of a kind that take expressions of kinds that there are, and nothing else."""
        if (kind, kinds) not in self.near:
            self.near[kind, kinds] = [form for form in self.forms[kind] if form.needs and form.needs <= kinds and kind not in form.needs]
        return self.near[kind, kinds]

    def expr(self, kind, columns, depth):
        if depth <= 0 or self.rng.random() < 0.15:
            return self.leaf(kind, columns)
        form = self.rare(self.forms[kind], lambda form: [*form.tags, form.template + form.kind])
        return self.apply(form, columns, depth)

    def condition(self, columns, depth):
        """A truth; now and then over a subquery."""
        draw = self.rng.random()
        if draw < 0.22:
            found = self.subquery_condition(columns)
            if found:
                return found
        return self.expr("b", columns, depth)

    def subquery_condition(self, columns):
        shapes = []
        numbers = [name for name, kind in columns if kind == "i4"]
        for name, kind in columns:
            if kind == "i4":
                pair = f"({name}, {self.rng.choice(numbers)})"
                shapes += [("row subquery", f"{pair} {{?=|<>|<|>=}} (SELECT {{?max(i4), min(id)|min(i4), max(id)}} FROM c WHERE id < {{#-3,60}})"),
                           ("row subquery", f"{pair} {{?IN|NOT IN|= ANY|<> ALL|< ANY|>= ALL|> ANY}} (SELECT {{?i4, id|id, i4}} FROM c WHERE i4 {{?>|<}} {{#0,30}})"),
                           ("row subquery", f"(SELECT count(*) FROM c AS x WHERE (x.i4, x.id) {{?<|>|=}} {pair}) {{?<|>}} {{#0,20}}"),
                           ("quantified subquery", f"{name} {{?=|<>|<|>=}} {{?ANY|ALL}} (SELECT i4 FROM c WHERE id < {{#-3,60}})")]
                shapes += [("in subquery", f"{name} {{?|NOT }}IN (SELECT {{?i4|id}} FROM c WHERE i4 {{?>|<}} {{#0,30}} AND i4 IS NOT NULL)"),
                           ("exists subquery", f"{{?|NOT }}EXISTS (SELECT 1 FROM c AS x WHERE x.{{?id|i4}} = {name} AND x.i8 > {{#-3000,1000}})"),
                           ("scalar subquery", f"{name} {{?<|>|<=}} (SELECT {{?avg(i4)|max(i4) - 20|min(i4) + 10}} FROM c)"),
                           ("scalar subquery", f"(SELECT count(*) FROM c AS x WHERE x.i4 = {name}) {{?<|>=}} 3")]
            if kind == "s":
                shapes += [("in subquery", f"{name} {{?|NOT }}IN (SELECT k FROM v_sum WHERE n > {{#580,600}})"),
                           ("exists subquery", f"EXISTS (SELECT 1 FROM v_sum AS x WHERE x.k = {name})"),
                           ("scalar subquery", f"{name} {{?<|>=}} (SELECT min(s) FROM c WHERE id < {{#2,60}})")]
        if not shapes:
            return None
        tag, template = self.rare(shapes, lambda shape: [shape[0]])
        self.note(tag)
        return "(" + self.expand(template, columns, 1, None, {}) + ")"

    # Relations: each returns text and columns [(name, kind)].

    def table(self):
        name = self.rng.choices(["t", "c", "z", "v_low", "v_sum", "values", "series"], [50, 20, 12, 8, 5, 4, 3])[0]
        if name == "values":
            self.note("values")
            kinds = [self.rng.choice(["i4", "s", "n", "dt", "b"]) for _ in range(self.rng.randrange(1, 4))]
            looks_up = self.rng.random() < 0.4
            if looks_up:
                self.note("subquery in values")
            rows = ", ".join("(" + ", ".join(self.cell(kind, n, looks_up) for kind in kinds) + ")" for n in range(self.rng.randrange(1, 9)))
            names = [f"v{n}" for n in range(len(kinds))]
            return f"(VALUES {rows}) AS q({', '.join(names)})", list(zip(names, kinds))
        if name == "series" and self.rng.random() < 0.4:
            self.note("series")
            return f"generate_series({self.rng.randrange(-5, 5)}, (SELECT count(*) FROM c WHERE i4 < {self.rng.randrange(40)})) AS q(g)", [("g", "i8")]
        if name == "series":
            self.note("series")
            return f"generate_series({self.rng.randrange(-5, 5)}, {self.rng.randrange(6, 60)}) AS q(g)", [("g", "i4")]
        if name.startswith("v_"):
            self.note("view")
            return f"{name} AS q", data.VIEWS[name][0]
        return f"{name} AS q", data.TABLES[name]

    def cell(self, kind, row, looks_up):
        """A value of VALUES."""
        if looks_up and kind in ("i4", "s") and self.rng.random() < 0.4:
            return f"(SELECT {self.rng.choice(['max', 'min'])}({kind}) FROM c WHERE id < {self.rng.randrange(60)})"
        return forms.literal(self.rng, kind) if row else self.typed(kind)

    def typed(self, kind):
        return f"CAST({forms.literal(self.rng, kind)} AS {data.TYPES[kind]})"

    def source(self, depth):
        """What stands behind FROM, called q."""
        if depth <= 0:
            return self.table()
        text, columns = self.select(depth)
        return f"({text}) AS q", columns

    def select(self, depth):
        shapes = [(self.project, 30), (self.aggregate, 26), (self.distinct, 7), (self.set_operation, 10), (self.top, 8),
                  (self.join, 11), (self.unnest, 5), (self.cte, 8), (self.over, 5), (self.tumble, 5), (self.grouping, 4), (self.extremes, 3)]
        make = self.rng.choices([shape for shape, _ in shapes], [weight for _, weight in shapes])[0]
        return make(depth)

    def where(self, columns, share=0.25):
        if self.rng.random() >= share:
            return ""
        self.note("filter")
        return f" WHERE {self.condition(columns, self.rng.choice([1, 2, 2, 3]))}"

    def test(self, columns):
        """A short test of one column that may be null."""
        usable = [column for column in columns if column[1] in forms.ORDERED] or [("1", "i4")]
        name, kind = self.rng.choice(usable)
        self.note("comparison")
        return self.rng.choice([f"{name} {self.rng.choice(['<', '>', '<=', '>=', '<>', '='])} {self.typed(kind)}"] * 4 + [f"{name} IS NULL", f"{name} IS NOT NULL"])

    def verdict(self, columns):
        """Two or three tests joined, as a value: true, false or null."""
        self.note("logic")
        joined = self.rng.choice([" OR ", " OR ", " AND "]).join(self.test(columns) for _ in range(self.rng.choice([2, 2, 3])))
        return self.rng.choice([f"({joined})", f"({joined})", f"(NOT ({joined}))", f"(({joined}) IS UNKNOWN)"])

    def items(self, columns, kinds, depth=None):
        """Expressions of the kinds, called c0, c1 …; some are columns as they are."""
        texts = []
        for kind in kinds:
            at = depth if depth is not None else self.rng.choice([0, 0, 1, 1, 2, 2, 3, 4])
            texts.append(self.expr(kind, columns, at))
        return ", ".join(f"{text} AS c{n}" for n, text in enumerate(texts)), [(f"c{n}", kind) for n, kind in enumerate(kinds)]

    def kinds_of(self, columns, count, allowed=None):
        """Kinds for new columns: those that the source has, or the seldom ones."""
        here = [kind for _, kind in columns if allowed is None or kind in allowed]
        every = [kind for kind in allowed or [*forms.ANY, "approx"]]
        out = []
        for _ in range(count):
            if here and self.rng.random() < 0.6:
                out.append(self.rng.choice(here))
            else:
                out.append(self.rare(every, lambda kind: ["result " + kind]))
        return out

    def project(self, depth):
        return self.project_from(*self.source(depth - 1))

    def project_from(self, text, columns):
        self.note("project")
        kinds = self.kinds_of(columns, self.rng.randrange(2, 8))
        items, made = self.items(columns, kinds)
        if self.rng.random() < 0.25:
            items += f", {self.verdict(columns)} AS c{len(made)}"
            made.append((f"c{len(made)}", "b"))
        share = 0.6 if " LIMIT " in text[-30:] else 0.25
        return f"SELECT {items} FROM {text}{self.where(columns, share)}", made

    def distinct(self, depth):
        self.note("distinct")
        text, columns = self.source(depth - 1)
        kinds = self.kinds_of(columns, self.rng.randrange(1, 4), forms.HASHED)
        items, made = self.items(columns, kinds, self.rng.choice([0, 1, 2]))
        return f"SELECT DISTINCT {items} FROM {text}{self.where(columns)}", made

    def aggregate_items(self, columns, count):
        texts, kinds = [], []
        for _ in range(count):
            form = self.rare(self.aggregates, lambda form: [form.template + form.kind])

            def filtered():
                if self.rng.random() >= 0.3:
                    return ""
                self.note("aggregate filter")
                return f" FILTER (WHERE {self.expr('b', columns, 1)})"
            texts.append(self.apply(form, columns, self.rng.choice([1, 2, 3]), {"f": filtered}))
            kinds.append(form.kind)
        return texts, kinds

    def aggregate(self, depth):
        self.note("hash aggregate")
        text, columns = self.source(depth - 1)
        keys = self.kinds_of(columns, self.rng.choice([0, 1, 1, 2, 3]), KEYS)
        groups = [self.expr(kind, columns, self.rng.choice([0, 0, 1, 2])) for kind in keys]
        values, kinds = self.aggregate_items(columns, self.rng.randrange(1, 4))
        names = [f"c{n}" for n in range(len(keys) + len(kinds))]
        items = ", ".join(f"{item} AS {name}" for item, name in zip(groups + values, names))
        query = f"SELECT {items} FROM {text}{self.where(columns)}"
        if keys:
            query += " GROUP BY " + ", ".join(str(n + 1) for n in range(len(keys)))
        if self.rng.random() < 0.15:
            self.note("having")
            query += self.rng.choice([" HAVING count(*) > 1", f" HAVING max({self.leaf('i4', columns)}) > 3", f" HAVING bool_or({self.expr('b', columns, 1)})"])
        return query, list(zip(names, keys + kinds))

    def extremes(self, depth):
        """The least and greatest doubles of groups, NaN among them."""
        self.note("hash aggregate")
        table, column = self.rng.choice([("t", "c_w"), ("z", "w")])
        return (f"SELECT k AS c0, min({column}) AS c1, max({column}) AS c2 FROM {table} AS q{self.where(data.TABLES[table])} GROUP BY 1",
                [("c0", "s"), ("c1", "W"), ("c2", "W")])

    def grouping(self, depth):
        """ROLLUP, CUBE and GROUPING SETS over plain columns."""
        text, columns = self.source(depth - 1)
        keys = [column for column in columns if column[1] in ("s", "i4", "b", "dt", "n", "i2", "u")]
        if len(keys) < 2:
            return self.aggregate(depth)
        self.note("grouping sets")
        (a, a_kind), (b, b_kind) = self.rng.sample(keys, 2)
        values, kinds = self.aggregate_items(columns, 2)
        sets = self.rng.choice([f"ROLLUP ({a}, {b})", f"CUBE ({a}, {b})", f"GROUPING SETS (({a}), ({b}), ())", f"GROUPING SETS (({a}, {b}), ({b}))"])
        return (f"SELECT {a} AS c0, {b} AS c1, grouping({a}, {b}) AS c2, {values[0]} AS c3, {values[1]} AS c4 FROM {text}{self.where(columns)} GROUP BY {sets}",
                [("c0", a_kind), ("c1", b_kind), ("c2", "i4"), ("c3", kinds[0]), ("c4", kinds[1])])

    def set_operation(self, depth):
        operator = self.rare(["UNION ALL", "UNION", "INTERSECT", "EXCEPT", "INTERSECT ALL", "EXCEPT ALL"], lambda name: ["set " + name])
        left, left_columns = self.source(depth - 1)
        self.note(operator.lower())
        if operator.startswith("INTERSECT"):
            return self.intersect(operator, left, left_columns)
        right, right_columns = self.source(self.rng.choice([0, depth - 1]))
        kinds = self.kinds_of(left_columns, self.rng.randrange(1, 4), forms.HASHED)
        at = self.rng.choice([0, 0, 1])
        ours, made = self.items(left_columns, kinds, at)
        theirs, _ = self.items(right_columns, kinds, at)
        return (f"SELECT {ours} FROM {left}{self.where(left_columns)} {operator} SELECT {theirs} FROM {right}{self.where(right_columns)}", made)

    def intersect(self, operator, source, columns):
        """Both sides from one source, so that there is something in common."""
        usable = [column for column in columns if column[1] in forms.HASHED]
        if not usable:
            return self.project_from(source, columns)
        chosen = self.rng.sample(usable, min(len(usable), self.rng.randrange(1, 3)))
        names = ", ".join(f"{name} AS c{n}" for n, (name, _) in enumerate(chosen))
        return (f"SELECT {names} FROM {source}{self.where(columns, 0.5)} {operator} SELECT {names} FROM {source}{self.where(columns, 0.5)}",
                [(f"c{n}", kind) for n, (_, kind) in enumerate(chosen)])

    def top(self, depth):
        """ORDER BY all columns with LIMIT: which rows there are is certain."""
        text, columns = self.source(depth - 1)
        kinds = self.kinds_of(columns, self.rng.randrange(1, 4), [kind for kind in forms.ORDERED if kind not in LOOSE])
        items, made = self.items(columns, kinds, self.rng.choice([0, 1, 2]))
        query, order = f"SELECT {items} FROM {text}{self.where(columns)}", self.order(made)
        if self.rng.random() < 0.6:
            limit = self.limit()
            return query + (self.ties(order, limit) or order + limit), made
        # What may not go below LIMIT. Of few rows, lest all there are be among them.
        self.note("filter")
        self.note("limit")
        tests = [self.test(made) for _ in range(2)] if self.rng.random() < 0.7 else [self.expr("b", made, 1)]
        return f"SELECT * FROM ({query}{order} LIMIT {self.rng.choice([3, 10, 50])}) AS q WHERE {' OR '.join(tests)}", made

    def order(self, columns):
        self.note("order by")
        names = [name for name, _ in columns]
        self.rng.shuffle(names)
        return " ORDER BY " + ", ".join(name + self.rng.choice(["", " ASC", " DESC", " NULLS FIRST", " DESC NULLS LAST", " ASC NULLS LAST"]) for name in names)

    def ties(self, order, limit):
        """By some of the columns, with all that are equal to the last row: sometimes, as the texts say."""
        if "OFFSET" in limit or zlib.crc32(order.encode()) % 3:
            return ""
        self.note("with ties")
        terms = order.split(", ")
        return f"{', '.join(terms[:(len(terms) + 1) // 2])} FETCH FIRST {limit.split()[-1]} ROWS WITH TIES"

    def limit(self):
        self.note("limit")
        text = f" LIMIT {self.rng.choice([1, 3, 10, 50, 200])}"
        if self.rng.random() < 0.5:
            self.note("offset")
            text += f" OFFSET {self.rng.choice([0, 1, 2, 5, 20])}"
        return text

    def join(self, depth):
        left, left_columns = self.source(depth - 1)
        other = self.rng.choice(SMALL)
        right_columns = data.VIEWS[other][0] if other in data.VIEWS else data.TABLES[other]
        pairs = [(a, b) for a, a_kind in left_columns for b, b_kind in right_columns if a_kind == b_kind and a_kind in ("s", "i4", "dt", "u", "ts", "n")]
        columns = [(f"q.{name}", kind) for name, kind in left_columns] + [(f"r.{name}", kind) for name, kind in right_columns]
        if not pairs or "join" in self.tags or self.rng.random() < 0.1:
            self.note("cross join")
            columns = [*[(f"q.{name}", kind) for name, kind in left_columns], ("r.x", "i4"), ("r.y", "s")]
            on = "CROSS JOIN (VALUES (1, 'tea'), (2, 'mug')) AS r(x, y)"
        else:
            kind = self.rare(["JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"], lambda kind: [kind])
            a, b = self.rng.choice(pairs)
            self.note(kind.lower())
            self.note("join")
            extra = ""
            if kind in ("JOIN", "LEFT JOIN") and self.rng.random() < 0.5:  # of one side, too: it may go below the join, or may not
                extra = " AND " + self.rng.choice([self.expr("b", columns, 1), self.test(columns[:len(left_columns)])])
            on = f"{kind} {other} AS r ON q.{a} = r.{b}{extra}"
        kinds = self.kinds_of(columns, self.rng.randrange(2, 5))
        items, made = self.items(columns, kinds, self.rng.choice([0, 1, 2]))
        where = self.where(columns, 0.25)
        if not where and self.rng.random() < 0.4:
            self.note("filter")
            where = f" WHERE {self.test(columns)}"
        return f"SELECT {items} FROM {left} {on}{where}", made

    def unnest(self, depth):
        text, columns = self.source(depth - 1)
        kind, item = self.rng.choice([("ai", "i4"), ("at", "s")])
        array = self.expr(kind, columns, self.rng.choice([0, 0, 1]))
        self.note("unnest")
        ordinal = self.rng.random() < 0.3
        all_columns = [*[(f"q.{name}", its) for name, its in columns], ("u.x", item)] + ([("u.o", "i8")] if ordinal else [])
        kinds = [item, *self.kinds_of(columns, self.rng.randrange(0, 3))] + (["i8"] if ordinal else [])
        items, made = self.items(all_columns, kinds, self.rng.choice([0, 1]))
        table = f"unnest({array}){' WITH ORDINALITY AS u(x, o)' if ordinal else ' AS u(x)'}"
        return f"SELECT {items} FROM {text} {self.rng.choice([',', 'CROSS JOIN'])} {table}{self.where(all_columns, 0.2)}", made

    def cte(self, depth):
        self.note("cte")
        if depth < 2:
            depth = 2
        inner, columns = self.select(depth - 1)
        name = f"w{self.rng.randrange(1000)}"
        if self.rng.random() < 0.5:
            kinds = self.kinds_of(columns, self.rng.randrange(1, 4))
            items, made = self.items(columns, kinds, self.rng.choice([0, 1, 2]))
            return f"WITH {name} AS ({inner}) SELECT {items} FROM {name} AS q{self.where(columns)}", made
        self.note("shared sub-plan")
        kinds = self.kinds_of(columns, self.rng.randrange(1, 3), forms.HASHED)
        ours, made = self.items(columns, kinds, 1)
        theirs, _ = self.items(columns, kinds, 1)
        return f"WITH {name} AS ({inner}) SELECT {ours} FROM {name} AS q{self.where(columns)} UNION ALL SELECT {theirs} FROM {name} AS q{self.where(columns)}", made

    def over(self, depth):
        """Window functions in a total order of the rows."""
        text, columns = self.source(depth - 1)
        usable = [column for column in columns if column[1] in forms.ORDERED and column[1] not in LOOSE][:6]
        if not usable or any(kind in NEVER_EQUAL | LOOSE for _, kind in columns[:6]) or len(columns) > 6:
            inner, usable = self.items(columns, self.kinds_of(columns, 3, [kind for kind in forms.ORDERED if kind not in LOOSE]), 0)
            text = f"(SELECT {inner} FROM {text}) AS q"
            columns = usable
        parts = [name for name, kind in usable if kind in ("s", "i4", "b", "dt")][:1]
        window = (f"PARTITION BY {parts[0]} " if parts and self.rng.random() < 0.6 else "") + "ORDER BY " + ", ".join(name for name, _ in columns)
        made = []
        texts = []
        for name, kind in usable[:2]:
            texts.append(name)
            made.append(kind)
        for _ in range(self.rng.randrange(1, 3)):
            form = self.rng.choice(self.windows)
            texts.append(self.apply(form, columns, 1, {"w": lambda: window}))
            made.append(form.kind)
        items = ", ".join(f"{its} AS c{n}" for n, its in enumerate(texts))
        return f"SELECT {items} FROM {text}", [(f"c{n}", kind) for n, kind in enumerate(made)]

    def tumble(self, depth):
        """Tumbling windows; date_bin in Postgres."""
        table, time = self.rng.choice([("t", "c_ts"), ("c", "ts"), ("z", "ts"), ("z", "ts")])
        columns = data.TABLES[table]
        width = self.rng.choice(["1 hour", "15 minutes", "1 day", "3 days", "12 hours"])
        values, kinds = self.aggregate_items(columns, 2)
        self.note("tumble")
        bound = self.rng.choice(["start", "end"])
        theirs = f"date_bin(INTERVAL '{width}', {time}, TIMESTAMP '1970-01-01')" + (f" + INTERVAL '{width}'" if bound == "end" else "")
        where = self.where(columns)
        if self.rng.random() < 0.5:
            return (f"SELECT ‹tumble({time}, INTERVAL '{width}').{bound}¦{theirs}› AS c0, k AS c1, {values[0]} AS c2, {values[1]} AS c3 FROM {table} AS q{where} "
                    f"GROUP BY ‹tumble({time}, INTERVAL '{width}')¦1›, k", [("c0", "ts"), ("c1", "s"), ("c2", kinds[0]), ("c3", kinds[1])])
        return (f"SELECT window_{bound} AS c0, {values[0]} AS c1, {values[1]} AS c2 FROM ‹TUMBLE({table}, {time}, INTERVAL '{width}')¦"
                f"(SELECT *, {theirs} AS window_{bound} FROM {table}) AS q›{where} GROUP BY window_{bound}",
                [("c0", "ts"), ("c1", kinds[0]), ("c2", kinds[1])])

    # Whole queries.

    def query(self, depth):
        self.tags = set()
        text, columns = self.select(depth)
        ordered = False
        if " ORDER BY " not in text and self.rng.random() < 0.25 and all(kind in forms.ORDERED and kind not in LOOSE for _, kind in columns):
            text = f"SELECT * FROM ({text}) AS q{self.order(columns)}"
            ordered = True
            if self.rng.random() < 0.4:
                text += self.limit()
        self.note(f"depth {depth}")
        return Query(text, columns, ordered, frozenset(self.tags), depth)
