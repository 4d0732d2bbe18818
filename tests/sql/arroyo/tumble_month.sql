CREATE TABLE rides (
  timestamp TIMESTAMP,
  driver_id BIGINT,
  event_type TEXT,
  location TEXT,
  watermark TIMESTAMP GENERATED ALWAYS AS (timestamp - INTERVAL '1 minute') STORED
) WITH (
  connector = 'single_file',
  path = '$input_dir/rides.json',
  format = 'json',
  type = 'source',
  event_time_field = 'timestamp',
  watermark_field = 'watermark'
);
CREATE TABLE output (
  month TIMESTAMP,
  count BIGINT
) WITH (
  connector = 'single_file',
  path = '$output_path',
  format = 'json',
  type = 'sink'
);
INSERT INTO output
SELECT window.start as month, count FROM (
  SELECT TUMBLE(INTERVAL '1' month) as window, COUNT(*) as count FROM rides GROUP BY 1);
--duckdb
-- SELECT CAST(date_trunc('month', timestamp) AS TIMESTAMP), count(*) FROM rides GROUP BY ALL
