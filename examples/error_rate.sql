-- HTTP errors and slow requests per minute, from a JSON access log with nested fields.
CREATE TABLE access (
  time TIMESTAMP NOT NULL,
  path TEXT NOT NULL,
  status INT NOT NULL,
  ms DOUBLE NOT NULL,
  client STRUCT<ip TEXT, agent TEXT>,
  WATERMARK FOR time AS time - INTERVAL '5 seconds'
) WITH (connector = 'file', path = 'data/access.ndjson');

SELECT
  tumble(INTERVAL '1 minute') AS window,
  count(*) AS requests,
  count(*) FILTER (WHERE status >= 500) AS errors,
  count(DISTINCT client.ip) AS clients,
  max(ms) AS slowest_ms
FROM access
GROUP BY window;
