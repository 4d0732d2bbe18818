-- Departure delays per airline and day, in event time: each day's rows come when it closes.
CREATE TABLE flights (
  time_hour TIMESTAMP NOT NULL,
  carrier TEXT NOT NULL,
  dep_delay DOUBLE,
  WATERMARK FOR time_hour AS time_hour - INTERVAL '24 hours'
) WITH (
  connector = 'file',
  path = '${FLIGHTS:-data/flights-2013-01.csv.gz}',
  format = 'csv',
  'csv.null' = 'NA'
);

SELECT
  tumble(INTERVAL '1 day').start AS day,
  carrier,
  count(*) AS flights,
  count(*) FILTER (WHERE dep_delay > 30) AS late,
  round(avg(dep_delay)::NUMERIC, 1) AS average_delay
FROM flights
GROUP BY tumble(INTERVAL '1 day'), carrier;
