-- Tables of changes in and out: what tests/faults/changes.sql has not.
CREATE TABLE accounts (id INT PRIMARY KEY, owner TEXT, tags TEXT[], balance DECIMAL(10,2), at BIGINT METADATA FROM 'ts_ms')
WITH (connector = 'file', path = 'accounts.json', format = 'debezium_json', bad_data = 'drop', dead_letter = 'dead.json');
CREATE TABLE moves (id INT, amount INT) WITH (connector = 'file', path = 'moves.csv', format = 'csv', changelog = 'op-column');
CREATE TABLE owners (owner TEXT PRIMARY KEY, city TEXT) WITH (connector = 'file', path = 'owners.json', format = 'json', upsert = 'true');

CREATE TABLE events WITH (connector = 'file', path = 'events.json', format = 'debezium_json');
CREATE TABLE latest (city TEXT PRIMARY KEY, id INT) WITH (connector = 'file', path = 'latest.json', format = 'json');
CREATE TABLE joined WITH (connector = 'file', path = 'joined.csv', format = 'csv', changelog = 'op-column');

INSERT INTO events SELECT owner, sum(balance) AS balance, count(*) AS n, sum(cardinality(tags)) AS tags FROM accounts GROUP BY owner;
INSERT INTO latest SELECT o.city, a.id FROM accounts a JOIN owners o ON o.owner = a.owner WHERE o.city IS NOT NULL;
INSERT INTO joined SELECT a.owner, m.amount FROM accounts a LEFT JOIN moves m ON m.id = a.id;
