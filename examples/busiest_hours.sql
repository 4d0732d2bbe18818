-- Flights, cancellations and the share of late departures by hour of the day.
CREATE TABLE flights (hour BIGINT, dep_time BIGINT, dep_delay DOUBLE) WITH (
  connector = 'file',
  path = '${FLIGHTS:-data/flights-2013-01.csv.gz}',
  format = 'csv',
  'csv.null' = 'NA'
);

SELECT
  hour,
  count(*) AS scheduled,
  count(*) - count(dep_time) AS cancelled,
  round((100.0 * count(*) FILTER (WHERE dep_delay > 15) / count(*))::NUMERIC, 1) AS late_percent
FROM flights
GROUP BY hour
ORDER BY hour;
