CREATE TABLE rides (
  timestamp TIMESTAMP,
  driver_id BIGINT,
  event_type TEXT,
  location TEXT
) WITH (
  connector = 'single_file',
  path = '$input_dir/rides.json',
  format = 'json',
  type = 'source',
  event_time_field = 'timestamp'
);
CREATE TABLE output (
  timestamp TIMESTAMP,
  count BIGINT
) WITH (
  connector = 'single_file',
  path = '$output_path',
  format = 'json',
  type = 'sink'
);
CREATE VIEW hours AS (SELECT window.end as timestamp, count FROM (
  SELECT TUMBLE(INTERVAL '1' hour) as window, COUNT(*) as count FROM rides GROUP BY 1));
INSERT INTO output SELECT timestamp, count FROM hours
--duckdb
-- SELECT time_bucket(INTERVAL '1 hour', timestamp) + INTERVAL '1 hour', count(*) FROM rides GROUP BY ALL
