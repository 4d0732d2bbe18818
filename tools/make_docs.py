#!/usr/bin/env python3
"""Writes docs/reference/ from the program's own tables. usage: make_docs.py WEIR
With --check, says whether the pages are current instead."""

import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def weir(program, *args):
    return subprocess.run([program, *args], capture_output=True, check=True, text=True).stdout


def functions_page(program):
    pages = [json.loads(line) for line in weir(program, "functions", "--format", "json").splitlines()]
    out = ["# Functions", "", "Made from the function tables; every example is run as a test.", ""]
    category = None
    for page in pages:
        title = ("aggregate: " if page["aggregate"] and not page["category"].startswith("aggregate") else "") + page["category"]
        if title != category:
            out += [f"## {title}", ""]
            category = title
        ours = "" if page["postgres"] else " *(weir)*"
        out.append(f"- `{page['name']}{page['signature']}`{ours}: {page['summary']}")
        if page["example"]:
            example, result = (text.replace("\n", " ").replace("`", "'") for text in (page["example"], page["result"]))
            out.append(f"  `{example}` → `{result}`")
    return "\n".join(out) + "\n"


def listing(program, command, title):
    names = [line.split()[0] for line in weir(program, command).splitlines() if line and not line[0].isspace()]
    out = [f"# {title}", ""]
    for name in names:
        out.append(weir(program, command, name).replace("\n# ", "\n## ").replace("# ", "## ", 1).rstrip() + "\n")
    return "\n".join(out)


def errors_page(program):
    out = ["# Errors", "", "| code | exit | meaning |", "|---|---|---|"]
    for line in weir(program, "errors").splitlines():
        code, _, exit_code, title = line.split(None, 3)
        out.append(f"| {code} | {exit_code} | {title} |")
    return "\n".join(out) + "\n"


def options_page(program):
    out = ["# Job options", "", "Set by `SET name = value;` in a program, or by `-D name=value`, which wins.", "",
           "| option | default | meaning |", "|---|---|---|"]
    for line in weir(program, "options").splitlines():
        name, default, meaning = line[:20].strip(), line[21:32].strip(), line[33:]
        out.append(f"| `{name}` | `{default}` | {meaning} |")
    return "\n".join(out) + "\n"


def commands_page(program):
    names = [line.split()[0] for line in weir(program, "help").split("commands:\n")[1].split("\n\n")[0].splitlines()]
    out = ["# Commands", "", "What `weir help COMMAND` says.", ""]
    for name in names:
        out += [f"## {name}", "", "```text", weir(program, "help", name).rstrip(), "```", ""]
    return "\n".join(out)


def main():
    check = "--check" in sys.argv
    program = [a for a in sys.argv[1:] if not a.startswith("-")][0]
    pages = {"functions": functions_page(program), "connectors": listing(program, "connectors", "Connectors"),
             "formats": listing(program, "formats", "Formats"), "errors": errors_page(program),
             "options": options_page(program), "commands": commands_page(program)}
    stale = []
    for name, text in pages.items():
        path = ROOT / "docs" / "reference" / f"{name}.md"
        if not path.exists() or path.read_text() != text:
            stale.append(name)
            if not check:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
    if check and stale:
        print("docs/reference is not current: " + ", ".join(stale) + " (tools/make_docs.py mends it)")
        sys.exit(1)


if __name__ == "__main__":
    main()
