SELECT hour, count(*), count(*) - count(dep_time),
       round((100.0 * count(*) FILTER (WHERE dep_delay > 15) / count(*))::DECIMAL(38, 10), 1)::DECIMAL(9, 1)
FROM read_csv('data/flights-2013-01.csv.gz', nullstr = 'NA') GROUP BY hour ORDER BY hour
