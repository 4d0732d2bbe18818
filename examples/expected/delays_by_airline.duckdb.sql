SELECT date_trunc('day', time_hour::TIMESTAMP), carrier, count(*), count(*) FILTER (WHERE dep_delay > 30),
       round(avg(dep_delay)::DECIMAL(38, 10), 1)::DECIMAL(9, 1)
FROM read_csv('data/flights-2013-01.csv.gz', nullstr = 'NA') GROUP BY 1, 2
