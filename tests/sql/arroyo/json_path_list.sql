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
SELECT driver_id, extract_json(meta, '$.codes[*]')[2] as code FROM rides;
--duckdb
-- SELECT driver_id, CAST(meta->'codes'->1 AS VARCHAR) FROM rides
