-- The events of Nexmark from a file, as `weir generate nexmark` writes it: a line each, under its kind.
CREATE TABLE nexmark (
  person STRUCT<id BIGINT, name TEXT, email_address TEXT, credit_card TEXT, city TEXT, state TEXT,
                date_time TIMESTAMP, extra TEXT>,
  auction STRUCT<id BIGINT, item_name TEXT, description TEXT, initial_bid BIGINT, reserve BIGINT,
                 date_time TIMESTAMP, expires TIMESTAMP, seller BIGINT, category BIGINT, extra TEXT>,
  bid STRUCT<auction BIGINT, bidder BIGINT, price BIGINT, channel TEXT, url TEXT,
             date_time TIMESTAMP, extra TEXT>,
  date_time TIMESTAMP GENERATED ALWAYS AS (coalesce(bid.date_time, auction.date_time, person.date_time)),
  WATERMARK FOR date_time AS date_time - INTERVAL '4 seconds'
) WITH (connector = 'file', path = '${NEXMARK_FILE:-nexmark.ndjson}', format = 'json');
