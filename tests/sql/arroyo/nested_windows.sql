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
CREATE TABLE output WITH (
  connector = 'single_file',
  path = '$output_path',
  format = 'json',
  type = 'sink'
);
INSERT INTO output
SELECT window.start as start, window.end as end, drivers FROM (
  SELECT tumble(interval '1 hour') as window, count(distinct driver_id) as drivers FROM (
    SELECT driver_id, count(*) as pickups FROM rides WHERE event_type = 'pickup' GROUP BY 1, tumble(interval '1 hour'))
  WHERE pickups > 8 GROUP BY 1);
--duckdb
-- SELECT h, h + INTERVAL '1 hour', count(DISTINCT driver_id) FROM (SELECT time_bucket(INTERVAL '1 hour', timestamp) AS h, driver_id, count(*) AS n FROM rides WHERE event_type = 'pickup' GROUP BY ALL) WHERE n > 8 GROUP BY ALL
