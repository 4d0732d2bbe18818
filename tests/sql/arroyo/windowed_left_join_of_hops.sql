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
SELECT a.window.end as until, a.n as pickups, b.n as dropoffs FROM
  (SELECT hop(interval '15 minutes', interval '30 minutes') as window, driver_id, count(*) as n FROM rides WHERE event_type = 'pickup' GROUP BY window, driver_id) a
LEFT JOIN
  (SELECT hop(interval '15 minutes', interval '30 minutes') as window, driver_id, count(*) as n FROM rides WHERE event_type = 'dropoff' GROUP BY window, driver_id) b
ON a.window = b.window AND a.driver_id = b.driver_id;
--duckdb
-- WITH h AS (SELECT b, driver_id, event_type, count(*) AS n FROM (SELECT *, unnest([epoch_us(timestamp) // 900000000 * 900000000 - n * 900000000 for n in range(0, 1800000000 // 900000000 + 1) if epoch_us(timestamp) // 900000000 * 900000000 - n * 900000000 + 1800000000 > epoch_us(timestamp)]) AS b FROM rides) GROUP BY ALL)
-- SELECT make_timestamp(x.b + 1800000000), x.n, y.n FROM (FROM h WHERE event_type = 'pickup') x LEFT JOIN (FROM h WHERE event_type = 'dropoff') y ON x.b = y.b AND x.driver_id = y.driver_id
