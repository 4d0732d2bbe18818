CREATE TABLE rides (
  timestamp TIMESTAMP,
  driver_id BIGINT,
  event_type TEXT,
  location TEXT,
  tags TEXT[],
  meta JSON
) WITH (
  connector = 'single_file',
  path = '$input_dir/rides.json',
  format = 'json',
  type = 'source',
  event_time_field = 'timestamp'
);
CREATE TABLE output WITH (
  connector = 'single_file',
  path = '$output_path',
  format = 'json',
  type = 'sink'
);
INSERT INTO output
SELECT window.start as hour, drivers, pickups FROM (
  SELECT tumble(INTERVAL '1 hour') as window, COUNT(distinct driver_id) as drivers, COUNT(CASE WHEN event_type = 'pickup' THEN 1 END) as pickups
  FROM rides GROUP BY 1);
--duckdb
-- SELECT time_bucket(INTERVAL '1 hour', timestamp), count(DISTINCT driver_id), count(*) FILTER (WHERE event_type = 'pickup') FROM rides GROUP BY 1