-- Average selling price by seller: over the winning bids of the last ten auctions each had closed.
SELECT seller, avg(price) OVER (PARTITION BY seller ORDER BY date_time, id
                                ROWS BETWEEN 9 PRECEDING AND CURRENT ROW) AS average
FROM (
  SELECT a.id, a.seller, b.price, b.date_time
  FROM auction AS a
  JOIN bid AS b ON a.id = b.auction AND b.date_time BETWEEN a.date_time AND a.expires
  QUALIFY row_number() OVER (PARTITION BY a.id, a.expires ORDER BY b.price DESC, b.date_time, b.bidder) = 1
);
