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
SELECT window.end as until, driver_id, count FROM (
  SELECT *, RANK() OVER (PARTITION BY window ORDER BY count DESC) as place FROM (
    SELECT count(*) as count, driver_id, tumble(interval '20 minutes') as window FROM rides GROUP BY window, driver_id)) WHERE place = 1;
--duckdb
-- SELECT t + INTERVAL '20 minutes', driver_id, c FROM (SELECT time_bucket(INTERVAL '20 minutes', timestamp) AS t, driver_id, count(*) AS c FROM rides GROUP BY ALL) QUALIFY rank() OVER (PARTITION BY t ORDER BY c DESC) = 1
