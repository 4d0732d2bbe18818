-- One input, read and decoded once; three outputs in three formats.
CREATE TABLE access (
  time TIMESTAMP NOT NULL,
  method TEXT,
  path TEXT,
  status INT,
  ms DOUBLE
) WITH (connector = 'file', path = 'data/access.ndjson');

CREATE TABLE errors WITH (connector = 'file', path = 'errors.ndjson', format = 'json');
CREATE TABLE slow WITH (connector = 'file', path = 'slow.csv', format = 'csv');
CREATE TABLE paths WITH (connector = 'file', path = 'paths.txt', format = 'raw_string');

INSERT INTO errors SELECT time, path, status FROM access WHERE status >= 500;
INSERT INTO slow SELECT path, ms FROM access WHERE ms > 60;
INSERT INTO paths SELECT DISTINCT method || ' ' || split_part(path, '?', 1) FROM access;
