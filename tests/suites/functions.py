"""Functions: each of Postgres 15 is there or left out with a reason; every example of every function
and aggregate gives what is documented, here and in Postgres; and over generated arguments the
answers are those of Postgres (1,000 of them, or with WEIR_FULL=1 some hundred thousand)."""

import csv
import io
import json
import re

import postgres
from functions import differential, division, listed

SAMPLE_ROWS, FULL_ROWS = 2, 150
OUR_TYPES = re.compile(r"struct<|map<", re.I)


def run(context):
    listing = context.run("functions", "--format", "json")
    if listing.returncode != 0:
        context.check("listing", False, listing.stderr.decode())
        return
    pages = [json.loads(line) for line in listing.stdout.decode().splitlines()]
    context.check("there are functions", len(pages) > 100, f"only {len(pages)}")
    listed.check(context)
    division.check(context)
    for page in pages:
        check_example(context, page)
    with postgres.start() as server:
        if server is None:
            context.skip("Postgres's answers", postgres.reason())
            return
        check_postgres(context, server, pages)
        count = differential.run(context, server, FULL_ROWS if context.full else SAMPLE_ROWS)
        context.check("enough values", count >= (100000 if context.full else 1000), count)


def query_of(page):
    example = page["example"]
    is_query = page["aggregate"] or example.upper().startswith(("SELECT", "WITH", "CREATE"))
    return example if is_query else f"SELECT {example}"


def name_of(page):
    return f"{page['name']}{page['signature']}"


def check_example(context, page):
    if not context.check(f"{name_of(page)} has an example", bool(page["example"])):
        return
    query = query_of(page)
    got = context.run("sql", "-o", "csv", query)
    if got.returncode != 0:
        context.check(name_of(page), False, f"{query}\n{got.stderr.decode()}")
        return
    rows = list(csv.reader(io.StringIO(got.stdout.decode())))
    text = "\n".join(",".join(row) for row in rows[1:])
    context.check(name_of(page), text == page["result"],
                  f"{query}\nis        {text}\nshould be {page['result']}")


def check_postgres(context, server, pages):
    """The examples whose functions Postgres has, in one session; those with types that it has not
    are only ours."""
    pages = [page for page in pages if page["postgres"] and page["example"] and not OUR_TYPES.search(page["example"])]
    booleans = {"t": "true", "f": "false"}
    for page, rows in zip(pages, server.rows_of([query_of(page) for page in pages])):
        if isinstance(rows, postgres.Failed):
            context.check(f"{name_of(page)} in Postgres", False, f"{query_of(page)}\n{rows}")
            continue
        text = "\n".join(",".join(booleans.get(cell, cell) if cell is not None else "" for cell in row)
                         for row in rows)
        context.check(f"{name_of(page)} in Postgres", text == page["result"],
                      f"{query_of(page)}\nis           {page['result']}\nin Postgres  {text}")
