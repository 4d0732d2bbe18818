-- Processing-time windows: how many bids did a user make in each 10 seconds of our own clock?
SELECT bidder, count(*) AS bids, tumble(proctime(), INTERVAL '10 seconds').start AS start
FROM bid
GROUP BY bidder, tumble(proctime(), INTERVAL '10 seconds');
