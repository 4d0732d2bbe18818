CREATE TABLE rides (
  timestamp TIMESTAMP,
  driver_id BIGINT,
  event_type TEXT,
  location TEXT,
  fare STRUCT<base DOUBLE, tip DOUBLE>,
  tags TEXT[],
  meta JSON
) WITH (
  connector = 'single_file',
  path = '$input_dir/rides.json',
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
CREATE VIEW tagged AS (SELECT unnest(tags) as tag, driver_id FROM rides);
INSERT INTO output
SELECT window.start as start, tag, count FROM (SELECT tag, count(*) as count, tumble(interval '1 hour') as window FROM tagged GROUP BY tag, window);
--duckdb
-- SELECT time_bucket(INTERVAL '1 hour', timestamp), tag, count(*) FROM (SELECT timestamp, unnest(tags) AS tag FROM rides) GROUP BY ALL
