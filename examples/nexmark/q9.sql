-- Winning bids: of each auction the highest bid while it ran, the first of equal ones. It is
-- known, and forgotten, when the auction has expired.
SELECT a.id, a.item_name, a.description, a.initial_bid, a.reserve, a.date_time, a.expires,
       a.seller, a.category, a.extra,
       b.auction, b.bidder, b.price, b.date_time AS bid_time, b.extra AS bid_extra
FROM auction AS a
JOIN bid AS b ON a.id = b.auction AND b.date_time BETWEEN a.date_time AND a.expires
QUALIFY row_number() OVER (PARTITION BY a.id, a.expires ORDER BY b.price DESC, b.date_time, b.bidder) = 1;
