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
  id INT PRIMARY KEY,
  customer TEXT,
  status TEXT
) WITH (
  connector = 'single_file',
  path = '$output_path',
  format = 'debezium_json',
  type = 'sink'
);
INSERT INTO output SELECT id, customer, status FROM orders;
--duckdb
-- SELECT id, customer, status FROM orders
