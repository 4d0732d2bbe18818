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
  rows BIGINT
) WITH (
  connector = 'single_file',
  path = '$output_path',
  format = 'json',
  type = 'sink'
);
INSERT INTO output
SELECT window.start, window.end, rows FROM (SELECT SESSION(INTERVAL '20 seconds') AS window, COUNT(*) AS rows FROM rides GROUP BY window);
--duckdb
-- SELECT min(timestamp), max(timestamp) + INTERVAL '20 seconds', count(*) FROM (SELECT *, sum(new) OVER (ORDER BY timestamp) AS run FROM (SELECT *, CASE WHEN timestamp - lag(timestamp) OVER (ORDER BY timestamp) < INTERVAL '20 seconds' THEN 0 ELSE 1 END AS new FROM rides)) GROUP BY run
