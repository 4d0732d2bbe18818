-- Bounded side input: each bid with what a file says of its auction.
CREATE TABLE side_input (key BIGINT, value TEXT)
WITH (connector = 'file', path = '${NEXMARK_SIDE_INPUT:-side_input.csv}', format = 'csv');

SELECT b.auction, b.bidder, b.price, b.date_time, s.value
FROM bid AS b
JOIN side_input AS s ON b.auction % 10000 = s.key;
