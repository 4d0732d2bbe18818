-- Hot items: the auctions with most bids in the last 10 seconds, every 2 seconds.
SELECT auction, num, "window".start AS start
FROM (
  SELECT auction, count(*) AS num, hop(INTERVAL '2 seconds', INTERVAL '10 seconds') AS "window"
  FROM bid
  GROUP BY auction, "window"
)
QUALIFY rank() OVER (PARTITION BY "window" ORDER BY num DESC) = 1;
