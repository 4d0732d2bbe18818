CREATE TABLE rides (
  timestamp TIMESTAMP,
  driver_id BIGINT,
  event_type TEXT,
  location TEXT,
  fare STRUCT<base DOUBLE, tip DOUBLE>,
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
SELECT driver_id, fare.base as base, rides.fare.tip as tip, fare.base + coalesce(fare.tip, 0) as paid FROM rides WHERE fare.base > 10;
--duckdb
-- SELECT driver_id, fare.base, fare.tip, fare.base + coalesce(fare.tip, 0) FROM rides WHERE fare.base > 10
