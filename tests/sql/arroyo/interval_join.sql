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
SELECT p.driver_id as driver_id, p.timestamp as began, d.timestamp as ended FROM (SELECT * FROM rides WHERE event_type = 'pickup') p
JOIN (SELECT * FROM rides WHERE event_type = 'dropoff') d ON p.driver_id = d.driver_id AND d.timestamp BETWEEN p.timestamp AND p.timestamp + INTERVAL '2 minutes';
--duckdb
-- SELECT p.driver_id, p.timestamp, d.timestamp FROM rides p JOIN rides d ON p.driver_id = d.driver_id AND d.timestamp BETWEEN p.timestamp AND p.timestamp + INTERVAL '2 minutes' WHERE p.event_type = 'pickup' AND d.event_type = 'dropoff'
