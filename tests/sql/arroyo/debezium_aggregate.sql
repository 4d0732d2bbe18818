CREATE TABLE orders (
  id INT PRIMARY KEY,
  customer TEXT,
  product TEXT,
  quantity INTEGER,
  price FLOAT,
  status TEXT
) WITH (
  connector = 'single_file',
  path = '$input_dir/orders.json',
  format = 'debezium_json',
  type = 'source'
);
CREATE TABLE output (
  product TEXT PRIMARY KEY,
  count INT,
  customers INT,
  p DOUBLE
) WITH (
  connector = 'single_file',
  path = '$output_path',
  format = 'debezium_json',
  type = 'sink'
);
INSERT INTO output
SELECT concat(product, '!'), count(*), count(distinct customer), avg(price + 5) + 10 FROM orders GROUP BY concat(product, '!');
--duckdb
-- SELECT concat(product, '!'), count(*), count(DISTINCT customer), avg(price + 5) + 10 FROM orders GROUP BY ALL
