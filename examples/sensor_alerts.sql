-- Cleans sensor readings and flags what is odd, row by row.
CREATE TABLE readings (
  sensor TEXT NOT NULL,
  at TIMESTAMP NOT NULL,
  celsius DOUBLE NOT NULL,
  battery DECIMAL(4, 2),
  comment TEXT
) WITH (connector = 'file', path = 'data/sensors.csv');

SELECT
  at,
  upper(sensor) AS sensor,
  round((celsius * 9 / 5 + 32)::NUMERIC, 1) AS fahrenheit,
  CASE
    WHEN celsius > 40 THEN 'hot'
    WHEN battery < 2.5 THEN 'battery low'
    WHEN battery IS NULL THEN 'battery unknown'
  END AS alert,
  coalesce(comment, '-') AS comment
FROM readings
WHERE celsius > 40 OR battery IS NULL OR battery < 2.5;
