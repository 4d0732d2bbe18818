SELECT '("' || strftime(minute, '%Y-%m-%d %H:%M:%S') || '","' || strftime(minute + INTERVAL 1 MINUTE, '%Y-%m-%d %H:%M:%S') || '")',
       count(*), count(*) FILTER (WHERE status >= 500), count(DISTINCT ip), max(ms)
FROM (SELECT date_trunc('minute', time::TIMESTAMP) AS minute, status, client.ip AS ip, ms::DOUBLE AS ms
      FROM read_json('data/access.ndjson', format = 'newline_delimited'))
GROUP BY minute
