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
CREATE TABLE delayed (
  timestamp TIMESTAMP,
  counter BIGINT UNSIGNED NOT NULL,
  subtask_index BIGINT UNSIGNED NOT NULL,
  watermark TIMESTAMP GENERATED ALWAYS AS (timestamp - INTERVAL '10 minute') STORED
) WITH (
  connector = 'single_file',
  path = '$input_dir/impulse.json',
  format = 'json',
  type = 'source',
  event_time_field = 'timestamp',
  watermark_field = 'watermark'
);
CREATE TABLE output (
  start TIMESTAMP,
  counter BIGINT
) WITH (
  connector = 'single_file',
  path = '$output_path',
  format = 'json',
  type = 'sink'
);
INSERT INTO output
SELECT b.window.start, a.counter as counter
FROM (SELECT TUMBLE(interval '1 second') as window, counter, count(*) FROM impulse GROUP BY 1, 2) a
JOIN (SELECT TUMBLE(interval '1 second') as window, counter, count(*) FROM delayed GROUP BY 1, 2) b ON a.counter = b.counter;
--duckdb
-- SELECT timestamp, counter FROM impulse
