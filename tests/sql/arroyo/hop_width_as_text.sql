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
  end TIMESTAMP,
  rows BIGINT
) WITH (
  connector = 'single_file',
  path = '$output_path',
  format = 'json',
  type = 'sink'
);
INSERT INTO output
SELECT window.end, rows FROM (SELECT hop(interval '5 seconds', '1 minute') as window, count(*) as rows FROM impulse GROUP BY window);
--duckdb
-- SELECT make_timestamp(b + 60000000), count(*) FROM (SELECT *, unnest([epoch_us(timestamp) // 5000000 * 5000000 - n * 5000000 for n in range(0, 60000000 // 5000000 + 1) if epoch_us(timestamp) // 5000000 * 5000000 - n * 5000000 + 60000000 > epoch_us(timestamp)]) AS b FROM impulse) GROUP BY ALL
