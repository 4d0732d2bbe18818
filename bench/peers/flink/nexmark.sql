-- The queries of Nexmark in Flink's SQL, each behind a line with its name; what stands before the
-- first is run once. q6 is missing: Flink has no OVER over rows that may be taken back. q10 writes
-- to the sink of all others, not into files by minute.
CREATE TABLE nexmark (
  person ROW<id BIGINT, name STRING, email_address STRING, credit_card STRING, city STRING, state STRING, date_time TIMESTAMP(3), extra STRING>,
  auction ROW<id BIGINT, item_name STRING, description STRING, initial_bid BIGINT, reserve BIGINT, date_time TIMESTAMP(3), expires TIMESTAMP(3), seller BIGINT, category BIGINT, extra STRING>,
  bid ROW<auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING, date_time TIMESTAMP(3), extra STRING>,
  date_time AS COALESCE(bid.date_time, auction.date_time, person.date_time),
  clock AS PROCTIME(),
  WATERMARK FOR date_time AS date_time - INTERVAL '4' SECOND
) WITH ('connector' = 'filesystem', 'path' = '${FILE}', 'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601');
CREATE TABLE side_input (key BIGINT, `value` STRING)
WITH ('connector' = 'filesystem', 'path' = '${SIDE}', 'format' = 'csv');
CREATE VIEW person AS
SELECT person.id, person.name, person.email_address, person.credit_card, person.city, person.state, date_time, person.extra
FROM nexmark WHERE person IS NOT NULL;
CREATE VIEW auction AS
SELECT auction.id, auction.item_name, auction.description, auction.initial_bid, auction.reserve, date_time, auction.expires,
       auction.seller, auction.category, auction.extra
FROM nexmark WHERE auction IS NOT NULL;
CREATE VIEW bid AS
SELECT bid.auction, bid.bidder, bid.price, bid.channel, bid.url, date_time, bid.extra
FROM nexmark WHERE bid IS NOT NULL;
CREATE VIEW clocked AS SELECT bid.bidder, clock FROM nexmark WHERE bid IS NOT NULL;

-- q0
SELECT auction, bidder, price, date_time, extra FROM bid;
-- q1
SELECT auction, bidder, 0.908 * price AS price, date_time, extra FROM bid;
-- q2
SELECT auction, price FROM bid WHERE MOD(auction, 123) = 0;
-- q3
SELECT p.name, p.city, p.state, a.id FROM auction AS a JOIN person AS p ON a.seller = p.id
WHERE a.category = 10 AND p.state IN ('OR', 'ID', 'CA');
-- q4
SELECT category, AVG(CAST(final AS DOUBLE)) AS average
FROM (SELECT a.category, MAX(b.price) AS final
      FROM auction AS a JOIN bid AS b ON a.id = b.auction AND b.date_time BETWEEN a.date_time AND a.expires
      GROUP BY a.id, a.category)
GROUP BY category;
-- q5
WITH counts AS (
  SELECT auction, COUNT(*) AS num, window_start, window_end
  FROM TABLE(HOP(TABLE bid, DESCRIPTOR(date_time), INTERVAL '2' SECOND, INTERVAL '10' SECOND))
  GROUP BY auction, window_start, window_end
), most AS (
  SELECT MAX(num) AS most, window_start, window_end FROM counts GROUP BY window_start, window_end
)
SELECT c.auction, c.num, c.window_start AS `start`
FROM counts AS c JOIN most AS m ON c.window_start = m.window_start AND c.window_end = m.window_end AND c.num = m.most;
-- q7
SELECT b.auction, b.price, b.bidder, b.date_time, b.extra
FROM bid AS b
JOIN (SELECT MAX(price) AS most, window_end AS closed
      FROM TABLE(TUMBLE(TABLE bid, DESCRIPTOR(date_time), INTERVAL '10' SECOND)) GROUP BY window_start, window_end) AS m
  ON b.price = m.most AND b.date_time >= m.closed - INTERVAL '10' SECOND AND b.date_time < m.closed;
-- q8
SELECT p.id, p.name, p.window_start
FROM (SELECT id, name, window_start, window_end
      FROM TABLE(TUMBLE(TABLE person, DESCRIPTOR(date_time), INTERVAL '10' SECOND)) GROUP BY id, name, window_start, window_end) AS p
JOIN (SELECT seller, window_start, window_end
      FROM TABLE(TUMBLE(TABLE auction, DESCRIPTOR(date_time), INTERVAL '10' SECOND)) GROUP BY seller, window_start, window_end) AS a
  ON p.id = a.seller AND p.window_start = a.window_start AND p.window_end = a.window_end;
-- q9
SELECT id, item_name, description, initial_bid, reserve, date_time, expires, seller, category, extra,
       auction, bidder, price, bid_time, bid_extra
FROM (SELECT a.*, b.auction, b.bidder, b.price, b.date_time AS bid_time, b.extra AS bid_extra,
             ROW_NUMBER() OVER (PARTITION BY a.id ORDER BY b.price DESC, b.date_time, b.bidder) AS place
      FROM auction AS a JOIN bid AS b ON a.id = b.auction AND b.date_time BETWEEN a.date_time AND a.expires)
WHERE place <= 1;
-- q10
SELECT auction, bidder, price, date_time, extra, DATE_FORMAT(date_time, 'yyyy-MM-dd') AS `day`, DATE_FORMAT(date_time, 'HH:mm') AS `minute` FROM bid;
-- q11
SELECT bidder, COUNT(*) AS bids, window_start AS `start`, window_end AS `end`
FROM TABLE(SESSION(TABLE bid PARTITION BY bidder, DESCRIPTOR(date_time), INTERVAL '10' SECOND))
GROUP BY bidder, window_start, window_end;
-- q12
SELECT bidder, COUNT(*) AS bids, window_start AS `start`
FROM TABLE(TUMBLE(TABLE clocked, DESCRIPTOR(clock), INTERVAL '10' SECOND))
GROUP BY bidder, window_start, window_end;
-- q13
SELECT b.auction, b.bidder, b.price, b.date_time, s.`value` FROM bid AS b JOIN side_input AS s ON MOD(b.auction, 10000) = s.key;
-- q14
SELECT auction, bidder, 0.908 * price AS price,
       CASE WHEN HOUR(date_time) BETWEEN 8 AND 18 THEN 'day' WHEN HOUR(date_time) <= 6 OR HOUR(date_time) >= 20 THEN 'night' ELSE 'other' END AS bid_time_type,
       date_time, extra, CHAR_LENGTH(extra) - CHAR_LENGTH(REPLACE(extra, 'c', '')) AS c_count
FROM bid WHERE 0.908 * price > 1000000 AND 0.908 * price < 50000000;
-- q15
SELECT DATE_FORMAT(date_time, 'yyyy-MM-dd') AS `day`, ${CLASSES}, ${DISTINCT} FROM bid GROUP BY DATE_FORMAT(date_time, 'yyyy-MM-dd');
-- q16
SELECT channel, DATE_FORMAT(date_time, 'yyyy-MM-dd') AS `day`, MAX(DATE_FORMAT(date_time, 'HH:mm')) AS `minute`, ${CLASSES}, ${DISTINCT}
FROM bid GROUP BY channel, DATE_FORMAT(date_time, 'yyyy-MM-dd');
-- q17
SELECT auction, DATE_FORMAT(date_time, 'yyyy-MM-dd') AS `day`, ${CLASSES},
       MIN(price) AS least, MAX(price) AS most, AVG(CAST(price AS DOUBLE)) AS average, SUM(price) AS total
FROM bid GROUP BY auction, DATE_FORMAT(date_time, 'yyyy-MM-dd');
-- q18
SELECT auction, bidder, price, channel, url, date_time, extra
FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY bidder, auction ORDER BY date_time DESC, price DESC, extra) AS place FROM bid)
WHERE place <= 1;
-- q19
SELECT auction, bidder, price, channel, url, date_time, extra, place AS `rank`
FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY auction ORDER BY price DESC, date_time, bidder, extra) AS place FROM bid)
WHERE place <= 10;
-- q20
SELECT b.auction, b.bidder, b.price, b.channel, b.url, b.date_time AS bid_time, b.extra AS bid_extra,
       a.item_name, a.description, a.initial_bid, a.reserve, a.date_time, a.expires, a.seller, a.category, a.extra
FROM bid AS b JOIN auction AS a ON b.auction = a.id WHERE a.category = 10;
-- q21
SELECT * FROM (
  SELECT auction, bidder, price, channel,
         CASE LOWER(channel) WHEN 'apple' THEN '0' WHEN 'google' THEN '1' WHEN 'facebook' THEN '2' WHEN 'baidu' THEN '3'
              ELSE REGEXP_EXTRACT(url, '(&|^)channel_id=([^&]*)', 2) END AS channel_id
  FROM bid)
WHERE channel_id IS NOT NULL;
-- q22
SELECT auction, bidder, price, channel, SPLIT_INDEX(url, '/', 3) AS dir1, SPLIT_INDEX(url, '/', 4) AS dir2, SPLIT_INDEX(url, '/', 5) AS dir3 FROM bid;
