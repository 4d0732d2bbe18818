-- Monitor new users: who registered and opened an auction within the same 10 seconds?
WITH registered AS (
  SELECT id, name, window_start, window_end
  FROM TUMBLE(person, date_time, INTERVAL '10 seconds')
  GROUP BY id, name, window_start, window_end
), opened AS (
  SELECT seller, window_start, window_end
  FROM TUMBLE(auction, date_time, INTERVAL '10 seconds')
  GROUP BY seller, window_start, window_end
)
SELECT p.id, p.name, p.window_start
FROM registered AS p
JOIN opened AS a ON p.id = a.seller AND p.window_start = a.window_start
                AND p.window_end = a.window_end;
