CREATE TABLE log (
  value TEXT NOT NULL,
  at TIMESTAMP GENERATED ALWAYS AS (CAST(extract_json_string(value, '$.timestamp') AS TIMESTAMP)) STORED
) WITH (
  connector = 'single_file',
  path = '$input_dir/rides.json',
  format = 'raw_string',
  type = 'source',
  event_time_field = 'at'
);
CREATE TABLE output WITH (
  connector = 'single_file',
  path = '$output_path',
  format = 'json',
  type = 'sink'
);
INSERT INTO output
SELECT window.end as until, n FROM (SELECT count(*) as n, tumble(interval '10 minutes') as window FROM log WHERE extract_json_string(value, '$.event_type') = 'pickup' GROUP BY window);
--duckdb
-- SELECT time_bucket(INTERVAL '10 minutes', timestamp) + INTERVAL '10 minutes', count(*) FROM rides WHERE event_type = 'pickup' GROUP BY ALL
