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
  counter BIGINT UNSIGNED NOT NULL
) WITH (
  connector = 'single_file',
  path = '$output_path',
  format = 'json',
  type = 'sink'
);
CREATE VIEW parts AS
SELECT unnest(counters) as counter FROM (SELECT array_agg(counter) as counters, tumble(interval '1 day') FROM impulse GROUP BY tumble(interval '1 day'));

INSERT INTO output SELECT counter FROM parts;
--duckdb
-- SELECT counter FROM impulse
