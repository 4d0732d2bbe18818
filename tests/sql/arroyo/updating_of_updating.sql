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
  drivers BIGINT
) WITH (
  connector = 'single_file',
  path = '$output_path',
  format = 'debezium_json',
  type = 'sink'
);
-- Arroyo does not nest updating aggregates
INSERT INTO output
SELECT count(*) drivers FROM (
  SELECT driver_id, sum(case when event_type = 'pickup' then 1 else 0 END) as pickups, sum(case when event_type = 'dropoff' THEN 1 else 0 END) as dropoffs
  FROM rides GROUP BY 1) WHERE pickups < dropoffs;
--duckdb
-- SELECT count(*) FROM (SELECT driver_id FROM rides GROUP BY 1 HAVING sum((event_type = 'pickup')::INT) < sum((event_type = 'dropoff')::INT))
