SELECT CAST("at" AS TIMESTAMP), upper(sensor), round((celsius::DOUBLE * 9 / 5 + 32)::DECIMAL(38, 10), 1)::DECIMAL(9, 1),
       CASE WHEN celsius > 40 THEN 'hot' WHEN battery < 2.5 THEN 'battery low' WHEN battery IS NULL THEN 'battery unknown' END,
       coalesce(comment, '-')
FROM read_csv('data/sensors.csv')
WHERE celsius > 40 OR battery IS NULL OR battery < 2.5
