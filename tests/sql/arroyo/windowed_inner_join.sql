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
  dropoff_drivers BIGINT,
  pickup_drivers BIGINT
) WITH (
  connector = 'single_file',
  path = '$output_path',
  format = 'json',
  type = 'sink'
);
INSERT INTO output
SELECT window.start as hour, dropoff_drivers, pickup_drivers FROM (
  SELECT dropoffs.window as window, dropoff_drivers, pickup_drivers FROM (
    SELECT TUMBLE(INTERVAL '1' hour) as window, COUNT(distinct driver_id) as dropoff_drivers FROM rides where event_type = 'dropoff' GROUP BY 1) dropoffs
  INNER JOIN (
    SELECT TUMBLE(INTERVAL '1' hour) as window, COUNT(distinct driver_id) as pickup_drivers FROM rides where event_type = 'pickup' GROUP BY 1) pickups
  ON dropoffs.window = pickups.window);
--duckdb
-- SELECT time_bucket(INTERVAL '1 hour', timestamp), count(DISTINCT driver_id) FILTER (event_type = 'dropoff') AS d, count(DISTINCT driver_id) FILTER (event_type = 'pickup') AS p FROM rides GROUP BY ALL HAVING d > 0 AND p > 0
