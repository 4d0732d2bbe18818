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
  counter_mod_2 BIGINT,
  right_count BIGINT
) WITH (
  connector = 'single_file',
  path = '$output_path',
  format = 'debezium_json',
  type = 'sink'
);
-- Arroyo refuses an updating side
INSERT INTO output
SELECT counter as left_counter, counter_mod_2, right_count FROM impulse INNER JOIN
  (SELECT counter % 2 as counter_mod_2, cast(count(*) as bigint UNSIGNED) as right_count FROM impulse WHERE counter < 9 GROUP BY 1)
ON counter = right_count WHERE counter < 9;
--duckdb
-- SELECT counter, m, c FROM impulse JOIN (SELECT counter % 2 AS m, count(*) AS c FROM impulse WHERE counter < 9 GROUP BY 1) ON counter = c WHERE counter < 9
