-- Balances per owner out of the change stream of a database: accounts come, change and go, and so do the
-- totals. Debezium's envelopes in, Debezium's envelopes out.
CREATE TABLE accounts (id INT PRIMARY KEY, owner TEXT, balance DECIMAL(10,2))
WITH (connector = 'file', path = 'data/accounts.json', format = 'debezium_json');

CREATE TABLE totals WITH (connector = 'file', path = 'account_totals.json', format = 'debezium_json');

INSERT INTO totals
SELECT owner, count(*) AS accounts, sum(balance) AS balance FROM accounts GROUP BY owner;
