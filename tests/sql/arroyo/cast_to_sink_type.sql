CREATE TABLE impulse (
  timestamp TIMESTAMP,
  counter BIGINT UNSIGNED NOT NULL,
  subtask_index BIGINT UNSIGNED NOT NULL,
) WITH (
  connector = 'single_file',
  path = '$input_dir/impulse.json',
  format = 'json',
  type = 'source',
  event_time_field = 'timestamp'
);
CREATE TABLE output (
  timestamp TIMESTAMP,
  counter INT,
  name TEXT
) WITH (
  connector = 'single_file',
  path = '$output_path',
  format = 'json',
  type = 'sink'
);
INSERT INTO output SELECT timestamp, counter + 1, CAST(counter AS TEXT) FROM impulse WHERE counter < 10;
--duckdb
-- SELECT timestamp, counter + 1, counter::VARCHAR FROM impulse WHERE counter < 10
