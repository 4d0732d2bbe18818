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
CREATE TABLE output WITH (
  connector = 'single_file',
  path = '$output_path',
  format = 'debezium_json',
  type = 'sink'
);
INSERT INTO output SELECT customer, max(price) AS dearest, min(quantity) AS fewest FROM orders GROUP BY customer;
--duckdb
-- SELECT customer, max(price), min(quantity) FROM orders GROUP BY ALL
