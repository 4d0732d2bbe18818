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
  left_counter BIGINT,
  right_counter BIGINT
) WITH (
  connector = 'single_file',
  path = '$output_path',
  format = 'debezium_json',
  type = 'sink'
);
INSERT INTO output
SELECT a.counter as left_counter, b.counter as right_counter FROM (SELECT counter FROM impulse WHERE counter < 20) a
LEFT JOIN (SELECT counter FROM impulse WHERE counter % 2 = 0 AND counter < 30) b ON a.counter = b.counter;
--duckdb
-- SELECT a.counter, b.counter FROM (SELECT counter FROM impulse WHERE counter < 20) a LEFT JOIN (SELECT counter FROM impulse WHERE counter % 2 = 0 AND counter < 30) b ON a.counter = b.counter
