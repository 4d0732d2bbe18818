-- Sessions that late rows correct or that late rows are set aside of, and over rows that are taken back. The watermark
-- runs ahead of the rows, so that many are late.
CREATE TABLE corrected_in (id BIGINT NOT NULL, at TIMESTAMP NOT NULL, amount DOUBLE, WATERMARK FOR at AS at + INTERVAL '7 seconds')
WITH (connector = 'file', path = 'paid.csv', format = 'csv', late = 'update', allowed_lateness = '20 seconds');
CREATE TABLE strict_in (id BIGINT NOT NULL, at TIMESTAMP NOT NULL, amount DOUBLE, WATERMARK FOR at AS at + INTERVAL '7 seconds')
WITH (connector = 'file', path = 'paid.csv', format = 'csv', late = 'side:missed');
CREATE TABLE missed (id BIGINT, amount DOUBLE, window_start TIMESTAMP, window_end TIMESTAMP) WITH (connector = 'file', path = 'missed.csv', format = 'csv');
CREATE TABLE corrected WITH (connector = 'file', path = 'corrected.csv', format = 'csv', changelog = 'op-column');
CREATE TABLE strict WITH (connector = 'file', path = 'strict.csv', format = 'csv');
CREATE TABLE moments WITH (connector = 'file', path = 'moments.csv', format = 'csv', changelog = 'op-column');

INSERT INTO corrected SELECT session(INTERVAL '5 seconds') AS w, id % 7 AS k, count(*) AS n, string_agg(id::TEXT, ' ' ORDER BY id) AS ids, max('of some length ' || id::TEXT) AS last
  FROM corrected_in GROUP BY 1, 2;
INSERT INTO strict SELECT session(INTERVAL '5 seconds').start AS s, id % 7 AS k, count(DISTINCT id) AS n FROM strict_in GROUP BY session(INTERVAL '5 seconds'), id % 7;
INSERT INTO moments SELECT session(t, INTERVAL '4 seconds') AS w, p, count(*) AS n, sum(DISTINCT p) AS d, string_agg(l, ' ' ORDER BY l) AS all_of, min(l) AS low
  FROM (SELECT id % 30 AS k, id % 2 AS p, max(at) AS t, max('of some length ' || id::TEXT) AS l FROM corrected_in GROUP BY id % 30, id % 2) GROUP BY 1, p EMIT CHANGES;
