CREATE TABLE impulse (
  timestamp TIMESTAMP,
  counter BIGINT UNSIGNED NOT NULL,
  subtask_index BIGINT UNSIGNED NOT NULL
) WITH (
  connector = 'impulse',
  event_rate = '1000000',
  message_count = '300',
  event_time_interval = '1 second'
);
CREATE TABLE output (
  first BIGINT,
  last BIGINT,
  rows BIGINT,
  variance DOUBLE,
  as_timed BOOLEAN
) WITH (
  connector = 'single_file',
  path = '$output_path',
  format = 'json',
  type = 'sink'
);
INSERT INTO output
SELECT first, last, rows, round(variance, 6), as_timed FROM (
  SELECT tumble(interval '10 seconds') as window, min(counter) as first, max(counter) as last, count(*) as rows, var(counter) as variance,
         bool_and(row_time() = timestamp AND wallclock() > timestamp) as as_timed
  FROM impulse GROUP BY window);
--duckdb
-- SELECT min(counter), max(counter), count(*), round(var_samp(counter), 6), true FROM impulse GROUP BY counter // 10
