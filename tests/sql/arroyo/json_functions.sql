CREATE TABLE rides (
  timestamp TIMESTAMP,
  driver_id BIGINT,
  meta TEXT
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
SELECT extract_json_string(meta, '$.device.os') as os, count(*) as n, tumble(interval '1 hour').start as hour
FROM rides GROUP BY 1, tumble(interval '1 hour');
--duckdb
-- SELECT meta->'device'->>'os', count(*), time_bucket(INTERVAL '1 hour', timestamp) FROM rides GROUP BY ALL
