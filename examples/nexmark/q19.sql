-- Auction top ten: the ten highest bids of each auction.
SELECT *
FROM (
  SELECT auction, bidder, price, channel, url, date_time, extra,
         row_number() OVER (PARTITION BY auction ORDER BY price DESC, date_time, bidder, extra) AS rank
  FROM bid
)
WHERE rank <= 10;
