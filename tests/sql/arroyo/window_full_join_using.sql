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
SELECT P.window.start AS hour, coalesce(P.driver_id, D.driver_id) AS driver, P.c AS pickups, D.c AS dropoffs FROM
(SELECT tumble(interval '1 hour') as window, driver_id, count(*) c FROM rides WHERE event_type = 'pickup' GROUP BY 1, 2) P
FULL OUTER JOIN
(SELECT tumble(interval '1 hour') as window, driver_id, count(*) c FROM rides WHERE event_type = 'dropoff' GROUP BY 1, 2) D
USING (window, driver_id);
--duckdb
-- SELECT p.w, coalesce(p.driver_id, d.driver_id), p.c, d.c FROM (SELECT time_bucket(INTERVAL '1 hour', timestamp) w, driver_id, count(*) c FROM rides WHERE event_type = 'pickup' GROUP BY ALL) p FULL JOIN (SELECT time_bucket(INTERVAL '1 hour', timestamp) w, driver_id, count(*) c FROM rides WHERE event_type = 'dropoff' GROUP BY ALL) d ON p.w = d.w AND p.driver_id = d.driver_id