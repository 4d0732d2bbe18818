-- Most operators, changes.sql has the others, over every format and compression, into two files and the standard output.
SET batch_rows = 64;
CREATE TABLE orders (
  id BIGINT NOT NULL, customer TEXT, at TIMESTAMP NOT NULL, price DECIMAL(10, 2), tags TEXT[],
  item STRUCT<name TEXT, size INT>, extra JSON, WATERMARK FOR at AS at - INTERVAL '1 second'
) WITH (connector = 'file', path = 'orders.ndjson.gz', format = 'json');
CREATE TABLE customers (name TEXT, city TEXT, joined DATE) WITH (connector = 'file', path = 'customers.csv.zst', format = 'csv');
CREATE TABLE words (line TEXT) WITH (connector = 'file', path = 'words.txt', format = 'raw_string');

CREATE TABLE totals WITH (connector = 'file', path = 'totals.json', format = 'json');
CREATE TABLE windows WITH (connector = 'file', path = 'windows.csv', format = 'csv');
CREATE VIEW large AS SELECT id, customer, at, price, tags, upper(item.name) AS item FROM orders WHERE price > 5 AND id % 7 <> 3;

INSERT INTO windows
SELECT tumble(INTERVAL '10 seconds').start AS start, item, count(*) AS n, sum(price) AS total, max(customer) AS last
FROM large GROUP BY tumble(INTERVAL '10 seconds'), item;

INSERT INTO totals
WITH spent AS (
  SELECT customer, count(DISTINCT item) AS items, sum(price) FILTER (WHERE price < 90) AS total,
         string_agg(item, ',' ORDER BY id) AS names, array_agg(price ORDER BY price DESC) AS prices, median(price) AS middle
  FROM large GROUP BY customer)
SELECT c.city, s.items, s.total, length(s.names) AS names, s.prices[1] AS dearest, s.middle,
       rank() OVER (PARTITION BY c.city ORDER BY s.total DESC) AS place, sum(s.items) OVER (ORDER BY s.customer) AS so_far
FROM spent s LEFT JOIN customers c ON c.name = s.customer AND c.joined < DATE '2024-06-01'
WHERE s.customer NOT IN (SELECT name FROM customers WHERE city IS NULL AND name IS NOT NULL)
ORDER BY s.total DESC, c.city LIMIT 20 OFFSET 1;

SELECT kind, word, count(*) AS n FROM (
  SELECT 'tag' AS kind, tag AS word FROM orders CROSS JOIN UNNEST(tags) AS t(tag)
  UNION ALL SELECT 'line', regexp_replace(line, '[^a-z]', '', 'g') FROM words
  UNION ALL SELECT DISTINCT 'json', extra ->> 'colour' FROM orders WHERE extra ->> 'colour' LIKE 'r%'
  UNION ALL SELECT * FROM (VALUES ('value', 'one'), ('value', 'two')) AS v(kind, word)
  UNION ALL SELECT 'number', i::TEXT FROM generate_series(1, 3) AS g(i)) x
WHERE EXISTS (SELECT 1 FROM customers)
GROUP BY ROLLUP (kind, word) HAVING count(*) > 0 ORDER BY n DESC, kind, word LIMIT 12;
SELECT line FROM words LIMIT 2 OFFSET 1;
