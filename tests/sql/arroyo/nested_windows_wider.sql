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
  format = 'json',
  type = 'sink'
);
-- Arroyo wants windows of windows to be the same
INSERT INTO output
SELECT window.start as minute, busiest FROM (
  SELECT tumble(interval '1 minute') as window, max(total) as busiest FROM (
    SELECT tumble(interval '10 seconds') as w, sum(counter) as total FROM impulse GROUP BY w) GROUP BY window);
--duckdb
-- SELECT time_bucket(INTERVAL '1 minute', t) , max(s) FROM (SELECT time_bucket(INTERVAL '10 seconds', timestamp) AS t, sum(counter) AS s FROM impulse GROUP BY ALL) GROUP BY ALL
