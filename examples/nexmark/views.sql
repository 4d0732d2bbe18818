-- One stream of each kind. Behind generator.sql or file.sql.
CREATE VIEW person AS
SELECT person.id, person.name, person.email_address, person.credit_card, person.city, person.state,
       date_time, person.extra
FROM nexmark WHERE person IS NOT NULL;

CREATE VIEW auction AS
SELECT auction.id, auction.item_name, auction.description, auction.initial_bid, auction.reserve,
       date_time, auction.expires, auction.seller, auction.category, auction.extra
FROM nexmark WHERE auction IS NOT NULL;

CREATE VIEW bid AS
SELECT bid.auction, bid.bidder, bid.price, bid.channel, bid.url, date_time, bid.extra
FROM nexmark WHERE bid IS NOT NULL;
