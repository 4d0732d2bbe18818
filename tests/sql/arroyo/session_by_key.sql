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
  user_id BIGINT,
  rows BIGINT
) WITH (
  connector = 'single_file',
  path = '$output_path',
  format = 'json',
  type = 'sink'
);
INSERT INTO output
SELECT window.start, window.end, driver_id, rows FROM (
  SELECT SESSION(interval '3 minutes') as window, driver_id, count(*) as rows FROM rides GROUP BY window, driver_id);
--duckdb
-- SELECT min(timestamp), max(timestamp) + INTERVAL '3 minutes', driver_id, count(*) FROM (SELECT *, sum(new) OVER (PARTITION BY driver_id ORDER BY timestamp) AS run FROM (SELECT *, CASE WHEN timestamp - lag(timestamp) OVER (PARTITION BY driver_id ORDER BY timestamp) < INTERVAL '180 seconds' THEN 0 ELSE 1 END AS new FROM rides)) GROUP BY run, driver_id
