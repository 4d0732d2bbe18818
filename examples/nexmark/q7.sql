-- Highest bid: the bids of the highest price in each 10 seconds.
WITH most AS (
  SELECT max(price) AS price, window_start, window_end
  FROM TUMBLE(bid, date_time, INTERVAL '10 seconds')
  GROUP BY window_start, window_end
)
SELECT b.auction, b.price, b.bidder, b.date_time, b.extra
FROM TUMBLE(bid, date_time, INTERVAL '10 seconds') AS b
JOIN most ON b.window_start = most.window_start AND b.window_end = most.window_end
         AND b.price = most.price;
