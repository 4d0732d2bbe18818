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
  minute TIMESTAMP,
  dropoffs BIGINT,
  pickups BIGINT
) WITH (
  connector = 'single_file',
  path = '$output_path',
  format = 'json',
  type = 'sink'
);
INSERT INTO output
SELECT coalesce(d.window.start, p.window.start), dropoffs, pickups FROM (
  SELECT TUMBLE(INTERVAL '1 minute') as window, count(*) as dropoffs FROM rides where event_type = 'dropoff' GROUP BY 1) d
FULL OUTER JOIN (
  SELECT TUMBLE(INTERVAL '1 minute') as window, count(*) as pickups FROM rides where event_type = 'pickup' GROUP BY 1) p
ON d.window.start = p.window.start;
--duckdb
-- SELECT time_bucket(INTERVAL '1 minute', timestamp), nullif(count(*) FILTER (event_type = 'dropoff'), 0), nullif(count(*) FILTER (event_type = 'pickup'), 0) FROM rides GROUP BY ALL
