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
CREATE TABLE pickups (
  at TIMESTAMP,
  driver BIGINT
);
CREATE TABLE output (
  driver BIGINT,
  n BIGINT
) WITH (
  connector = 'single_file',
  path = '$output_path',
  format = 'debezium_json',
  type = 'sink'
);
INSERT INTO pickups SELECT timestamp, driver_id FROM rides WHERE event_type = 'pickup';
INSERT INTO output SELECT driver, count(*) FROM pickups GROUP BY driver;
--duckdb
-- SELECT driver_id, count(*) FROM rides WHERE event_type = 'pickup' GROUP BY ALL
