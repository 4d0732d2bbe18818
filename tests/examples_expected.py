#!/usr/bin/env python3
"""Recomputes examples/expected/ with DuckDB, or by plain Python where DuckDB has no word for it, and compares.

    tests/examples_expected.py            exit status 1 when a file differs
    tests/examples_expected.py --write    writes them

NAME.duckdb.sql stands beside NAME.csv; the header is taken from the program's own select list. What is not a table
(fan_out's three files, the payments with bad records between them) is made below, by hand."""

import csv
import datetime
import decimal
import io
import json
import os
import pathlib
import sys

EXAMPLES = pathlib.Path(__file__).resolve().parent.parent / "examples"

HEADERS = {
    "busiest_hours": "hour,scheduled,cancelled,late_percent",
    "delays_by_airline": "day,carrier,flights,late,average_delay",
    "delays_by_hour": "hour,carrier,flights,delayed,average_delay",
    "error_rate": "window,requests,errors,clients,slowest_ms",
    "parse_log": "module,lines,errors,p90_ms",
    "revenue": "product,sold,revenue",
    "sensor_alerts": "at,sensor,fahrenheit,alert,comment",
    "top_airlines": "carrier,flights,late_percent,worst_minutes,miles",
    "top_customers": "customer,orders,with_note,items,countries",
    "worst_routes": "route,flights,median_delay,worst",
}


def cell(value):
    """A value as CSV shows it: floats without a needless fraction, times with a space."""
    if value is None:
        return ""
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime.datetime):
        return value.isoformat(sep=" ")
    return str(value)


def as_csv(header, rows):
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(header.split(","))
    for row in rows:
        out.writerow([cell(value) for value in row])
    return text.getvalue()


def by_duckdb():
    import duckdb
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    for name, header in HEADERS.items():
        query = (EXAMPLES / "expected" / f"{name}.duckdb.sql").read_text()
        yield f"{name}.csv", as_csv(header, connection.execute(query).fetchall())


def payments():
    """Per currency: how many, and their sum. A record counts when it is an object whose amount is a number."""
    sums = {}
    for line in open("data/payments.ndjson"):
        try:
            record = json.loads(line, parse_float=decimal.Decimal, parse_int=decimal.Decimal)
            amount, currency = record["amount"], record["currency"]
            if isinstance(amount, decimal.Decimal):
                count, total = sums.get(currency, (0, decimal.Decimal("0.00")))
                sums[currency] = (count + 1, total + amount)
        except (ValueError, TypeError):
            pass
    yield "clean_payments.csv", as_csv("currency,payments,total", [(c, *sums[c]) for c in sorted(sums)])


def fan_out():
    errors, slow, paths = [], [], {}
    for line in open("data/access.ndjson"):
        record = json.loads(line)
        if record["status"] >= 500:
            time = record["time"].removesuffix("Z").rstrip("0").rstrip(".")
            errors.append(json.dumps({"time": time, "path": record["path"], "status": record["status"]},
                                     separators=(",", ":"), ensure_ascii=False) + "\n")
        if record["ms"] > 60:
            slow.append((record["path"], float(record["ms"])))
        paths[record["method"] + " " + record["path"].split("?")[0]] = True
    yield "fan_out.errors.ndjson.out", "".join(errors)
    yield "fan_out.slow.csv.out", as_csv("path,ms", slow)
    yield "fan_out.paths.txt.out", "".join(path + "\n" for path in paths)


def main():
    os.chdir(EXAMPLES)
    differ = 0
    for make in (by_duckdb, payments, fan_out):
        for name, text in make():
            path = EXAMPLES / "expected" / name
            if "--write" in sys.argv:
                path.write_text(text)
            elif not path.exists() or sorted(path.read_text().splitlines()) != sorted(text.splitlines()):
                print(f"examples/expected/{name} is not what comes out")
                differ += 1
    print(f"expected outputs of the examples: {differ} differ")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
