"""Every example of every function and aggregate: its result is the one that is documented. With
Postgres at hand (WEIR_POSTGRES: a connection string for psql) the same is asked there."""

import json


def run(context):
    listing = context.run("functions", "--format", "json")
    if listing.returncode != 0:
        context.check("listing", False, listing.stderr.decode())
        return
    pages = [json.loads(line) for line in listing.stdout.decode().splitlines()]
    context.check("there are functions", len(pages) > 100, f"only {len(pages)}")
    for page in pages:
        name = f"{page['name']}{page['signature']}"
        example = page["example"]
        if not context.check(f"{name} has an example", bool(example)):
            continue
        query = example if page["aggregate"] or example.upper().startswith("SELECT") else f"SELECT {example}"
        got = context.run("sql", "-o", "csv", query)
        if got.returncode != 0:
            context.check(name, False, f"{query}\n{got.stderr.decode()}")
            continue
        rows = parse_csv(got.stdout.decode())
        text = "\n".join(",".join(row) for row in rows[1:])
        context.check(name, text == page["result"],
                      f"{query}\nis        {text}\nshould be {page['result']}")


def parse_csv(text):
    import csv
    import io
    return list(csv.reader(io.StringIO(text)))
