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
CREATE TABLE output WITH (
  connector = 'single_file',
  path = '$output_path',
  format = 'json',
  type = 'sink'
);
INSERT INTO output
SELECT date_trunc('hour', timestamp) as hour, date_part('minute', timestamp) as minute, extract(epoch FROM timestamp) as epoch, to_char(timestamp, 'HH24:MI') as clock,
  regexp_replace(event_type, 'p+', '_') as kind FROM rides;
--duckdb
-- SELECT CAST(date_trunc('hour', timestamp) AS TIMESTAMP), CAST(date_part('minute', timestamp) AS DOUBLE), epoch(timestamp), strftime(timestamp, '%H:%M'), regexp_replace(event_type, 'p+', '_') FROM rides
