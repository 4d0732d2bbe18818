SET updating_ttl = '1 day';

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
  rides BIGINT,
  places BIGINT
) WITH (
  connector = 'single_file',
  path = '$output_path',
  format = 'debezium_json',
  type = 'sink'
);
INSERT INTO output SELECT driver_id, count(*), count(DISTINCT location) FROM rides GROUP BY driver_id;
--duckdb
-- SELECT driver_id, count(*), count(DISTINCT location) FROM rides GROUP BY ALL
