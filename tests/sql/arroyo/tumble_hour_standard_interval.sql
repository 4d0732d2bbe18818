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
  hour TIMESTAMP,
  drivers BIGINT
) WITH (
  connector = 'single_file',
  path = '$output_path',
  format = 'json',
  type = 'sink'
);
INSERT INTO output
SELECT window.start as hour, drivers FROM (
  SELECT TUMBLE(INTERVAL '1' hour) as window, COUNT(DISTINCT driver_id) as drivers FROM rides WHERE event_type = 'pickup' GROUP BY 1);
--duckdb
-- SELECT time_bucket(INTERVAL '1 hour', timestamp), count(DISTINCT driver_id) FROM rides WHERE event_type = 'pickup' GROUP BY ALL
