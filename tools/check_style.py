#!/usr/bin/env python3
"""Checks what can be checked of the style of the C sources: long functions and files, banned
functions, heap and OS calls outside the modules that own them, line width, folder names.

A function over 70 lines needs a comment before it, or in its first lines, with the word "long"
that says why. usage: check_style.py [ROOT]        exit status 1 when something is wrong"""
import os
import re
import subprocess
import sys

FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 1500
COLUMNS_MAX = 100
FOLDERS_FORBIDDEN = {"util", "utils", "common", "misc", "core", "helper", "helpers", "lib"}

BANNED = {
    "strcpy": "memcpy with a size", "strcat": "weir_buffer", "strncpy": "memcpy with a size",
    "sprintf": "snprintf", "vsprintf": "vsnprintf", "gets": "weir_file_read",
    "strtok": "a cursor", "atoi": "value/number.h", "atol": "value/number.h",
    "atoll": "value/number.h", "atof": "value/number.h", "alloca": "an arena",
    "rand": "sys->entropy", "srand": "sys->entropy", "random": "sys->entropy",
    "setjmp": "a status", "longjmp": "a status", "system": "nothing", "popen": "nothing",
    "tmpnam": "sys", "mktemp": "sys", "asctime": "value/time.h", "ctime": "value/time.h",
    "gmtime": "value/time.h", "localtime": "value/time.h", "setlocale": "nothing",
}
HEAP = {name: "base/memory.h" for name in
        ("malloc", "calloc", "realloc", "free", "strdup", "strndup", "asprintf", "aligned_alloc",
         "posix_memalign")}
# The shell's lines come from libedit and getline, which use the C library's heap.
HEAP_OWNERS = {"src/base/memory.c", "src/cli/shell.c"}
OS_HEADERS = re.compile(r'^\s*#\s*include\s*<((?:sys/|arpa/|netinet/)[a-z_]+\.h|unistd\.h|fcntl\.h|'
                        r'poll\.h|pthread\.h|dlfcn\.h|dirent\.h|glob\.h|signal\.h|termios\.h|'
                        r'threads\.h|time\.h|errno\.h)>', re.M)
# What the C library or the processor offers under such a name and is no call to the OS.
OS_ALLOWED = {"src/base/memory.c": {"sys/mman.h"}, "src/base/hash.c": {"sys/auxv.h"}}
STRIP = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def blank(match):
    """Keeps line breaks, so that line numbers stay."""
    return re.sub(r"[^\n]", " ", match.group(0))


def calls(code, names):
    for match in re.finditer(r"(?<![\w.>])(%s)\s*\(" % "|".join(names), code):
        yield code.count("\n", 0, match.start()) + 1, match.group(1)


def long_functions(lines):
    """(line, name, size) of each function over the limit that does not say why."""
    begin = None
    for i, line in enumerate(lines):
        if line == "{":
            begin = i
        elif line.startswith("}") and begin is not None:
            size = i - begin - 1
            head = begin - 1
            while head > 0 and not re.match(r"[A-Za-z_]", lines[head]):
                head -= 1
            excuse = "\n".join(lines[max(0, head - 12):begin + 5])
            if size > FUNCTION_LINES_MAX and not re.search(r"\b[Ll]ong", excuse):
                name = re.findall(r"(\w+)\s*\(", lines[head])
                yield head + 1, name[0] if name else "?", size
            begin = None


def check_text(path, text):
    lines = text.split("\n")
    if len(lines) - 1 > FILE_LINES_MAX:
        yield 1, "%d lines, at most %d" % (len(lines) - 1, FILE_LINES_MAX)
    for number, line in enumerate(lines, 1):
        if len(line) > COLUMNS_MAX and not path.endswith((".def", "fixtures.h")):
            yield number, "%d columns, at most %d" % (len(line), COLUMNS_MAX)
        if "\t" in line:
            yield number, "a tab"
        if line != line.rstrip():
            yield number, "white space at the end"
    if text and not text.endswith("\n"):
        yield len(lines), "no line feed at the end"


def check_source(path, text):
    code = STRIP.sub(blank, text)
    if not text.startswith("/*"):
        yield 1, "no header comment"
    for number, name in calls(code, BANNED):
        yield number, "%s is banned; use %s" % (name, BANNED[name])
    if path not in HEAP_OWNERS:
        for number, name in calls(code, HEAP):
            yield number, "%s is for base/memory.c; use %s" % (name, HEAP[name])
    if not path.startswith("src/sys/"):
        for match in OS_HEADERS.finditer(text):
            if match.group(1) not in OS_ALLOWED.get(path, ()):
                yield (text.count("\n", 0, match.start(1)) + 1,
                       "<%s> is for sys/, which is the only code that calls the OS"
                       % match.group(1))
    for number, name, size in long_functions(code.split("\n")):
        window = text.split("\n")[max(0, number - 13):number + 6]
        if not re.search(r"\b[Ll]ong", "\n".join(window)):
            yield number, "%s has %d lines, at most %d, and does not say why" \
                % (name, size, FUNCTION_LINES_MAX)
    # Templates are included many times.
    if path.endswith(".h") and not path.endswith(("_template.h", ".inc.h")):
        if not re.search(r"#ifndef WEIR_\w+_H\b", text):
            yield 1, "no include guard WEIR_…_H"


def tracked_files(root):
    listing = subprocess.run(["git", "-C", root, "ls-files", "-co", "--exclude-standard", "-z"],
                             stdout=subprocess.PIPE, check=True).stdout.decode()
    return sorted(name for name in listing.split("\0") if name)


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), "..")
    problems = count = 0
    for path in tracked_files(root):
        bad = FOLDERS_FORBIDDEN.intersection(path.split("/")[:-1])
        if bad and path.startswith(("src/", "include/")):
            print("%s: a folder must not be named %s" % (path, bad.pop()))
            problems += 1
        if not path.endswith((".c", ".h", ".def")) or not os.path.exists(os.path.join(root, path)):
            continue
        count += 1
        with open(os.path.join(root, path), encoding="utf-8") as file:
            text = file.read()
        found = list(check_text(path, text))
        if path.startswith("src/") and path.endswith((".c", ".h")):
            found += check_source(path, text)
        for number, problem in sorted(found):
            print("%s:%d: %s" % (path, number, problem))
        problems += len(found)
    print("style: %d files, %d problems" % (count, problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
