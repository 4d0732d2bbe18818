#!/usr/bin/env python3
"""Makes the inputs of the benchmark from a seed. usage: generate.py KIND COUNT FILE

events   207-byte NDJSON events of a shop: 11 keys, one shape
nexmark  persons, auctions and bids mixed 1 : 3 : 46, nested under their kind, as NDJSON
flights  the flights of January 2013 as NDJSON, repeated; 1 % of the lines have their keys
         shuffled, lack keys, or have escapes
csv      the events as CSV
misses   events whose keys stand in a new order in every line
"""

import csv
import gzip
import json
import pathlib
import random
import sys

KINDS = ["page_view", "click", "purchase", "add_to_cart", "signup", "ad_load", "play", "pause"]
COUNTRIES = ["US", "DE", "FR", "VN", "JP", "BR"]


def event_fields(rng, i):
    return [("event_id", str(1000000000 + i)), ("ts", str(1700000000000 + i * 3)),
            ("user_id", '"u%07d"' % rng.randrange(1000000)),
            ("event", '"%s"' % KINDS[rng.randrange(8)]),
            ("url", '"https://shop.example.com/p/%d?ref=%d"' % (rng.randrange(100000), rng.randrange(100))),
            ("price", "%.2f" % (rng.random() * 500)), ("qty", str(rng.randrange(1, 9))),
            ("country", '"%s"' % rng.choice(COUNTRIES)), ("session", '"%016x"' % rng.getrandbits(64)),
            ("ok", rng.choice(["true", "false"]))]


def events(rng, count, out):
    for i in range(count):
        out.write("{" + ",".join('"%s":%s' % field for field in event_fields(rng, i)) + "}\n")


def misses(rng, count, out):
    for i in range(count):
        fields = event_fields(rng, i)
        rng.shuffle(fields)
        out.write("{" + ",".join('"%s":%s' % field for field in fields) + "}\n")


def late(rng, count, out):
    arrival = random.Random(2)
    lines = []
    for i in range(count):
        fields = event_fields(rng, i)
        lines.append((int(fields[1][1]) + arrival.random() * 5000, "{" + ",".join('"%s":%s' % field for field in fields) + "}\n"))
    out.writelines(line for _, line in sorted(lines))


def as_csv(rng, count, out):
    for i in range(count):
        fields = event_fields(rng, i)
        if i == 0:
            out.write(",".join(name for name, _ in fields) + "\n")
        out.write(",".join(value.strip('"') for _, value in fields) + "\n")


def nexmark(rng, count, out):
    words = ["vase", "lamp", "chair", "clock", "radio", "book"]
    for i in range(count):
        ts = 1700000000000 + i * 3
        kind = i % 50
        if kind == 0:
            body = {"person": {"id": 1000 + i // 50, "name": "%s %s" % (rng.choice(["Ada", "Ken", "Eva"]), rng.choice(["Smith", "Jones", "Abel"])),
                               "email_address": "%x@%x.com" % (rng.getrandbits(32), rng.getrandbits(24)), "credit_card": "%016d" % rng.randrange(10 ** 16),
                               "city": rng.choice(["Phoenix", "Kent", "Boise"]), "state": rng.choice(["AZ", "WA", "ID"]), "date_time": ts, "extra": "%x" % rng.getrandbits(160)}}
        elif kind < 4:
            body = {"auction": {"id": 1000 + i, "item_name": " ".join(rng.sample(words, 2)), "description": "%x" % rng.getrandbits(200),
                                "initial_bid": rng.randrange(1, 1000), "reserve": rng.randrange(1000, 5000), "date_time": ts, "expires": ts + rng.randrange(10000, 60000),
                                "seller": 1000 + rng.randrange(1 + i // 50), "category": 10 + rng.randrange(5), "extra": "%x" % rng.getrandbits(120)}}
        else:
            body = {"bid": {"auction": 1000 + rng.randrange(1 + i), "bidder": 1000 + rng.randrange(1 + i // 50), "price": rng.randrange(100, 10 ** 7),
                            "channel": rng.choice(["Google", "Apple", "Baidu", "channel-%d" % rng.randrange(1000)]), "url": "https://www.nexmark.com/%x/item.htm?query=1" % rng.getrandbits(40),
                            "date_time": ts, "extra": "%x" % rng.getrandbits(160)}}
        out.write(json.dumps(body, separators=(",", ":")) + "\n")


def flights(rng, count, out):
    source = pathlib.Path(__file__).resolve().parent.parent / "examples/data/flights-2013-01.csv.gz"
    with gzip.open(source, "rt") as lines:
        rows = list(csv.DictReader(lines))
    texts = {"carrier", "tailnum", "origin", "dest", "time_hour"}
    for i in range(count):
        row = {key: value if key in texts else (None if value == "NA" else int(float(value)))
               for key, value in rows[i % len(rows)].items()}
        if rng.random() < 0.01:
            how = rng.randrange(3)
            items = list(row.items())
            if how == 0:
                rng.shuffle(items)
            elif how == 1:
                items = [item for item in items if rng.random() < 0.8 or item[0] in ("time_hour", "carrier", "distance")]
            row = dict(items)
            line = json.dumps(row, separators=(",", ":"))
            if how == 2:
                line = line.replace('"carrier":"', '"carrier":"\\u0020').replace("\\u0020U", "\\u0055")
        else:
            line = json.dumps(row, separators=(",", ":"))
        out.write(line + "\n")


def main():
    kind, count, path = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    makers = {"events": events, "misses": misses, "late": late, "csv": as_csv, "nexmark": nexmark, "flights": flights}
    with open(path + ".part", "w", buffering=1 << 20) as out:
        makers[kind](random.Random(1), count, out)
    pathlib.Path(path + ".part").rename(path)


if __name__ == "__main__":
    main()
