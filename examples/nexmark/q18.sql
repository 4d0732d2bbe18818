-- Find last bid: the latest of each bidder on each auction. A time alone does not decide it.
SELECT auction, bidder, price, channel, url, date_time, extra
FROM bid
QUALIFY row_number() OVER (PARTITION BY bidder, auction ORDER BY date_time DESC, price DESC, extra) = 1;
