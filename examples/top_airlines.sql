-- Airlines by share of late departures. On a terminal the list is drawn over and over while it is read.
CREATE TABLE flights (carrier TEXT, dep_delay DOUBLE, distance BIGINT) WITH (
  connector = 'file',
  path = '${FLIGHTS:-data/flights-2013-01.csv.gz}',
  format = 'csv',
  'csv.null' = 'NA',
  rate = '${RATE:-0}'
);

SELECT
  carrier,
  count(*) AS flights,
  round((100.0 * count(*) FILTER (WHERE dep_delay > 15) / count(*))::NUMERIC, 1) AS late_percent,
  max(dep_delay) AS worst_minutes,
  sum(distance) AS miles
FROM flights
GROUP BY carrier
ORDER BY late_percent DESC, carrier
LIMIT 10;
