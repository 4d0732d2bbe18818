#!/usr/bin/env python3
"""Checks every #include "module/…" under src/ against tools/layers.txt: unknown modules, includes
that the table does not allow, cycles between modules and between headers, private headers
(*_internal.h) of other modules, .c files that see more than 25 project headers, directly or through
others. The headers of base and of value are the words of every file: those of either count as one.

usage: check_layers.py [ROOT]        exit status 1 when something is wrong"""
import os
import re
import sys

HEADERS_MAX = 25
LEAVES = {"base", "value"}  # each counts as one header
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([^"]+)"', re.M)


def read_layers(path):
    """name -> set of names, "*" already replaced by all above; and the list of names in order."""
    allowed, order = {}, []
    with open(path) as file:
        for number, line in enumerate(file, 1):
            line = line.split("#")[0].strip()
            if not line:
                continue
            if ":" not in line:
                sys.exit("%s:%d: expected MODULE: MODULES" % (path, number))
            name, names = (part.strip() for part in line.split(":", 1))
            given = set(names.split())
            if "*" in given:
                given |= {above for above in order if not above.startswith("connect")}
                given.discard("*")
            for other in given:
                if other not in order:
                    sys.exit("%s:%d: %s stands above %s or is unknown" % (path, number, name, other))
            allowed[name] = given
            order.append(name)
    return allowed, order


def module_of(path):
    """base/slice.h -> base; connect/file/source.c -> connect/file; connect/connect.h -> connect."""
    parts = path.split("/")
    if parts[0] == "connect" and len(parts) > 2:
        return "connect/" + parts[1]
    return parts[0]


def layer_of(module):
    return "connect/*" if module.startswith("connect/") else module


def read_includes(source):
    """path below src/ -> list of (line, included path below src/)."""
    includes = {}
    for folder, folders, files in os.walk(source):
        folders.sort()
        for name in sorted(files):
            if not name.endswith((".c", ".h", ".def", ".inc")):
                continue
            path = os.path.relpath(os.path.join(folder, name), source)
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                text = file.read()
            found = []
            for match in INCLUDE.finditer(text):
                line = text.count("\n", 0, match.start()) + 1
                target = match.group(1)
                beside = os.path.normpath(os.path.join(os.path.dirname(path), target))
                if os.path.exists(os.path.join(source, target)):
                    found.append((line, target))
                elif os.path.exists(os.path.join(source, beside)):
                    found.append((line, beside))
            includes[path] = found
    return includes


def may_include(allowed, module, target):
    if module == target or (module.startswith("connect/") and target == "connect"):
        return True
    names = allowed[layer_of(module)]
    return target in names or (target.startswith("connect/") and "connect/*" in names) or \
        (target == "connect" and "connect/*" in names)


def check_edges(includes, allowed):
    for path, found in includes.items():
        module = module_of(path)
        if layer_of(module) not in allowed:
            yield "src/%s: module %s is not in tools/layers.txt" % (path, module)
            continue
        for line, target in found:
            other = module_of(target)
            if not may_include(allowed, module, other):
                yield "src/%s:%d: %s may not include %s (%s)" % (path, line, module, other, target)
            elif module != other and "_internal" in os.path.basename(target):
                yield "src/%s:%d: %s is private to %s" % (path, line, target, other)


def find_cycle(graph):
    """Some cycle of the graph (node -> nodes) as a list, or None."""
    state, stack = {}, []

    def visit(node):
        state[node] = 1
        stack.append(node)
        for other in sorted(graph.get(node, ())):
            if state.get(other) == 1:
                return stack[stack.index(other):] + [other]
            if other not in state:
                cycle = visit(other)
                if cycle:
                    return cycle
        stack.pop()
        state[node] = 2
        return None

    for node in sorted(graph):
        if node not in state:
            cycle = visit(node)
            if cycle:
                return cycle
    return None


def check_cycles(includes):
    headers = {path: {target for _, target in found if target != path}
               for path, found in includes.items() if path.endswith(".h")}
    cycle = find_cycle(headers)
    if cycle:
        yield "headers include each other: " + " -> ".join(cycle)
    modules = {}
    for path, found in includes.items():
        module = module_of(path)
        modules.setdefault(module, set()).update(
            module_of(target) for _, target in found if module_of(target) != module)
    cycle = find_cycle(modules)
    if cycle:
        yield "modules include each other: " + " -> ".join(cycle)


def headers_seen(includes, path):
    seen, left = set(), [path]
    while left:
        for _, target in includes.get(left.pop(), ()):
            if target.endswith(".h") and target not in seen:
                seen.add(target)
                left.append(target)
    leaves = [module_of(header) for header in seen if module_of(header) in LEAVES]
    return len(seen) - len(leaves) + len(set(leaves))


def check_headers(includes):
    for path in includes:
        count = headers_seen(includes, path) if path.endswith(".c") else 0
        if count > HEADERS_MAX:
            yield "src/%s: sees %d project headers (at most %d)" % (path, count, HEADERS_MAX)


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), "..")
    sys.setrecursionlimit(10000)
    allowed, _ = read_layers(os.path.join(root, "tools", "layers.txt"))
    includes = read_includes(os.path.join(root, "src"))
    problems = [*check_edges(includes, allowed), *check_cycles(includes), *check_headers(includes)]
    for problem in problems:
        print(problem)
    print("layers: %d files, %d problems" % (len(includes), len(problems)))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
