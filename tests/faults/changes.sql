-- The operators that program.sql leaves out, as one job that shares what it can and sends changes.
SET batch_rows = 64;
CREATE TABLE orders (
  id BIGINT NOT NULL, customer TEXT, at TIMESTAMP NOT NULL, price DECIMAL(10, 2), tags TEXT[],
  item STRUCT<name TEXT, size INT>, extra JSON, WATERMARK FOR at AS at - INTERVAL '1 second'
) WITH (connector = 'file', path = 'orders.ndjson.gz', format = 'json');
CREATE TABLE customers (name TEXT, city TEXT, joined DATE) WITH (connector = 'file', path = 'customers.csv.zst', format = 'csv');
CREATE TABLE paid (
  id BIGINT NOT NULL, at TIMESTAMP NOT NULL, amount DOUBLE, WATERMARK FOR at AS at - INTERVAL '1 second'
) WITH (connector = 'file', path = 'paid.csv', format = 'csv');

CREATE TABLE overlapping WITH (connector = 'file', path = 'overlapping.json', format = 'json');
CREATE TABLE pairs WITH (connector = 'file', path = 'pairs.csv', format = 'csv');
CREATE TABLE cities WITH (connector = 'file', path = 'cities.json', format = 'json', changelog = 'op-column');
CREATE TABLE shares WITH (connector = 'file', path = 'shares.csv', format = 'csv', changelog = 'op-column');
CREATE TABLE nothing WITH (connector = 'blackhole');
CREATE VIEW large AS SELECT id, customer, at, price, item.name AS item FROM orders WHERE price > 5;

INSERT INTO overlapping
SELECT hop(INTERVAL '5 seconds', INTERVAL '20 seconds').start AS start, 'hop' AS kind, count(*) AS n, count(DISTINCT item) AS items
FROM large GROUP BY 1
UNION ALL
SELECT cumulate(INTERVAL '10 seconds', INTERVAL '30 seconds').end, 'cumulate', count(*), min(length(item)) FROM large GROUP BY 1
UNION ALL
SELECT session(INTERVAL '1 second').start, 'session', count(*), max(length(item)) FROM large WHERE id % 5 = 0 GROUP BY 1;

INSERT INTO shares
SELECT city, window_start, count(*), sum(price) FROM HOP(TABLE large, DESCRIPTOR(at), INTERVAL '10 seconds', INTERVAL '20 seconds')
JOIN customers ON name = customer GROUP BY CUBE (city, window_start);

INSERT INTO pairs
SELECT l.id, l.item, r.amount FROM large l LEFT JOIN paid r
ON l.id = r.id AND r.at BETWEEN l.at - INTERVAL '2 seconds' AND l.at + INTERVAL '5 seconds' AND r.amount < l.price + 50
UNION ALL
SELECT r.id, 'right', r.amount FROM large l RIGHT JOIN paid r
ON l.id = r.id AND r.at BETWEEN l.at - INTERVAL '2 seconds' AND l.at + INTERVAL '5 seconds'
UNION ALL
SELECT l.id, 'anti', 0 FROM large l ANTI JOIN paid r ON l.id = r.id AND r.at BETWEEN l.at AND l.at + INTERVAL '5 seconds'
UNION ALL
SELECT a.n, 'window', b.n FROM
  (SELECT tumble(INTERVAL '10 seconds') AS w, count(*) AS n FROM large GROUP BY 1) a JOIN
  (SELECT tumble(INTERVAL '10 seconds') AS w, count(*) AS n FROM paid GROUP BY 1) b ON a.w = b.w;

INSERT INTO cities
SELECT c.city, s.customer, s.n, s.latest FROM customers c FULL JOIN
  (SELECT customer, count(*) AS n, last_value(price) AS latest FROM large GROUP BY customer) s ON s.customer = c.name
WHERE c.joined IS NULL OR s.n > (SELECT count(*) FROM customers x WHERE x.city = c.city);

INSERT INTO nothing
SELECT customer, id, price FROM large QUALIFY row_number() OVER (PARTITION BY customer ORDER BY price DESC, id) <= 2;
INSERT INTO nothing
SELECT DISTINCT ON (item) item, id, price FROM large ORDER BY item, id DESC;
INSERT INTO nothing
SELECT customer, lag(id) OVER (PARTITION BY customer ORDER BY at ROWS BETWEEN 2 PRECEDING AND CURRENT ROW), price FROM large;

SELECT customer FROM large SEMI JOIN paid p ON p.id = large.id
INTERSECT SELECT name FROM customers
EXCEPT ALL SELECT name FROM customers WHERE city = 'Rome';
SELECT i, x.tag, c.name FROM generate_series(1, 3) AS g(i) CROSS JOIN (SELECT DISTINCT tag FROM orders CROSS JOIN UNNEST(tags) AS t(tag)) x
LEFT JOIN customers c ON c.name > x.tag AND c.city = 'Riga' ORDER BY 1, 2, 3 LIMIT 9;
