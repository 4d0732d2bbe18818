-- Lookups in files and databases, for rows that come and rows that change, and joins with the row that is closest in time.
SET batch_rows = 64;
SET updating_ttl = '1 hour';
CREATE TABLE orders (
  id BIGINT NOT NULL, customer TEXT, at TIMESTAMP NOT NULL, price DECIMAL(10, 2), WATERMARK FOR at AS at - INTERVAL '1 second'
) WITH (connector = 'file', path = 'orders.ndjson.gz', format = 'json');
CREATE TABLE paid (
  id BIGINT NOT NULL PRIMARY KEY, at TIMESTAMP NOT NULL, amount DOUBLE, WATERMARK FOR at AS at - INTERVAL '1 second'
) WITH (connector = 'file', path = 'paid.csv', format = 'csv');
CREATE TABLE cities (name TEXT, city TEXT) WITH (connector = 'file', type = 'lookup', path = 'cities.csv', format = 'csv', 'lookup.cache.max_bytes' = '1 kB', 'lookup.batch' = '3', 'lookup.retry_delay' = '1 ms');
CREATE TABLE people (name TEXT, note TEXT) WITH (connector = 'sqlite', type = 'lookup', path = 'people.db', table = 'people', 'lookup.batch' = '5', 'lookup.retry_delay' = '1 ms');

CREATE TABLE placed WITH (connector = 'file', path = 'placed.csv', format = 'csv');
CREATE TABLE noted WITH (connector = 'file', path = 'noted.json', format = 'json');
CREATE TABLE versions WITH (connector = 'file', path = 'versions.csv', format = 'csv');
CREATE TABLE following WITH (connector = 'file', path = 'following.csv', format = 'csv');
CREATE TABLE nothing WITH (connector = 'blackhole');
CREATE TABLE unmatched WITH (connector = 'blackhole');
CREATE TABLE met WITH (connector = 'blackhole');
CREATE TABLE nearest WITH (connector = 'blackhole');

INSERT INTO placed SELECT o.id, o.customer, c.city FROM orders o LEFT JOIN cities c ON c.name = o.customer AND length(c.city) > 2;
INSERT INTO noted SELECT t.customer, t.n, p.note FROM (SELECT customer, count(*) AS n FROM orders GROUP BY customer) t
JOIN people p ON p.name = t.customer ORDER BY t.customer, t.n, p.note;
INSERT INTO nothing SELECT t.customer, t.n, c.city FROM (SELECT customer, count(*) AS n FROM orders GROUP BY customer) t LEFT JOIN cities c ON c.name = t.customer;
INSERT INTO versions SELECT o.id, p.amount FROM orders o LEFT JOIN paid FOR SYSTEM_TIME AS OF o.at AS p ON p.id = o.id;
INSERT INTO following SELECT o.id, o.customer, p.id AS next FROM orders o ASOF JOIN paid p ON o.id % 7 = p.id % 7 AND o.at < p.at;
INSERT INTO unmatched SELECT o.id, c.city FROM orders o LEFT JOIN cities c ON c.name = o.customer AND EXISTS (SELECT 1 FROM paid p WHERE p.id % 5 = length(c.city) % 5 AND p.amount > o.price);
INSERT INTO met SELECT o.id, p.amount FROM orders o LEFT JOIN paid FOR SYSTEM_TIME AS OF o.at AS p ON p.id = o.id AND p.amount > o.price;
INSERT INTO nearest SELECT o.id, p.id AS next FROM orders o ASOF LEFT JOIN paid p ON o.id % 7 = p.id % 7 AND o.at < p.at AND p.amount <> o.price;
