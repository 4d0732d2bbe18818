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
  start TIMESTAMP,
  end TIMESTAMP,
  count BIGINT
) WITH (
  connector = 'single_file',
  path = '$output_path',
  format = 'json',
  type = 'sink'
);
-- Arroyo wants the width to be a multiple of the slide
INSERT INTO output
SELECT driver_id, window.start, window.end, count FROM (
  SELECT driver_id, hop(INTERVAL '40' minute, INTERVAL '1' hour) as window, count(*) as count FROM rides GROUP BY 1, 2);
--duckdb
-- SELECT driver_id, make_timestamp(b), make_timestamp(b + 3600000000), count(*) FROM (SELECT *, unnest([epoch_us(timestamp) // 2400000000 * 2400000000 - n * 2400000000 for n in range(0, 3600000000 // 2400000000 + 1) if epoch_us(timestamp) // 2400000000 * 2400000000 - n * 2400000000 + 3600000000 > epoch_us(timestamp)]) AS b FROM rides) GROUP BY ALL
