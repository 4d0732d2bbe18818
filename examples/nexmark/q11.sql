-- User sessions: how many bids did a user make in each session of activity?
SELECT bidder, count(*) AS bids, session(INTERVAL '10 seconds').start AS start,
       session(INTERVAL '10 seconds').end AS "end"
FROM bid
GROUP BY bidder, session(INTERVAL '10 seconds');
