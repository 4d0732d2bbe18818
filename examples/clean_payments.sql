-- Keeps the good records; the bad ones go to a dead-letter file with the reason, and are counted.
CREATE TABLE payments (
  id BIGINT NOT NULL,
  amount DECIMAL(12, 2),
  currency TEXT
) WITH (
  connector = 'file',
  path = 'data/payments.ndjson',
  bad_data = 'drop',
  dead_letter = 'payments.bad.ndjson'
);

SELECT currency, count(*) AS payments, sum(amount) AS total
FROM payments
GROUP BY currency
ORDER BY currency;
