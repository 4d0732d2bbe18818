-- Hours in which an airline had many long delays, in event time: each row is printed when its hour closes.
CREATE TABLE flights (
  time_hour TIMESTAMP NOT NULL,
  carrier TEXT NOT NULL,
  dep_delay DOUBLE,
  WATERMARK FOR time_hour AS time_hour - INTERVAL '24 hours'
) WITH (
  connector = 'file',
  path = '${FLIGHTS:-data/flights-2013-01.csv.gz}',
  format = 'csv',
  'csv.null' = 'NA',
  rate = '${RATE:-0}'
);

SELECT
  tumble(INTERVAL '1 hour').start AS hour,
  carrier,
  count(*) AS flights,
  count(*) FILTER (WHERE dep_delay > 60) AS delayed,
  round(avg(dep_delay)::NUMERIC, 1) AS average_delay
FROM flights
GROUP BY tumble(INTERVAL '1 hour'), carrier
HAVING count(*) FILTER (WHERE dep_delay > 60) >= 5;
