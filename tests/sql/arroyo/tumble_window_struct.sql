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
  start TIMESTAMP,
  end TIMESTAMP,
  count BIGINT
) WITH (
  connector = 'single_file',
  path = '$output_path',
  format = 'json',
  type = 'sink'
);
INSERT INTO output
SELECT window.start, window.end, count FROM (
  SELECT tumble(interval '1 minute') as window, count(*) as count FROM rides GROUP BY window);
--duckdb
-- SELECT time_bucket(INTERVAL '1 minute', timestamp) AS s, s + INTERVAL '1 minute', count(*) FROM rides GROUP BY ALL
