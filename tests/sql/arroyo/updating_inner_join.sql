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
SELECT a.counter as left_counter, b.counter as right_counter FROM impulse a INNER JOIN (SELECT counter FROM impulse WHERE counter % 2 = 0) b ON a.counter = b.counter
WHERE a.counter < 50;
--duckdb
-- SELECT a.counter, b.counter FROM impulse a JOIN impulse b ON a.counter = b.counter AND b.counter % 2 = 0 WHERE a.counter < 50
