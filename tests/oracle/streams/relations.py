"""Relations: a text in both dialects (‹ours¦theirs›), columns with their kinds, and what is known of them.

A relation that carries an event time knows which of its columns it is for DuckDB, where it is no more
than a column: `time` lists columns of which the latest counts, with a microsecond less where one is the
end of a window. A column of theirs only is *hidden*. `final` says that its rows are never taken back.

Kinds: i BIGINT, n exact numbers, f doubles, s text, t timestamps, b truths, w windows (struct of start and end)."""

import itertools

KEYS = "istbw"   # kinds to group and join by
ORDERED = "inst"

JOINS = ["INNER", "LEFT", "RIGHT", "FULL", "SEMI", "ANTI"]


class Relation:
    def __init__(self, text, columns, time=None, final=False, depth=0):
        self.text, self.columns, self.time, self.final, self.depth = text, columns, time, final, depth

    def source(self, alias):
        """What stands in FROM."""
        return f"{self.text} AS {alias}" if self.depth == 0 else f"({self.text}) AS {alias}"

    def time_text(self, alias="q"):
        parts = [f"{alias}.{name} - INTERVAL '1 microsecond'" if is_end else f"{alias}.{name}" for name, is_end in self.time]
        return parts[0] if len(parts) == 1 else f"greatest({', '.join(parts)})"

    def of(self, kinds):
        return [column for column in self.columns if column[1] in kinds]


class Draw:
    """Seeded choices; what was drawn seldom is likelier."""

    def __init__(self, rng):
        self.rng, self.counts, self.tags, self.numbers = rng, {}, set(), itertools.count()

    def fresh(self):
        return f"n{next(self.numbers)}"

    def note(self, *tags):
        self.tags.update(tags)

    def rare(self, options):
        """One of [(tag, weight, …)]."""
        weights = [weight / (1 + self.counts.get(tag, 0)) ** 0.5 for tag, weight, *_ in options]
        option = self.rng.choices(options, weights)[0]
        self.counts[option[0]] = self.counts.get(option[0], 0) + 1
        return option

    # Expressions over columns [(text, kind)].

    def literal(self, kind):
        rng = self.rng
        return {"i": lambda: str(rng.randrange(-2, 12)), "n": lambda: f"{rng.randrange(-100, 1500) / 100:.2f}", "f": lambda: f"{rng.randrange(0, 40) / 4}",
                "s": lambda: rng.choice(["'x'", "'y'", "'zz'", "''"]), "b": lambda: rng.choice(["TRUE", "FALSE"]),
                "t": lambda: f"TIMESTAMP '2023-11-14 22:13:{rng.randrange(22, 59)}'"}[kind]()

    def comparison(self, columns):
        rng = self.rng
        usable = [column for column in columns if column[1] != "w"] or [("1", "i")]
        text, kind = rng.choice(usable)
        same = [other for other, its in usable if its == kind and other != text]
        forms = [f"{text} IS NULL", f"{text} IS NOT NULL", f"{text} IS DISTINCT FROM {self.literal(kind)}"]
        if kind == "b":
            forms += [text, f"NOT {text}", f"{text} IS NOT TRUE"] * 2
        else:
            forms += [f"{text} {rng.choice(['<', '>', '<=', '>=', '<>', '>', '<'])} {self.literal(kind)}"] * 5
        if kind == "i":
            forms += [f"{text} IN (1, 2, 5, {rng.randrange(6, 16)})", f"{text} % 2 = 0", f"{text} BETWEEN 0 AND {rng.randrange(2, 16)}"]
        if kind == "s":
            forms += [f"{text} LIKE '%{rng.choice('xyz')}%'", f"length({text}) > 1"]
        if same:
            forms += [f"{text} {rng.choice(['<', '>', '<=', '>=', '<>', '='])} {rng.choice(same)}"] * 2
        return rng.choice(forms)

    def condition(self, columns):
        draw = self.rng.random()
        if draw < 0.6:
            return self.comparison(columns)
        if draw < 0.8:
            return f"({self.comparison(columns)} OR {self.comparison(columns)})"
        if draw < 0.95:
            return f"({self.comparison(columns)} AND {self.comparison(columns)})"
        return f"NOT ({self.comparison(columns)})"

    def value(self, columns):
        """An expression and its kind."""
        rng = self.rng
        text, kind = rng.choice(columns)
        if rng.random() < 0.6 or kind == "f":
            return text, kind
        forms = {"i": [(f"{text} + 1", "i"), (f"{text} % 3", "i"), (f"coalesce({text}, 0)", "i"), (f"CAST({text} AS TEXT)", "s"), (f"abs({text})", "i"),
                       (f"CASE WHEN {self.condition(columns)} THEN {text} ELSE 1 END", "i"), (f"nullif({text}, 2)", "i")],
                 "n": [(f"{text} * 2", "n"), (f"coalesce({text}, 0)", "n"), (f"-{text}", "n")],
                 "s": [(f"upper({text})", "s"), (f"coalesce({text}, 'none')", "s"), (f"{text} || '!'", "s"), (f"length({text})", "i"), (f"substring({text}, 1, 1)", "s")],
                 "t": [(f"{text} + INTERVAL '3 seconds'", "t"), (f"CAST(extract(minute FROM {text}) AS BIGINT)", "i")],
                 "b": [(f"NOT {text}", "b"), (f"{text} IS TRUE", "b"), (f"coalesce({text}, FALSE)", "b")],
                 "w": [(f"{text}.start", "t"), (f'{text}."end"', "t")]}
        return rng.choice(forms[kind])

    def where(self, columns, share=0.3, word="WHERE"):
        if self.rng.random() >= share:
            return ""
        self.note("filter")
        return f" {word} {self.condition(columns)}"

    def aggregates(self, columns, count):
        """Calls with their kinds."""
        rng, out = self.rng, []
        for _ in range(count):
            text, kind = rng.choice(columns)
            forms = [("count(*)", "i"), (f"count({text})", "i"), (f"count(DISTINCT {text})", "i")]
            if kind in "in":
                forms += [(f"sum({text})", "n"), (f"sum({text})", "n"), (f"avg({text})", "f") if kind == "i" else (f"max({text})", kind),
                          (f"sum(DISTINCT {text})", "n")]
            if kind in "inst":
                forms += [(f"min({text})", kind), (f"max({text})", kind)]
            if kind in "is":
                order = rng.choice(["", " DESC"])
                forms += [(f"percentile_disc({rng.choice(['0.25', '0.5', '0.75', '1'])}) WITHIN GROUP (ORDER BY {text}{order})", kind)]
                if kind == "i":
                    forms += [(f"percentile_cont({rng.choice(['0.25', '0.5', '0.75'])}) WITHIN GROUP (ORDER BY {text}{order})", "f")]
            if kind == "s":
                forms += [(f"string_agg({text}, ',' ORDER BY {text})", "s"), (f"string_agg(DISTINCT {text}, ',' ORDER BY {text})", "s")]
            if kind == "b":
                forms += [(f"bool_or({text})", "b"), (f"bool_and({text})", "b")]
            call, its = rng.choice(forms)
            self.note("aggregate distinct" if "DISTINCT" in call else "percentile" if "WITHIN" in call else "aggregate ordered" if "ORDER" in call else "aggregate")
            if rng.random() < 0.2:
                self.note("aggregate filter")
                call += f" FILTER (WHERE {self.comparison(columns)})"
            out.append((call, its))
        return out

    def named(self, values):
        """`value AS name, …` and the columns they make."""
        columns = [(self.fresh(), kind) for _, kind in values]
        return ", ".join(f"{text} AS {name}" for (text, _), (name, _) in zip(values, columns)), columns


def prefixed(relation, alias):
    return [(f"{alias}.{name}", kind) for name, kind in relation.columns]
