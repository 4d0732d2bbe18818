"""The nexmark connector: its events against a second implementation (tests/nexmark_events.py), field by field."""

import hashlib
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import nexmark_events

# The first 10,000 events of the second implementation, one JSON line each.
DIGEST = "bf909eaf7db9fe23d68206de092ba85638ddf0f82cb1673f800aa255be070d47"

# Of the first events that Beam's documentation shows.
BEAM = [
    ("person", {"id": 1000, "name": "Peter Jones", "email_address": "nhd@xcat.com",
                "credit_card": "7241 7320 9143 4888", "city": "Portland", "state": "WY"}),
    ("auction", {"id": 1000, "item_name": "wkx mgee", "description": "eszpqxtdxrvwmmywkmogoahf",
                 "initial_bid": 28873, "reserve": 29448, "seller": 1000, "category": 13}),
    ("bid", {"auction": 1000, "bidder": 1001, "price": 32530001}),
]

VARIANTS = [
    ("out of order", {"group": 100}, "out_of_order_group_size = '100'"),
    ("proportions", {"proportions": (2, 5, 3)},
     "person_proportion = '2', auction_proportion = '5', bid_proportion = '3'"),
    ("sizes", {"sizes": (60, 70, 32)}, "person_size = '60', auction_size = '70', bid_size = '32'"),
    ("ratios", {"hot_auction": 3, "hot_bidder": 7, "hot_seller": 1, "in_flight": 7, "active": 5},
     "hot_auction_ratio = '3', hot_bidder_ratio = '7', hot_seller_ratio = '1', in_flight_auctions = '7', active_people = '5'"),
    ("a slow rate", {"rate": 0.001}, "event_rate = '0.001'"),
    ("a fast rate", {"rate": 3e6}, "event_rate = '3000000'"),
    ("a seed", {"seed": 42}, "seed = '42'"),
    ("names of other engines", {"proportions": (1, 2, 3)},
     "'first-event.rate' = '10000', 'next-event.rate' = '10000', 'person.proportion' = '1', 'auction.proportion' = '2', 'bid.proportion' = '3'"),
]


def run(context):
    reference = nexmark_events.Events().lines(10000)
    digest = hashlib.sha256("\n".join(reference).encode()).hexdigest()
    context.check("the digest of 10,000 events", digest == DIGEST, digest)
    compare(context, "10,000 events", reference, "")
    compare(context, "10,000 events one by one", reference, "", ["-D", "batch_rows=1"])
    for kind, known in BEAM:
        first = next(row[kind] for row in map(json.loads, reference) if row[kind])
        context.check(f"Beam's first {kind}", known.items() <= first.items(), first)
    for name, settings, options in VARIANTS:
        compare(context, name, nexmark_events.Events(**settings).lines(2000), options)
    parts(context, reference[:2000])
    ends(context)
    mistakes(context)


def rows_of(context, sql, arguments=()):
    path = context.write("query.sql", sql)
    done = context.run("run", *arguments, "-o", "json", path)
    return done, [json.loads(line) for line in done.stdout.decode().splitlines()]


def normal(row):
    """Times print without a fraction that is zero."""
    for value in [row, *(row[kind] for kind in ("person", "auction", "bid"))]:
        for key in ("datetime", "expires", "timestamp"):
            if value and value.get(key):
                value[key] = value[key].ljust(20, ".").ljust(23, "0")
    return row


def compare(context, name, reference, options, arguments=()):
    events = "" if "events" in options else f", events = '{len(reference)}'"
    sql = f"CREATE TABLE nexmark WITH (connector = 'nexmark'{events}{', ' + options if options else ''});\nSELECT * FROM nexmark;\n"
    done, got = rows_of(context, sql, arguments)
    if not context.check(f"{name}: count", len(got) == len(reference), f"{len(got)} {done.stderr.decode()}"):
        return
    for number, (row, line) in enumerate(zip(got, reference)):
        want = json.loads(line)
        if normal(row) != want:
            context.check(f"{name}: event {number}", False, f"is\n{row}\nshould be\n{want}")
            return
    context.check(name, True)


def parts(context, reference):
    """Each field alone: leaving out draws behind it must not change it."""
    rows = [json.loads(line) for line in reference]
    for kind in ("person", "auction", "bid"):
        wanted = [row[kind] for row in rows if row[kind]]
        for field in wanted[0]:
            sql = (f"CREATE TABLE nexmark WITH (connector = 'nexmark', events = '{len(rows)}');\n"
                   f"SELECT {kind}.{field} AS v FROM nexmark WHERE {kind} IS NOT NULL;\n")
            done, got = rows_of(context, sql)
            values = [row["v"] for row in got]
            if field in ("datetime", "expires"):
                values = [value.ljust(20, ".").ljust(23, "0") for value in values]
            context.check(f"{kind}.{field} alone", values == [row[field] for row in wanted], done.stderr.decode())


def ends(context):
    """Where the stream ends, and how columns may be declared."""
    declared = """CREATE TABLE datagen (
        event_type INT,
        person STRUCT<id BIGINT, emailAddress VARCHAR>,
        bid STRUCT<dateTime TIMESTAMP(3), price BIGINT>,
        dateTime TIMESTAMP(3),
        WATERMARK FOR dateTime AS dateTime - INTERVAL '4 seconds'
    ) WITH (connector = 'nexmark', 'events.num' = '500');
    SELECT tumble(INTERVAL '10 milliseconds').start AS start, count(*) AS n, count(person) AS persons, min(person.emailAddress) AS email,
           sum(bid.price) AS price, max(bid.dateTime - dateTime) AS apart
    FROM datagen GROUP BY 1;"""
    done, got = rows_of(context, declared)
    events = [nexmark_events.Events().event(i) for i in range(500)]
    prices = [sum(row["bid"]["price"] for row in events[at:at + 100] if row["bid"]) for at in range(0, 500, 100)]
    context.check("declared columns", [int(row["price"]) for row in got] == prices and [row["persons"] for row in got] == [2] * 5
                  and [row["n"] for row in got] == [100] * 5, f"{got} {done.stderr.decode()}")
    done, got = rows_of(context, "CREATE TABLE n WITH (connector = 'nexmark', event_rate = '100', runtime = '2.5');\nSELECT count(*) AS n FROM n;")
    context.check("runtime ends it", got and got[-1]["n"] == 250, done.stderr.decode())
    done, got = rows_of(context, "CREATE TABLE n WITH (connector = 'nexmark', event_rate = '1000');\nSELECT event_type FROM n LIMIT 5;")
    context.check("without end, at its rate", len(got) == 5, done.stderr.decode())


def mistakes(context):
    for name, columns, options, said in [
        ("an unknown column", "(a INT)", "", 'no column "a" of type INTEGER'),
        ("an unknown field", "(bid STRUCT<auction BIGINT, amount BIGINT>)", "", 'no field "amount" of type BIGINT'),
        ("a field of another type", "(bid STRUCT<auction TEXT>)", "", 'no field "auction" of type TEXT'),
        ("a base time", "", ", base_time = 'noon'", '"base_time" of connector "nexmark" cannot be \'noon\''),
        ("a rate", "", ", event_rate = '0'", "events a second, from 0.001"),
        ("another rate", "", ", next_event_rate = '5'", "the rate cannot change"),
        ("no persons", "", ", person_proportion = '0'", "person_proportion"),
    ]:
        done, _ = rows_of(context, f"CREATE TABLE n {columns} WITH (connector = 'nexmark', events = '3'{options});\nSELECT * FROM n;")
        context.check(f"mistake: {name}", done.returncode == 2 and said in done.stderr.decode(), done.stderr.decode())
