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
SELECT driver_id, CASE WHEN event_type = 'pickup' THEN 1 ELSE -1 END AS direction, coalesce(location, 'nowhere') AS place
FROM rides WHERE driver_id % 2 = 0 AND location IS NULL OR driver_id = 105;
--duckdb
-- SELECT driver_id, CASE WHEN event_type = 'pickup' THEN 1 ELSE -1 END, coalesce(location, 'nowhere') FROM rides WHERE driver_id % 2 = 0 AND location IS NULL OR driver_id = 105
