SELECT carrier, count(*),
       round((100.0 * count(*) FILTER (WHERE dep_delay > 15) / count(*))::DECIMAL(38, 10), 1)::DECIMAL(9, 1) AS late,
       max(dep_delay::DOUBLE), sum(distance)::BIGINT
FROM read_csv('data/flights-2013-01.csv.gz', nullstr = 'NA') GROUP BY carrier ORDER BY late DESC, carrier LIMIT 10
