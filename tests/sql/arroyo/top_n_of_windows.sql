CREATE TABLE rides (
  timestamp TIMESTAMP,
  driver_id BIGINT,
  event_type TEXT,
  location TEXT
) WITH (
  connector = 'single_file',
  path = '$input_dir/rides.json',
  format = 'json',
  type = 'source',
  event_time_field = 'timestamp'
);
CREATE TABLE output (
  driver_id BIGINT,
  count BIGINT,
  start TIMESTAMP,
  end TIMESTAMP,
  row_number BIGINT
) WITH (
  connector = 'single_file',
  path = '$output_path',
  format = 'json',
  type = 'sink'
);
INSERT INTO output
SELECT driver_id, count, window.start, window.end, row_number FROM (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY window ORDER BY count DESC, driver_id DESC) as row_number
  FROM (SELECT driver_id, hop(interval '10 minutes', interval '30 minutes') as window, count(*) as count FROM rides GROUP BY driver_id, window)
) WHERE row_number <= 2;
--duckdb
-- SELECT driver_id, c, make_timestamp(b), make_timestamp(b + 1800000000), row_number() OVER (PARTITION BY b ORDER BY c DESC, driver_id DESC) AS r FROM
-- (SELECT driver_id, b, count(*) AS c FROM (SELECT *, unnest([epoch_us(timestamp) // 600000000 * 600000000 - n * 600000000 for n in range(0, 1800000000 // 600000000 + 1) if epoch_us(timestamp) // 600000000 * 600000000 - n * 600000000 + 1800000000 > epoch_us(timestamp)]) AS b FROM rides) GROUP BY ALL) QUALIFY r <= 2
