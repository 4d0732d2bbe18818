"""Every program in examples/ runs, gives the output in examples/expected/ where there is one (computed by
another engine or by hand), and the demonstration runs."""

import json
import shutil
import subprocess


def run(context):
    folder = context.directory / "examples"
    shutil.copytree(context.root / "examples", folder)
    for program in sorted(folder.glob("*.sql")):
        name = program.stem
        got = context.run("run", "-o", "csv", program.name, cwd=folder)
        if not context.check(f"{name} runs", got.returncode == 0, got.stderr.decode()):
            continue
        ordered = "\nORDER BY" in program.read_text()
        expected = folder / "expected" / f"{name}.csv"
        outputs = sorted((folder / "expected").glob(f"{name}.*.out"))
        context.check(f"{name} has an expected output", expected.exists() or outputs)
        if expected.exists():
            compare(context, name, got.stdout.decode(), expected.read_text(), ordered)
            again = context.run("run", "-o", "csv", "-D", "batch_rows=7", program.name, cwd=folder, env={"WEIR_CPU": "scalar"})
            compare(context, f"{name}, batches of 7, plain C", again.stdout.decode(), expected.read_text(), ordered)
            asked = context.run("sql", "-o", "csv", "-f", program.name, cwd=folder)
            compare(context, f"{name} by weir sql", asked.stdout.decode(), expected.read_text(), ordered)
        for output in outputs:
            written = folder / output.name.split(".", 1)[1].removesuffix(".out")
            if context.check(f"{name} writes {written.name}", written.exists(), "no such file"):
                compare(context, f"{name}: {written.name}", written.read_text(), output.read_text(), name == "fan_out")
    dead_letters(context, folder / "payments.bad.ndjson")
    done = subprocess.run([folder / "demo.sh"], env={"WEIR": context.weir, "PATH": "/usr/bin:/bin"},
                          capture_output=True, timeout=120)
    context.check("demo.sh", done.returncode == 0 and b"worst" in done.stdout, done.stderr.decode())


def dead_letters(context, path):
    """The lines of payments.ndjson that are no payments, by hand: a text for a number, a cut line, no JSON."""
    letters = [json.loads(line) for line in path.read_text().splitlines()]
    lines = (context.root / "examples/data/payments.ndjson").read_text().splitlines()
    context.check("clean_payments: dead letters", [(bad["record"], bad["bytes"]) for bad in letters] == [(n, lines[n]) for n in (3, 11, 17)], letters)


def compare(context, name, got, expected, ordered):
    """Rows without an ORDER BY may come in any order."""
    same = got == expected if ordered else sorted(got.splitlines()) == sorted(expected.splitlines())
    context.check(name, same, f"is\n{got}\nshould be\n{expected}")
