CREATE TABLE rides (
  timestamp TIMESTAMP,
  driver_id BIGINT,
  event_type TEXT,
  location TEXT,
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
SELECT make_array(driver_id, driver_id + 1) AS pair, [driver_id][1] AS driver, nvl2(location, 'known', 'unknown') AS place, log2(8) AS three, meta ? 'device' AS has,
  get_first_json_object(meta, '$.codes[1]') AS code, to_timestamp('2023-06-01T09:00:00Z') < timestamp AS later, isnan(0.5) AS odd
FROM rides WHERE meta ? 'device' AND location IS NOT NULL;
--duckdb
-- SELECT [driver_id, driver_id + 1], driver_id, 'known', 3, true, (meta->'codes'->1)::VARCHAR, TIMESTAMP '2023-06-01 09:00:00' < timestamp, false FROM rides WHERE location IS NOT NULL