CREATE TABLE rides (
  timestamp TIMESTAMP,
  driver_id BIGINT,
  event_type TEXT,
  location TEXT,
  WATERMARK FOR timestamp AS (timestamp - INTERVAL '1 hour')
) WITH (
  connector = 'single_file',
  path = '$input_dir/rides.json',
  format = 'json',
  type = 'source'
);
CREATE TABLE output WITH (
  connector = 'single_file',
  path = '$output_path',
  format = 'json',
  type = 'sink'
);
INSERT INTO output
SELECT tumble(interval '5 minutes').start as start, min(location) as first FROM rides GROUP BY tumble(interval '5 minutes');
--duckdb
-- SELECT time_bucket(INTERVAL '5 minutes', timestamp), min(location) FROM rides GROUP BY ALL
