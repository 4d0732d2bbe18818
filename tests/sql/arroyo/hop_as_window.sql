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
  start TIMESTAMP,
  end TIMESTAMP,
  rows BIGINT,
  total BIGINT
) WITH (
  connector = 'single_file',
  path = '$output_path',
  format = 'json',
  type = 'sink'
);
INSERT INTO output
SELECT window.start, window.end, rows, total FROM (
  SELECT hop(interval '2 seconds', interval '10 seconds') as window, count(*) as rows, sum(counter) as total
  FROM impulse GROUP BY window);
--duckdb
-- SELECT make_timestamp(b), make_timestamp(b + 10000000), count(*), sum(counter) FROM (SELECT *, unnest([epoch_us(timestamp) // 2000000 * 2000000 - n * 2000000 for n in range(0, 10000000 // 2000000 + 1) if epoch_us(timestamp) // 2000000 * 2000000 - n * 2000000 + 10000000 > epoch_us(timestamp)]) AS b FROM impulse) GROUP BY ALL
