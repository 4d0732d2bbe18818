"""Functions over generated arguments: what Postgres answers, weir answers.

A case of cases.py is an expression over {0}, {1} … and the kinds of its arguments (values.py). Each is
asked with the arguments in columns, and with all of them as literals. An error in Postgres must
be an error here. Answers are compared as text; numbers may differ in how many zeros end them, and
where a case says so, in the last digits."""

import json
import math
import random
import re
from decimal import Decimal, InvalidOperation

from functions import cases, values

TRY = """CREATE EXTENSION IF NOT EXISTS fuzzystrmatch;
CREATE FUNCTION pg_temp.try(zone text, expression text) RETURNS text LANGUAGE plpgsql AS $f$
DECLARE result text;
BEGIN
  PERFORM set_config('timezone', zone, true);
  EXECUTE 'SELECT (' || expression || ')::text' INTO result;
  RETURN coalesce('=' || result, 'NULL');
EXCEPTION WHEN others THEN RETURN '!' || sqlerrm;
END $f$;
"""


def literal(value, kind):
    type_name = values.sql_type(kind)
    if value is None:
        return f"NULL::{type_name}"
    if type_name == "text":
        return "'" + value.replace("'", "''") + "'::text"
    return "'" + value.replace("'", "''") + f"'::{type_name}"


class Group:
    """One expression in one zone with its rows of arguments."""

    def __init__(self, number, case, rng, rows_count):
        self.number, self.case = number, case
        self.zone = rng.choice(values.ZONES) if case.zoned else "UTC"
        self.rows = [[values.value(rng, kind) for kind in case.kinds] for _ in range(rows_count)]
        self.as_literals = number % 2 == 1

    def literals(self, row):
        return [literal(value, kind) for value, kind in zip(row, self.case.kinds)]

    def expression(self, row):
        return self.case.expression.format(*self.literals(row))

    def statement(self):
        names = [f"c{i}" for i in range(len(self.case.kinds))]
        rows = ",".join(f"({n},{','.join(self.literals(row))})" if names else f"({n})" for n, row in enumerate(self.rows))
        return (f"SELECT '{self.number}:' || n AS k, ({self.case.expression.format(*names)})::text AS r "
                f"FROM (VALUES {rows}) v({','.join(['n', *names])});")

    def statements(self):
        if not self.as_literals:
            return [self.statement()]
        return [f"SELECT '{self.number}:{n}' AS k, ({self.expression(row)})::text AS r;" for n, row in enumerate(self.rows)]


def ask_postgres(server, groups):
    """{"group:row": answer}; an answer is =text, NULL or !error."""
    script = [TRY, "CREATE TEMP TABLE asked (k text, zone text, expression text);",
              "COPY asked FROM STDIN;"]
    for group in groups:
        for n, row in enumerate(group.rows):
            text = group.expression(row).replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")
            script.append(f"{group.number}:{n}\t{group.zone}\t{text}")
    script.append("\\.")
    script.append("SELECT json_build_array(k, pg_temp.try(zone, expression)) FROM asked;")
    out = server.psql("\n".join(script) + "\n")
    return dict(json.loads(line) for line in out.split("\n") if line.startswith("["))


def ask_weir(context, groups, zone):
    """The same, in a few runs: a statement that cannot be planned fails its run by its line, and
    the run is begun again without it."""
    asked = []
    for group in groups:
        for n, statement in enumerate(group.statements()):
            rows = [n] if group.as_literals else range(len(group.rows))
            asked.append((escape_lines(statement), [f"{group.number}:{row}" for row in rows]))
    answers = {}
    for start in range(0, len(asked), 300):
        part = asked[start:start + 300]
        while part:
            failed, message = run_part(context, [statement for statement, _ in part], zone, answers)
            if not failed:
                break
            for key in [key for line in failed for key in part[line - 1][1]]:
                answers[key] = "!" + message
            part = [one for line, one in enumerate(part, 1) if line not in failed]
    return answers


def run_part(context, statements, zone, answers):
    """Runs statements, one to a line. Returns the lines that failed and why."""
    got = context.run("sql", "-D", "on_error=null", "-D", f"timezone={zone}", "-o", "json",
                      stdin="\n".join(statements).encode())
    errors = got.stderr.decode()
    if got.returncode != 0:
        lines = [int(line) for line in re.findall(r"^-:(\d+):\d+: error", errors, re.M)]
        if not lines:
            answers["failed"] = errors[:500]
            return list(range(1, len(statements) + 1)), errors[:200]
        return lines, errors[:200]
    for line in got.stdout.decode().split("\n")[:-1]:
        record = json.loads(line)
        answers[record["k"]] = "NULL" if record["r"] is None else "=" + record["r"]
    return [], ""


def escape_lines(statement):
    """A statement on one line: line ends go into E'' literals."""
    def escaped(match):
        text = match.group(0)
        if "\n" not in text:
            return text
        return "E" + text.replace("\\", "\\\\").replace("\n", "\\n")
    return re.sub(r"'(?:[^']|'')*'", escaped, statement)


def same_number(ours, theirs, digits):
    try:
        a, b = Decimal(ours), Decimal(theirs)
    except InvalidOperation:
        return False
    if a == b or (a.is_nan() and b.is_nan()):
        return True
    if a.is_infinite() or b.is_infinite() or a.is_nan() or b.is_nan() or digits is None:
        return False
    scale = min(-a.as_tuple().exponent, -b.as_tuple().exponent)
    if digits == 0:  # the same up to where the shorter one was rounded
        return abs(a - b) <= Decimal(10) ** -max(scale, 0)
    return math.isclose(float(a), float(b), rel_tol=10.0 ** -digits, abs_tol=1e-300)


def is_beyond_decimal(theirs):
    """DECIMAL has 38 digits, 16 of them behind the point in quotients and the like, and no NaN."""
    try:
        value = Decimal(theirs[1:])
    except InvalidOperation:
        return False
    return not value.is_finite() or abs(value) >= Decimal(10) ** 22


def same(case, ours, theirs, is_literal):
    if ours == theirs:
        return True
    if theirs.startswith("!"):
        return ours == "NULL" or ours.startswith("!")
    if theirs == "NULL" and is_literal:
        return ours.startswith("!")  # a wrong constant is an error before any row is seen
    if ours == "NULL" and case.numeric and is_beyond_decimal(theirs):
        return True
    if ours.startswith("=") and theirs.startswith("=") and case.numeric:
        return same_number(ours[1:], theirs[1:], case.digits)
    return False


def run(context, server, rows_count, seed=20261121, only=None):
    """Compares; rows_count rows for each case. Returns how many answers there were."""
    rng = random.Random(seed)
    chosen = [case for case in cases.ALL if not only or only in case.expression]
    groups = [Group(n, case, rng, rows_count if case.kinds else 1)
              for n, case in enumerate(case for case in chosen for _ in range(2 if rows_count > 20 else 1))]
    if rows_count <= 20:  # the sample asks half of the cases each way, by the seed
        shift = rng.randrange(2)
        for group in groups:
            group.as_literals = (group.number + shift) % 2 == 1
    theirs = ask_postgres(server, groups)
    ours = {}
    for zone in values.ZONES:
        of_zone = [group for group in groups if group.zone == zone]
        if of_zone:
            ours.update(ask_weir(context, of_zone, zone))
    context.check("weir answers", "failed" not in ours, ours.get("failed"))
    for group in groups:
        wrong = []
        for n, row in enumerate(group.rows):
            key = f"{group.number}:{n}"
            if not same(group.case, ours.get(key, "no answer"), theirs.get(key, "no answer"), group.as_literals):
                wrong.append(f"{group.expression(row)}\n  weir     {ours.get(key)}\n  postgres {theirs.get(key)}")
        context.check(f"{group.case.expression} [{'literals' if group.as_literals else 'columns'}, {group.zone}]", not wrong,
                      f"{len(wrong)} of {len(group.rows)} differ\n" + "\n".join(wrong[:6]))
    return sum(len(group.rows) for group in groups)
