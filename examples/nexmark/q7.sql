-- Highest bid: the bids of the highest price in each 10 seconds.
SELECT auction, price, bidder, date_time, extra
FROM TUMBLE(bid, date_time, INTERVAL '10 seconds')
QUALIFY rank() OVER (PARTITION BY window_start, window_end ORDER BY price DESC) = 1;
