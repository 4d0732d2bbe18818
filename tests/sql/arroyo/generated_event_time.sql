CREATE TABLE rides (
  timestamp TIMESTAMP,
  driver_id BIGINT,
  event_time TIMESTAMP GENERATED ALWAYS AS (timestamp + INTERVAL '1 day') STORED,
  watermark TIMESTAMP GENERATED ALWAYS AS (timestamp + INTERVAL '1 day' - INTERVAL '5 minutes') STORED
) WITH (
  connector = 'single_file',
  path = '$input_dir/rides.json',
  format = 'json',
  type = 'source',
  event_time_field = 'event_time',
  watermark_field = 'watermark'
);
CREATE TABLE output WITH (
  connector = 'single_file',
  path = '$output_path',
  format = 'json',
  type = 'sink'
);
INSERT INTO output
SELECT tumble(INTERVAL '10 minutes').start AS t, count(*) AS n FROM rides GROUP BY tumble(interval '10 minutes');
--duckdb
-- SELECT time_bucket(INTERVAL '10 minutes', timestamp + INTERVAL '1 day'), count(*) FROM rides GROUP BY 1
