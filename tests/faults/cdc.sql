-- Tables of changes in and out: what tests/faults/changes.sql has not.
CREATE TABLE accounts (id INT PRIMARY KEY, owner TEXT, tags TEXT[], balance DECIMAL(10,2), at BIGINT METADATA FROM 'ts_ms')
WITH (connector = 'file', path = 'accounts.json', format = 'debezium_json', bad_data = 'drop', dead_letter = 'dead.json');
CREATE TABLE moves (id INT, amount INT) WITH (connector = 'file', path = 'moves.csv', format = 'csv', changelog = 'op-column');
CREATE TABLE owners (owner TEXT PRIMARY KEY, city TEXT) WITH (connector = 'file', path = 'owners.json', format = 'json', upsert = 'true');
CREATE TABLE paid (id BIGINT NOT NULL, at TIMESTAMP NOT NULL, amount DOUBLE, WATERMARK FOR at)
WITH (connector = 'file', path = 'paid.csv', format = 'csv');
SET updating_ttl = '1 hour';

CREATE TABLE events WITH (connector = 'file', path = 'events.json', format = 'debezium_json');
CREATE TABLE latest (city TEXT PRIMARY KEY, id INT) WITH (connector = 'file', path = 'latest.json', format = 'json');
CREATE TABLE joined WITH (connector = 'file', path = 'joined.csv', format = 'csv', changelog = 'op-column');
CREATE TABLE extremes WITH (connector = 'file', path = 'extremes.csv', format = 'csv', changelog = 'op-column');
CREATE TABLE visits WITH (connector = 'file', path = 'visits.csv', format = 'csv', changelog = 'op-column');

INSERT INTO events SELECT owner, sum(balance) AS balance, count(*) AS n, sum(cardinality(tags)) AS tags FROM accounts GROUP BY owner;
INSERT INTO latest SELECT o.city, a.id FROM accounts a JOIN owners o ON o.owner = a.owner WHERE o.city IS NOT NULL;
INSERT INTO joined SELECT a.owner, m.amount FROM accounts a LEFT JOIN moves m ON m.id = a.id;
INSERT INTO extremes SELECT owner, min(balance) AS low, max(id) AS last, string_agg(DISTINCT tags[2], ',' ORDER BY tags[2]) AS tags, last_value(balance) AS most,
  arg_max(id, balance) AS richest, count(DISTINCT id) AS n FROM accounts GROUP BY owner;
INSERT INTO visits SELECT session(INTERVAL '1 second').start AS start, id % 2 AS half, count(*) AS n, count(DISTINCT id) AS ids, string_agg(id::TEXT, ' ' ORDER BY id) AS all_ids
  FROM paid GROUP BY session(INTERVAL '1 second'), id % 2 EMIT CHANGES;
