"""Every program in examples/ runs, gives the output in examples/expected/ where there is one (computed by
another engine or by hand), and the demonstration runs."""

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
        expected = folder / "expected" / f"{name}.csv"
        if expected.exists():
            compare(context, name, got.stdout.decode(), expected.read_text())
        for output in sorted((folder / "expected").glob(f"{name}.*.out")):
            written = folder / output.name.split(".", 1)[1].removesuffix(".out")
            if context.check(f"{name} writes {written.name}", written.exists(), "no such file"):
                compare(context, f"{name}: {written.name}", written.read_text(), output.read_text())
    done = subprocess.run([folder / "demo.sh"], env={"WEIR": context.weir, "PATH": "/usr/bin:/bin"},
                          capture_output=True, timeout=120)
    context.check("demo.sh", done.returncode == 0 and b"worst" in done.stdout, done.stderr.decode())


def compare(context, name, got, expected):
    """Rows without an ORDER BY may come in any order."""
    same = sorted(got.splitlines()) == sorted(expected.splitlines())
    context.check(name, same, f"is\n{got}\nshould be\n{expected}")
