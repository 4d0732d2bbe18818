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
WITH counts AS (SELECT driver_id, tumble(interval '1 hour') w, count(*) n FROM rides GROUP BY 1, 2)
SELECT driver_id, n FROM counts WHERE n > 2;
--duckdb
-- SELECT driver_id, n FROM (SELECT driver_id, count(*) n FROM rides GROUP BY driver_id, time_bucket(INTERVAL '1 hour', timestamp)) WHERE n > 2