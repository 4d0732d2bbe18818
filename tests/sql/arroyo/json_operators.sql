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
INSERT INTO output
SELECT meta->'device'->>'os' as os, CAST(meta->'device'->>'version' AS BIGINT) as version, meta->>'missing' as missing FROM rides;
--duckdb
-- SELECT meta->'device'->>'os', CAST(meta->'device'->>'version' AS BIGINT), meta->>'missing' FROM rides
