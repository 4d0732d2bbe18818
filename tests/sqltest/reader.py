"""The format of tests/sql/*.test.

    table e (at TIMESTAMP, k TEXT, v INT) watermark 2      declared for the cases below it
    == the second row is late                              a case begins
    # why the answer is what it is
    e                                                      the rows of a table, in order of arrival
      @1 a 1
      @15 b 2
    --                                                     the next split of the table
      @3 a 4
    SELECT k, count(*) FROM e GROUP BY tumble(INTERVAL '10 seconds'), k;
    -> append                                              what a sink that only takes new rows gets
      a 1
      b 1
    late 1                                                 what the end report counts; nothing else may be reported

Between the title and `->` stand rows, tables of the case's own, sinks and the program. A table is
`table NAME (columns) [watermark SECONDS] [as debezium|op|upsert] [with options]`; watermark is of the
first column. A program that ends in a query writes it to the sink `out`.

Values: @12 is 12 s after 1970 (@1:30 a minute and a half, @1d a day, @2024-02-29T12:00 itself), @0..@10 a
window; null, true, numbers and words stand for themselves, 'in quotes' a text with blanks, ~ a key that is
missing, {…} and […] JSON without blanks. A line `| …` is a record as it stands. Rows of changes begin with
c, r, u (`u old => new`), d, t, null (debezium) or + and - (op, upsert). `... 300` pauses 300 ms.

What windows and times bound is forgotten when the input has ended; `keeps 1` behind a result says how many rows are not.

Results: `-> [NAME] KIND`, where KIND is
    append      the rows, each once, from a sink that takes no changes
    changes     the rows that are left when all changes are summed; the planner must refuse an append sink
    ordered     the rows, in this order
    exact       the changes (`+ a 1`, `- a 1`) of each step at batch_rows 1; `--` between steps whose order counts
    debezium    as changes, from envelopes
    upsert N    as changes, where rows replace each other by their first N columns
    live        as append, while the inputs are still open; nothing else comes for a while
    error CODE [words of the message]
    check [words]    nothing runs; `weir check` accepts, and says the words"""

import re

COUNTS = {"late": "too late", "bad": "bad record", "future": "ahead of the clock", "unmatched": "that were not there"}


class Table:
    """columns: [(name, type)]; text: what stands between the parentheses; form: plain, debezium, op, upsert."""

    def __init__(self, line):
        match = re.fullmatch(r"table (\w+) \((.*)\)(?: watermark ([\d.]+))?(?: as (\w+))?(?: with (.*))?", line)
        if not match:
            raise ValueError(f"no table: {line}")
        self.name, self.text, delay, form, self.options = match.groups()
        self.form = form or "plain"
        self.columns = columns_of(self.text)
        if delay:
            at = self.columns[0][0]
            self.text += f", WATERMARK FOR {at} AS {at} - INTERVAL '{delay} seconds'"


class Expected:
    def __init__(self, name, kind, words):
        self.name, self.kind, self.words, self.rows = name, kind, words, []


class Case:
    """splits: {table: [[line]]}; expected: [Expected]; counts: {what: number}."""

    def __init__(self, path, line, title, tables):
        self.path, self.line, self.title, self.tables = path, line, title, dict(tables)
        self.splits, self.sinks, self.program, self.expected, self.counts, self.says = {}, [], [], [], {}, []
        self.as_written, self.keeps = False, 0

    @property
    def name(self):
        return f"{self.path.name}:{self.line} {self.title}"

    @property
    def kinds(self):
        return {expected.kind for expected in self.expected}

    def shares(self):
        """Whether the rows may be shared out to other splits than they are written for."""
        written = any(len(splits) > 1 for splits in self.splits.values())
        changes = any(self.tables[name].form != "plain" for name in self.splits)
        return not (self.as_written or written or changes or self.counts or self.kinds & {"ordered", "exact", "live", "error", "check"})


def columns_of(text):
    columns, depth, begin = [], 0, 0
    for place, sign in enumerate(text + ","):
        depth += (sign in "(<[") - (sign in ")>]")
        if sign == "," and depth == 0:
            words = text[begin:place].split(None, 1)
            if words[0].upper() not in ("WATERMARK", "PRIMARY"):
                columns.append((words[0], words[1]))
            begin = place + 1
    return [(name, kind) for name, kind in columns if "GENERATED" not in kind]


def fields_of(line):
    """The words of a row; quotes hold blanks together and are kept."""
    return re.findall(r"""(?:'[^']*'|"[^"]*"|[^\s'"])+""", line)


class Reader:
    def __init__(self, path):
        self.path, self.tables, self.cases, self.case = path, {}, [], None
        self.rows, self.result = None, None

    def read(self):
        for number, line in enumerate(self.path.read_text().splitlines(), 1):
            try:
                self.line(number, line.rstrip())
            except (ValueError, KeyError, IndexError) as error:
                raise ValueError(f"{self.path}:{number}: {error!r}") from error
        for case in self.cases:
            if not case.expected:
                raise ValueError(f"{case.name}: nothing is expected")
        return self.cases

    def line(self, number, line):
        if not line or line.startswith("#"):
            return
        if line.startswith("== "):
            self.case = Case(self.path, number, line[3:], self.tables)
            self.cases.append(self.case)
            self.rows = self.result = None
        elif line.startswith("table "):
            table = Table(line)
            (self.case.tables if self.case else self.tables)[table.name] = table
            self.rows = self.begin_rows(table.name) if self.case else None
        elif line.startswith("-> "):
            self.begin_result(line[3:].split())
        elif self.result:
            self.result_line(line)
        else:
            self.case_line(line)

    def begin_rows(self, name):
        self.case.splits[name] = [[]]
        return self.case.splits[name]

    def begin_result(self, words):
        kinds = ("append", "changes", "ordered", "exact", "debezium", "upsert", "live", "error", "check")
        name = words.pop(0) if words[0] not in kinds else "out"
        self.result = Expected(name, words[0], words[1:])
        self.case.expected.append(self.result)
        self.rows = None

    def result_line(self, line):
        word, *rest = line.split(None, 1)
        if line.startswith("  ") or line == "--":
            self.result.rows.append(line.strip())
        elif word in COUNTS:
            self.case.counts[word] = int(rest[0])
        elif word == "keeps":
            self.case.keeps = int(rest[0])
        elif word == "says":
            self.case.says.append(rest[0])
        else:
            raise ValueError(f"not of a result: {line}")

    def case_line(self, line):
        case = self.case
        if line in case.tables:
            self.rows = self.begin_rows(line)
        elif line == "splits as written":
            case.as_written = True
        elif line.startswith("sink "):
            case.sinks.append(line[5:])
            self.rows = None
        elif self.rows is not None and line == "--":
            self.rows.append([])
        elif self.rows is not None and (line.startswith("  ") or line.startswith("| ")):
            self.rows[-1].append(line.strip())
        else:
            self.rows = None
            case.program.append(line)


def read(path):
    return Reader(path).read()
