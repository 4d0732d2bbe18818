"""Several INSERTs in one job: the queries of the oracle as `weir run` has them, changes netted."""


import re

from oracle import compare, engines

PER_JOB = 5


def program(weir, cases, directory):
    """A job; each case has two lines, from line_of(weir, 0) on."""
    text = weir.ddl
    for n, case in enumerate(cases):
        text += (f"CREATE TABLE out{n} WITH (connector = 'file', path = '{directory / f'out{n}.json'}', format = 'json', changelog = 'op-column');\n"
                 f"INSERT INTO out{n} {case.query.text_for('weir')};\n")
    return text


def net_rows(path, case):
    """The rows that are left when what was taken back is taken away."""
    counts = {}
    for line in path.read_text().splitlines():
        row = dict(compare.json_value(line)[1])
        key = tuple(compare.from_json(kind, row[name]) for name, kind in case.query.columns)
        counts[key] = counts.get(key, 0) + (1 if row.get("_op", "+") == "+" else -1)
    if any(count < 0 for count in counts.values()):
        return engines.Failed("a row is taken back that was not there")
    return [row for row, count in counts.items() for _ in range(count)]


def executable(weir, cases, directory):
    """Without those whose aggregates cannot take rows back (sketches): `weir check` tells them by line."""
    got = weir.call(program(weir, cases, directory), ["-"], command="check")
    first = weir.ddl.count("\n") + 1
    refused = {(int(line) - first) // 2 for line in re.findall(r"^-:(\d+):\d+: error WEIR-20(?:24|40)", got.stderr.decode(errors="replace"), re.M)}
    return [case for n, case in enumerate(cases) if n not in refused]


def answers(weir, cases, directory):
    """(case, its rows or a Failed) of each case that `weir run` executes."""
    chosen = [case for case in cases if not case.query.ordered]
    while chosen and (fewer := executable(weir, chosen, directory)) != chosen:
        chosen = fewer
    for at in range(0, len(chosen), PER_JOB):
        part = chosen[at:at + PER_JOB]
        got = weir.call(program(weir, part, directory), ["-"], command="run")
        for n, case in enumerate(part):
            if got.returncode != 0:
                yield case, engines.Failed(got.stderr.decode(errors="replace")[-800:])
            else:
                yield case, net_rows(directory / f"out{n}.json", case)


def run(context, weir, cases):
    """Asks; returns how many queries there were."""
    asked = 0
    for case, answer in answers(weir, cases, context.directory):
        asked += 1
        ok = case.agrees(answer)
        context.check("an INSERT of several", ok, "" if ok else case.difference(answer))
    return asked
