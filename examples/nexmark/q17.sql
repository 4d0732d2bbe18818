-- Auction statistics of a day.
SELECT auction,
       to_char(date_time, 'YYYY-MM-DD') AS day,
       count(*) AS bids,
       count(*) FILTER (WHERE price < 10000) AS bids_low,
       count(*) FILTER (WHERE price >= 10000 AND price < 1000000) AS bids_middle,
       count(*) FILTER (WHERE price >= 1000000) AS bids_high,
       min(price) AS least, max(price) AS most, avg(price) AS average, sum(price) AS total
FROM bid
GROUP BY auction, to_char(date_time, 'YYYY-MM-DD');
