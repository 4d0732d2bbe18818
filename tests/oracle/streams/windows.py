"""What needs an event time: windows that close, joins by bounds on time and by windows."""

from oracle.streams.relations import JOINS, KEYS, Relation, prefixed

# DuckDB's windows of a time, as lists of structs; slide and width in microseconds.
MACROS = """
CREATE MACRO tumbles(t, w) AS [{'start': make_timestamp(epoch_us(t) // w * w), 'end': make_timestamp(epoch_us(t) // w * w + w)}];
CREATE MACRO hops(t, s, w) AS [{'start': make_timestamp(x), 'end': make_timestamp(x + w)}
  for x in [epoch_us(t) // s * s - n * s for n in range(0, w // s + 1)] if x + w > epoch_us(t)];
CREATE MACRO cumulates(t, s, w) AS [{'start': make_timestamp(epoch_us(t) // w * w), 'end': make_timestamp(x)}
  for x in [epoch_us(t) // w * w + least(n * s, w) for n in range(1, (w + s - 1) // s + 1)] if x > epoch_us(t)];
"""
WIDTHS = [1, 2, 3, 5, 7, 10, 12, 30]
SECOND = 1000000


def seconds(count):
    return f"INTERVAL '{count} seconds'"


class Window:
    """A window in both dialects; column: of a time that is no event time."""

    def __init__(self, rng, kind, column=None):
        self.kind, self.width = kind, rng.choice(WIDTHS)
        steps = [step for step in (1, 2, 3, 4, 5, 7, 20) if kind == "hop" and self.width / 9 <= step or kind == "cumulate" and self.width / 9 <= step <= self.width]
        self.slide = rng.choice(steps) if steps else self.width
        of = "" if column is None else f"{column}, "
        self.ours = f"{kind}({of}{seconds(self.width)})" if kind in ("tumble", "session") else f"{kind}({of}{seconds(self.slide)}, {seconds(self.width)})"

    def spread(self, source, time):
        """source, called q, with a row and a window q.w for each window a row is in; ours is as it was."""
        call = f"tumbles({time}, {self.width * SECOND})" if self.kind == "tumble" else f"{self.kind}s({time}, {self.slide * SECOND}, {self.width * SECOND})"
        return f"‹¦(SELECT q.*, unnest({call}) AS w FROM ›{source}‹¦) AS q›"

    @property
    def group(self):
        return f"‹{self.ours}¦q.w›"


class Windows:
    """Mixed into the generator."""

    def keys(self, relation, most=2):
        usable = relation.of(KEYS)
        return [(f"q.{name}", kind) for name, kind in self.rng.sample(usable, min(len(usable), self.rng.randrange(0, most + 1)))]

    def windowed(self, depth):
        """GROUP BY a window of the event time."""
        relation = self.timed(depth - 1)
        kind = self.rare([(f"window {kind}", 1) for kind in ("tumble", "hop", "hop", "cumulate", "session")])[0].split()[1]
        self.note(f"window {kind}")
        if relation.time[0][1]:
            self.note("window over windows")
        if kind == "session":
            return self.session(relation)
        window = Window(self.rng, kind)
        keys = self.keys(relation)
        bounds = self.rng.choice([[], ["start"], ["end"], ["start", "end"], ["start", "end"], ["start", "end"], ["w"]])
        values = [(f'‹{window.ours}¦(q.w)›."{bound}"', "t") if bound != "w" else (window.group, "w") for bound in bounds]
        items, columns = self.named(values + keys + self.aggregates(prefixed(relation, "q"), self.rng.randrange(1, 4)))
        hidden = self.fresh()
        by = ", ".join([window.group, *(text for text, _ in keys)])
        if len(keys) and self.rng.random() < 0.12:
            self.note("grouping sets")
            by = f"{window.group}, {self.rng.choice(['ROLLUP', 'CUBE'])} ({', '.join(text for text, _ in keys)})"
        text = (f"SELECT {items}‹¦, (q.w).\"end\" AS {hidden}› FROM {window.spread(relation.source('q'), relation.time_text())}"
                f"{self.where(prefixed(relation, 'q'), 0.2)} GROUP BY {by}{self.having()}")
        return Relation(text, columns, [(hidden, True)], True, relation.depth + 1)

    def having(self):
        if self.rng.random() >= 0.15:
            return ""
        self.note("having")
        return f" HAVING count(*) > {self.rng.choice([1, 1, 2])}"

    def session(self, relation):
        """Sessions; DuckDB's are runs of rows less than the gap apart."""
        gap, keys = self.rng.choice([1, 1, 2, 4]), self.keys(relation)
        names = [text.split(".")[1] for text, _ in keys]
        part = f"PARTITION BY {', '.join(names)} " if names else ""
        time = relation.time_text()
        where = self.where(prefixed(relation, "q"), 0.2)
        call, hidden = f"session({seconds(gap)})", self.fresh()
        values = [(f"‹{call}.start¦min(q.et)›", "t"), (f"‹{call}.end¦max(q.et) + {seconds(gap)}›", "t")]
        items, columns = self.named(values + keys + self.aggregates(prefixed(relation, "q"), self.rng.randrange(1, 4)))
        theirs = (f"(SELECT *, sum(begins) OVER ({part}ORDER BY et) AS run FROM (SELECT *, CASE WHEN et - lag(et) OVER ({part}ORDER BY et) < {seconds(gap)} "
                  f"THEN 0 ELSE 1 END AS begins FROM (SELECT q.*, {time} AS et FROM ")
        text = (f"SELECT {items}‹¦, max(q.et) + {seconds(gap)} AS {hidden}› FROM ‹¦{theirs}›{relation.source('q')}{where}‹¦) AS q) AS q) AS q› "
                f"GROUP BY {', '.join([f'‹{call}¦q.run›', *(text for text, _ in keys)])}")
        return Relation(text, columns, [(hidden, True)], True, relation.depth + 1)

    def session_of_column(self, relation, time):
        """Sessions of a plain time, whose rows may be taken back; those without a time are one."""
        gap, keys = self.rng.choice([1, 2, 4, 10]), self.keys(relation)
        self.note("window session", "session of a column")
        part = f"PARTITION BY {', '.join(['et IS NULL', *(text for text, _ in keys)])} "
        where, call = self.where(prefixed(relation, "q"), 0.2), f"session({time}, {seconds(gap)})"
        values = [(f"‹{call}.start¦min(q.et)›", "t"), (f"‹{call}.end¦max(q.et) + {seconds(gap)}›", "t")]
        items, columns = self.named(values + keys + self.aggregates(prefixed(relation, "q"), self.rng.randrange(1, 4)))
        theirs = (f"(SELECT *, sum(begins) OVER ({part}ORDER BY et) AS run FROM (SELECT *, CASE WHEN et - lag(et) OVER ({part}ORDER BY et) < {seconds(gap)} "
                  f"OR et IS NULL THEN 0 ELSE 1 END AS begins FROM (SELECT q.*, {time} AS et FROM ")
        text = (f"SELECT {items} FROM ‹¦{theirs}›{relation.source('q')}{where}‹¦) AS q) AS q) AS q› "
                f"GROUP BY {', '.join([f'‹{call}¦q.et IS NULL, q.run›', *(text for text, _ in keys)])}")
        return Relation(text, columns, None, False, relation.depth + 1)

    def of_column(self, depth):
        """Windows of a plain time: the result is updated."""
        relation = self.changing() if depth < 2 and self.rng.random() < 0.4 else self.relation(depth - 1)
        times = relation.of("t")
        if not times:
            return self.windowed(depth)
        time, kind = f"q.{self.rng.choice(times)[0]}", self.rng.choice(["tumble", "tumble", "hop", "cumulate", "session", "session"])
        if kind == "session":
            return self.session_of_column(relation, time)
        self.note(f"window {kind}", "window of a column")
        window = Window(self.rng, kind, time)
        keys = self.keys(relation)
        items, columns = self.named([(f'‹{window.ours}¦(q.w)›."end"', "t"), *keys, *self.aggregates(prefixed(relation, "q"), 2)])
        some = "" if all(name == "ts" for name, _ in times) else f" WHERE {time} IS NOT NULL"
        text = f"SELECT {items} FROM {window.spread(relation.source('q'), time)}{some} GROUP BY {', '.join([window.group, *(text for text, _ in keys)])}"
        return Relation(text, columns, None, False, relation.depth + 1)

    def table_function(self, depth):
        """FROM HOP(table, …): every row once for each of its windows, then grouped, or as it is."""
        table, kind = self.rng.choice("abc"), self.rng.choice(["tumble", "hop", "cumulate"])
        self.note(f"window {kind}", "window as a table")
        window, base = Window(self.rng, kind), self.base(table)
        call = window.ours.replace("(", f"({table}, ts, ", 1)
        source = f"‹{call} AS q¦(SELECT *, (w).start AS window_start, (w).\"end\" AS window_end FROM {window.spread(f'{table} AS q', 'q.ts')}) AS q›"
        spread = Relation(source, [*base.columns, ("window_start", "t"), ("window_end", "t")])
        bounds = [("q.window_start", "t"), ("q.window_end", "t")]
        if self.rng.random() < 0.4:
            items, columns = self.named(bounds + self.rng.sample(prefixed(base, "q"), 3))
            return Relation(f"SELECT {items} FROM {source}{self.where(prefixed(spread, 'q'))}", columns, None, False, 1)
        keys = self.keys(base)
        items, columns = self.named(bounds + keys + self.aggregates(prefixed(base, "q"), 2))
        return Relation(f"SELECT {items} FROM {source} GROUP BY {', '.join(text for text, _ in bounds + keys)}{self.having()}", columns, None, False, 1)

    def timed(self, depth):
        """A relation that carries an event time."""
        if depth <= 0:
            return self.base()
        return self.rng.choice([self.pass_on, self.pass_on, self.windowed, self.windowed, self.interval_join, self.windowed_join, self.stacked,
                                self.equal_join])(depth)

    def carried(self, relation, alias="q"):
        """Hidden columns of theirs for the times of a relation: text to add, and the times."""
        times = [(self.fresh(), is_end) for _, is_end in relation.time]
        return "".join(f"‹¦, {alias}.{old} AS {new}›" for (new, _), (old, _) in zip(times, relation.time)), times

    def pass_on(self, depth):
        """A projection with a filter."""
        relation = self.timed(depth - 1)
        self.note("project")
        columns = prefixed(relation, "q")
        values = [self.value(columns) for _ in range(self.rng.randrange(1, 4))] + self.rng.sample(columns, min(3, len(columns)))
        items, made = self.named(values)
        extra, times = self.carried(relation)
        return Relation(f"SELECT {items}{extra} FROM {relation.source('q')}{self.where(columns, 0.5)}", made, times, relation.final, relation.depth + 1)

    def stacked(self, depth):
        """UNION ALL of two streams."""
        self.note("union all", "union of streams")
        left, right = self.base(), self.base()
        columns = self.rng.sample(left.columns, 4)
        parts = [f"SELECT {', '.join(f'q.{name}' for name, _ in columns)}‹¦, q.ts AS h›" for _ in range(2)]
        where = [self.where(prefixed(left, "q")) for _ in range(2)]
        text = f"{parts[0]} FROM {left.source('q')}{where[0]} UNION ALL {parts[1]} FROM {right.source('q')}{where[1]}"
        return Relation(text, columns, [("h", False)], True, 1)

    def sides(self, left, right, kind):
        """Select items of a join of x and y, with the hidden times."""
        chosen = self.rng.sample(prefixed(left, "x"), min(3, len(left.columns)))
        if kind not in ("SEMI", "ANTI"):
            chosen += self.rng.sample(prefixed(right, "y"), min(3, len(right.columns)))
        items, columns = self.named(chosen)
        extra, times = self.carried(left, "x")
        if kind not in ("SEMI", "ANTI"):
            more, of_right = self.carried(right, "y")
            extra, times = extra + more, times + of_right
        return items + extra, columns, times

    def join_kind(self, word):
        kind = self.rare([(f"{word} {kind}", 1) for kind in JOINS])[0].split()[-1]
        self.note(f"{word} {kind}", f"join {kind}")
        return kind

    def interval_join(self, depth):
        left, right, kind = self.base(), self.base(), self.join_kind("interval join")
        x, y = left.time_text("x"), right.time_text("y")
        before, after = seconds(self.rng.choice([0, 1, 3, 9])), seconds(self.rng.choice([0, 1, 4]))
        bounds = self.rng.choice([f"{y} BETWEEN {x} - {before} AND {x} + {after}", f"{x} >= {y} - {before} AND {x} - {after} <= {y}",
                                  f"{y} > {x} - {before} AND {y} < {x} + {after}", f"{x} BETWEEN {y} AND {y} + {after}"])
        text = self.rng.choice(["", " AND x.k = y.k", " AND x.k = y.k", " AND x.k = y.k AND x.j = y.j"])
        if self.rng.random() < 0.3:
            text += f" AND {self.comparison([*prefixed(left, 'x'), *prefixed(right, 'y')])}"
        items, columns, times = self.sides(left, right, kind)
        return Relation(f"SELECT {items} FROM {left.source('x')} {kind} JOIN {right.source('y')} ON {bounds}{text}", columns, times, True, 1)

    def equal_join(self, depth):
        """An inner join of streams by keys: rows are only added, with the later time."""
        left, right = self.timed(min(depth - 1, 1)), self.base()
        self.note("join INNER", "join of streams")
        on = self.equality(left, right)
        items, columns, times = self.sides(left, right, "INNER")
        return Relation(f"SELECT {items} FROM {left.source('x')} JOIN {right.source('y')} ON {on}", columns, times, left.final, left.depth + 1)

    def windowed_join(self, depth):
        """Two results of the same window, joined by it."""
        kind = self.join_kind("windowed join")
        window = Window(self.rng, self.rng.choice(["tumble", "tumble", "hop", "cumulate"]))
        self.note(f"window {window.kind}")
        parts = []
        for _ in range(2):
            base = self.base()
            (w, k), hidden = (self.fresh(), self.fresh()), self.fresh()
            items, columns = self.named(self.aggregates(prefixed(base, "q"), self.rng.randrange(1, 3)))
            text = (f"SELECT {window.group} AS {w}, q.k AS {k}, {items}‹¦, (q.w).\"end\" AS {hidden}› FROM {window.spread(base.source('q'), 'q.ts')}"
                    f"{self.where(prefixed(base, 'q'))} GROUP BY {window.group}, q.k")
            parts.append(Relation(text, [(w, "w"), (k, "i"), *columns], [(hidden, True)], True, 1))
        left, right = parts
        (xw, _), (xk, _), *_ = left.columns
        (yw, _), (yk, _), *_ = right.columns
        on = self.rng.choice([f"x.{xw} = y.{yw} AND x.{xk} = y.{yk}", f"x.{xw} = y.{yw}",
                              f'x.{xw}.start = y.{yw}.start AND x.{xw}."end" = y.{yw}."end" AND x.{xk} = y.{yk}'])
        if self.rng.random() < 0.3:
            on += f" AND {self.comparison([*prefixed(left, 'x'), *prefixed(right, 'y')])}"
        items, columns, times = self.sides(left, right, kind)
        return Relation(f"SELECT {items} FROM {left.source('x')} {kind} JOIN {right.source('y')} ON {on}", columns, times, True, 2)
