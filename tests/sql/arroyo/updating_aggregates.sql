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
CREATE TABLE output WITH (
  connector = 'single_file',
  path = '$output_path',
  format = 'debezium_json',
  type = 'sink'
);
INSERT INTO output
SELECT counter % 3 AS bucket, count(*) AS cnt, min(counter) AS least, max(counter) AS most, sum(counter) AS total, avg(counter) AS mean,
  median(counter) AS middle, bool_and(counter > 1) AS every, bit_or(counter) AS bits, round(stddev(counter), 4) AS spread
FROM impulse GROUP BY 1;
--duckdb
-- SELECT counter % 3, count(*), min(counter), max(counter), sum(counter), avg(counter), median(counter), bool_and(counter > 1), bit_or(counter), round(stddev(counter), 4) FROM impulse GROUP BY 1
