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
  timestamp TIMESTAMP,
  driver_id BIGINT
) WITH (
  connector = 'single_file',
  path = '$output_path',
  format = 'json',
  type = 'sink'
);
INSERT INTO output SELECT timestamp, driver_id FROM rides WHERE driver_id = 100 AND event_type = 'pickup';
INSERT INTO output SELECT timestamp, driver_id FROM rides WHERE driver_id = 101 AND event_type = 'dropoff';
--duckdb
-- SELECT timestamp, driver_id FROM rides WHERE driver_id = 100 AND event_type = 'pickup' OR driver_id = 101 AND event_type = 'dropoff'
