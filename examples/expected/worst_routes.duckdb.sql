SELECT origin || '-' || dest AS route, count(*) AS flights, quantile_cont(dep_delay::DOUBLE, 0.5) AS median,
       max(dep_delay::DOUBLE)
FROM read_csv('data/flights-2013-01.csv.gz', nullstr = 'NA') WHERE dep_delay IS NOT NULL
GROUP BY origin, dest HAVING count(*) >= 50 ORDER BY median DESC, flights DESC, route LIMIT 10
