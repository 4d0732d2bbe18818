CREATE TABLE impulse (
  timestamp TIMESTAMP,
  counter BIGINT UNSIGNED NOT NULL,
  subtask_index BIGINT UNSIGNED NOT NULL,
) WITH (
  connector = 'single_file',
  path = '$input_dir/impulse.json',
  format = 'json',
  type = 'source',
  event_time_field = 'timestamp'
);
CREATE TABLE output (
  bucket BIGINT PRIMARY KEY,
  rows BIGINT,
  value_count BIGINT,
  sum BIGINT,
  avg DOUBLE
) WITH (
  connector = 'single_file',
  path = '$output_path',
  format = 'debezium_json',
  type = 'sink'
);
INSERT INTO output
WITH values_of AS (SELECT counter % 3 AS bucket, CASE WHEN counter % 3 = 0 THEN NULL ELSE CAST(counter AS BIGINT) END AS value FROM impulse)
SELECT bucket, COUNT(*), COUNT(value), SUM(value), AVG(value) FROM values_of GROUP BY bucket;
--duckdb
-- SELECT counter % 3 AS b, count(*), count(CASE WHEN b = 0 THEN NULL ELSE counter END), sum(CASE WHEN b = 0 THEN NULL ELSE counter END), avg(CASE WHEN b = 0 THEN NULL ELSE counter END) FROM impulse GROUP BY 1
