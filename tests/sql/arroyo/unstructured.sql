CREATE TABLE events (
  value JSON
) WITH (
  connector = 'single_file',
  path = '$input_dir/rides.json',
  format = 'json',
  type = 'source',
  'json.unstructured' = 'true'
);
CREATE TABLE output WITH (
  connector = 'single_file',
  path = '$output_path',
  format = 'json',
  type = 'sink'
);
INSERT INTO output SELECT value->>'event_type' as kind, CAST(value->>'driver_id' AS BIGINT) as driver FROM events WHERE value->>'location' IS NULL;
--duckdb
-- SELECT event_type, driver_id FROM rides WHERE location IS NULL
