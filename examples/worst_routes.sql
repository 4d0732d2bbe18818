-- The ten routes with the worst median departure delay, among those flown often enough.
CREATE TABLE flights (origin TEXT, dest TEXT, dep_delay DOUBLE) WITH (
  connector = 'file',
  path = '${FLIGHTS:-data/flights-2013-01.csv.gz}',
  format = 'csv',
  'csv.null' = 'NA'
);

SELECT
  origin || '-' || dest AS route,
  count(*) AS flights,
  percentile_cont(0.5) WITHIN GROUP (ORDER BY dep_delay) AS median_delay,
  max(dep_delay) AS worst
FROM flights
WHERE dep_delay IS NOT NULL
GROUP BY origin, dest
HAVING count(*) >= 50
ORDER BY median_delay DESC, flights DESC, route
LIMIT 10;
