SELECT module, count(*), count(*) FILTER (WHERE level = 'ERROR'), quantile_disc(ms, 0.9)
FROM (SELECT regexp_extract(line, '\[(\w+)\]', 1) AS level, regexp_extract(line, '\] (\w+):', 1) AS module,
             nullif(regexp_extract(line, 'took (\d+)ms', 1), '')::INT AS ms
      FROM read_csv('data/app.log', columns = {'line': 'VARCHAR'}, header = false, delim = '\0', quote = '', escape = ''))
GROUP BY module ORDER BY module
