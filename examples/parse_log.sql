-- Text log lines into columns by regular expression, then a summary per module.
CREATE TABLE lines (line TEXT) WITH (connector = 'file', path = 'data/app.log', format = 'raw_string');

CREATE VIEW parsed AS
SELECT
  substring(line FROM 1 FOR 19)::TIMESTAMP AS at,
  (regexp_match(line, '\[(\w+)\]'))[1] AS level,
  (regexp_match(line, '\] (\w+):'))[1] AS module,
  (regexp_match(line, 'took (\d+)ms'))[1]::INT AS ms
FROM lines;

SELECT
  module,
  count(*) AS lines,
  count(*) FILTER (WHERE level = 'ERROR') AS errors,
  percentile_disc(0.9) WITHIN GROUP (ORDER BY ms) AS p90_ms
FROM parsed
GROUP BY module
ORDER BY module;
