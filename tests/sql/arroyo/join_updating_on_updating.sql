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
CREATE TABLE users (
  id BIGINT,
  name TEXT,
  city TEXT
) WITH (
  connector = 'single_file',
  path = '$input_dir/users.json',
  format = 'json',
  type = 'source'
);
CREATE TABLE output (
  city TEXT,
  drivers BIGINT,
  rides BIGINT
) WITH (
  connector = 'single_file',
  path = '$output_path',
  format = 'debezium_json',
  type = 'sink'
);
-- Arroyo refuses two updating sides
INSERT INTO output
SELECT c.city, c.drivers, r.rides FROM (SELECT city, count(*) AS drivers FROM users GROUP BY city) c
FULL JOIN (SELECT u.city, count(*) AS rides FROM rides d JOIN users u ON d.driver_id = u.id GROUP BY u.city) r ON c.city = r.city;
--duckdb
-- SELECT c.city, c.n, r.n FROM (SELECT city, count(*) AS n FROM users GROUP BY city) c FULL JOIN (SELECT u.city, count(*) AS n FROM rides d JOIN users u ON d.driver_id = u.id GROUP BY u.city) r ON c.city = r.city
