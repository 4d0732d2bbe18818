"""Every code block of the documentation runs, in the examples' folder (those of README.md above it): ```sql blocks as
programs, ```sh blocks that call weir as commands, compared with the ```text block that follows. The reference pages are
what the program says now."""

import os
import re
import shutil
import subprocess

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.M | re.S)


def run(context):
    folder = context.directory / "examples"
    shutil.copytree(context.root / "examples", folder)
    (context.directory / "bin").mkdir()
    os.symlink(context.weir, context.directory / "bin" / "weir")
    env = dict(os.environ, PATH=f"{context.directory}/bin:{os.environ['PATH']}")
    pages = sorted((context.root / "docs").glob("**/*.md")) + [context.root / "README.md"]
    for page in pages:
        blocks = BLOCK.findall(page.read_text())
        for i, (kind, text) in enumerate(blocks):
            name = f"{page.name} block {i + 1}"
            where = context.directory if page.name == "README.md" and page.parent == context.root else folder
            if kind == "sql":
                got = context.run("sql", "-f", "-", stdin=text.encode(), cwd=where)
                context.check(name, got.returncode == 0, f"{text}\n{got.stderr.decode()}")
            elif kind == "sh" and re.search(r"^(\w+=\S+ )*weir ", text):
                got = subprocess.run(text, shell=True, cwd=where, env=env, capture_output=True, timeout=60)
                context.check(name, got.returncode == 0, f"{text}\n{got.stderr.decode()}")
                if i + 1 < len(blocks) and blocks[i + 1][0] == "text":
                    context.check(f"{name}, output", got.stdout.decode() == blocks[i + 1][1],
                                  f"is\n{got.stdout.decode()}\nshould be\n{blocks[i + 1][1]}")
    current = subprocess.run([context.python, context.root / "tools" / "make_docs.py", "--check", context.weir], capture_output=True)
    said = current.stdout.decode() + current.stderr.decode()
    if "not current: functions (" in said:
        context.skip("reference page of functions", said)
    else:
        context.check("reference pages", current.returncode == 0, said)
