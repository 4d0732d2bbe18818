"""The queries of Nexmark for DuckDB: the batch answer that examples/nexmark must give."""

COLUMNS = """{person: 'STRUCT(id BIGINT, name TEXT, email_address TEXT, credit_card TEXT, city TEXT, state TEXT, date_time TIMESTAMP, extra TEXT)',
auction: 'STRUCT(id BIGINT, item_name TEXT, description TEXT, initial_bid BIGINT, reserve BIGINT, date_time TIMESTAMP, expires TIMESTAMP, seller BIGINT, category BIGINT, extra TEXT)',
bid: 'STRUCT(auction BIGINT, bidder BIGINT, price BIGINT, channel TEXT, url TEXT, date_time TIMESTAMP, extra TEXT)'}"""


def views(file):
    """Of a file as `weir generate nexmark` writes it; read anew by every query."""
    source = f"read_json('{file}', format='newline_delimited', columns={COLUMNS})"
    return [f"CREATE OR REPLACE VIEW {kind} AS SELECT {kind}.* FROM {source} WHERE {kind} IS NOT NULL" for kind in ("person", "auction", "bid")]


WON = "a.id = b.auction AND b.date_time BETWEEN a.date_time AND a.expires"
CLASSES = ", ".join([
    "count(*) AS bids", "count(*) FILTER (WHERE price < 10000) AS bids_low",
    "count(*) FILTER (WHERE price >= 10000 AND price < 1000000) AS bids_middle", "count(*) FILTER (WHERE price >= 1000000) AS bids_high"])
DISTINCT = ", ".join(
    f"count(DISTINCT {column}) {condition} AS {column}s{suffix}"
    for column in ("bidder", "auction")
    for condition, suffix in [("", ""), ("FILTER (WHERE price < 10000)", "_low"), ("FILTER (WHERE price >= 10000 AND price < 1000000)", "_middle"),
                              ("FILTER (WHERE price >= 1000000)", "_high")])
DAY = "strftime(date_time, '%Y-%m-%d')"
TEN = "time_bucket(INTERVAL '10 seconds', date_time, TIMESTAMP '1970-01-01')"
HOT = """WITH windows AS (
  SELECT auction, time_bucket(INTERVAL '2 seconds', date_time, TIMESTAMP '1970-01-01') - to_seconds(2 * k) AS start
  FROM bid, range(5) AS r(k)), bids AS (SELECT auction, start, count(*) AS num FROM windows GROUP BY ALL)"""

QUERIES = {
    "q0": "SELECT auction, bidder, price, date_time, extra FROM bid",
    "q1": "SELECT auction, bidder, 0.908 * price AS price, date_time, extra FROM bid",
    "q2": "SELECT auction, price FROM bid WHERE auction % 123 = 0",
    "q3": "SELECT p.name, p.city, p.state, a.id FROM auction AS a JOIN person AS p ON a.seller = p.id WHERE a.category = 10 AND p.state IN ('OR', 'ID', 'CA')",
    "q4": f"SELECT category, avg(final) AS average FROM (SELECT a.category, max(b.price) AS final FROM auction AS a JOIN bid AS b ON {WON} GROUP BY a.id, a.category) GROUP BY category",
    "q5": f"{HOT} SELECT auction, num, start FROM bids QUALIFY rank() OVER (PARTITION BY start ORDER BY num DESC) = 1",
    "q6": f"""SELECT seller, avg(price) OVER (PARTITION BY seller ORDER BY date_time, id ROWS BETWEEN 9 PRECEDING AND CURRENT ROW) AS average
              FROM (SELECT a.id, a.seller, b.price, b.date_time FROM auction AS a JOIN bid AS b ON {WON}
                    QUALIFY row_number() OVER (PARTITION BY a.id ORDER BY b.price DESC, b.date_time, b.bidder) = 1)""",
    "q7": f"""WITH most AS (SELECT max(price) AS price, {TEN} AS start FROM bid GROUP BY start)
              SELECT b.auction, b.price, b.bidder, b.date_time, b.extra FROM bid AS b JOIN most ON {TEN.replace('date_time', 'b.date_time')} = most.start AND b.price = most.price""",
    "q8": f"""SELECT p.id, p.name, p.start AS window_start FROM (SELECT DISTINCT id, name, {TEN} AS start FROM person) AS p
              JOIN (SELECT DISTINCT seller, {TEN} AS start FROM auction) AS a ON p.id = a.seller AND p.start = a.start""",
    "q9": f"""SELECT a.id, a.item_name, a.description, a.initial_bid, a.reserve, a.date_time, a.expires, a.seller, a.category, a.extra,
                     b.auction, b.bidder, b.price, b.date_time AS bid_time, b.extra AS bid_extra
              FROM auction AS a JOIN bid AS b ON {WON} QUALIFY row_number() OVER (PARTITION BY a.id ORDER BY b.price DESC, b.date_time, b.bidder) = 1""",
    "q10": f"SELECT auction, bidder, price, date_time, extra, {DAY} AS day, strftime(date_time, '%H:%M') AS minute FROM bid",
    "q11": """WITH marked AS (SELECT bidder, date_time, coalesce(date_time - lag(date_time) OVER (PARTITION BY bidder ORDER BY date_time) >= INTERVAL '10 seconds', true) AS begins FROM bid),
                   numbered AS (SELECT bidder, date_time, count(*) FILTER (WHERE begins) OVER (PARTITION BY bidder ORDER BY date_time) AS session FROM marked)
              SELECT bidder, count(*) AS bids, min(date_time) AS start, max(date_time) + INTERVAL '10 seconds' AS "end" FROM numbered GROUP BY bidder, session""",
    "q13": "SELECT b.auction, b.bidder, b.price, b.date_time, s.value FROM bid AS b JOIN side_input AS s ON b.auction % 10000 = s.key",
    "q14": """SELECT auction, bidder, 0.908 * price AS price,
                     CASE WHEN hour(date_time) BETWEEN 8 AND 18 THEN 'day' WHEN hour(date_time) <= 6 OR hour(date_time) >= 20 THEN 'night' ELSE 'other' END AS bid_time_type,
                     date_time, extra, length(extra) - length(replace(extra, 'c', '')) AS c_count
              FROM bid WHERE 0.908 * price > 1000000 AND 0.908 * price < 50000000""",
    "q15": f"SELECT {DAY} AS day, {CLASSES}, {DISTINCT} FROM bid GROUP BY 1",
    "q16": f"SELECT channel, {DAY} AS day, max(strftime(date_time, '%H:%M')) AS minute, {CLASSES}, {DISTINCT} FROM bid GROUP BY channel, day",
    "q17": f"SELECT auction, {DAY} AS day, {CLASSES}, min(price) AS least, max(price) AS most, avg(price) AS average, sum(price) AS total FROM bid GROUP BY auction, day",
    "q18": "SELECT auction, bidder, price, channel, url, date_time, extra FROM bid QUALIFY row_number() OVER (PARTITION BY bidder, auction ORDER BY date_time DESC, price DESC, extra) = 1",
    "q19": "SELECT auction, bidder, price, channel, url, date_time, extra, row_number() OVER (PARTITION BY auction ORDER BY price DESC, date_time, bidder, extra) AS rank FROM bid QUALIFY rank <= 10",
    "q20": """SELECT b.auction, b.bidder, b.price, b.channel, b.url, b.date_time AS bid_time, b.extra AS bid_extra,
                     a.item_name, a.description, a.initial_bid, a.reserve, a.date_time, a.expires, a.seller, a.category, a.extra
              FROM bid AS b JOIN auction AS a ON b.auction = a.id WHERE a.category = 10""",
    "q21": """SELECT * FROM (SELECT auction, bidder, price, channel,
                CASE lower(channel) WHEN 'apple' THEN '0' WHEN 'google' THEN '1' WHEN 'facebook' THEN '2' WHEN 'baidu' THEN '3'
                     ELSE nullif(regexp_extract(url, '(&|^)channel_id=([^&]*)', 2), '') END AS channel_id FROM bid) WHERE channel_id IS NOT NULL""",
    "q22": "SELECT auction, bidder, price, channel, split_part(url, '/', 4) AS dir1, split_part(url, '/', 5) AS dir2, split_part(url, '/', 6) AS dir3 FROM bid",
}

# Windows of our own clock: no answer is right but for what must hold of every one. The bids of each bidder, whatever the
# windows; starts at multiples of ten seconds; a bidder once in a window.
INVARIANTS = {"q12": [
    ("bids by bidder", "SELECT bidder, sum(bids) FROM answer GROUP BY bidder", "SELECT bidder, count(*) FROM bid GROUP BY bidder"),
    ("windows of ten seconds", "SELECT count(*) FROM answer WHERE epoch(start::TIMESTAMP) % 10 <> 0", "SELECT 0"),
    ("once in a window", "SELECT count(*) FROM (SELECT 1 FROM answer GROUP BY bidder, start HAVING count(*) > 1)", "SELECT 0"),
]}


def side_input(path):
    """What q13 joins with: a text for each number below 10,000."""
    with open(path, "w") as file:
        file.write("key,value\n" + "".join(f"{i},value {i * 7919 % 10000}\n" for i in range(10000)))


def difference(db, want, output, with_changes):
    """Compares a query's answer with the rows in a file of JSON lines. With changes: rows taken back (_op) do not count.
    Returns how many rows only one of both has, and how many rows the answer has."""
    described = db.execute(f"DESCRIBE {want}").fetchall()
    names = ", ".join('"%s"' % row[0] for row in described)
    types = ", ".join('"%s": \'%s\'' % (row[0], row[1]) for row in described)
    weight = "CASE _op WHEN '-' THEN -1 ELSE 1 END" if with_changes else "1"
    op = "_op: 'TEXT', " if with_changes else ""
    rows = (f"SELECT {names}, {weight} AS weight FROM read_json('{output}', format='newline_delimited', columns={{{op}{types}}}) "
            f"UNION ALL SELECT *, -1 FROM want")
    db.execute(f"CREATE OR REPLACE TEMP TABLE want AS {want}")
    apart = db.execute(f"SELECT coalesce(sum(abs(n)), 0) FROM (SELECT sum(weight) AS n FROM ({rows}) GROUP BY {names}) WHERE n <> 0").fetchone()[0]
    return int(apart), db.execute("SELECT count(*) FROM want").fetchone()[0]
