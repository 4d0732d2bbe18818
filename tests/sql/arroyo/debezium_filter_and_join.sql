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
CREATE TABLE users (
  id BIGINT,
  name TEXT,
  city TEXT
) WITH (
  connector = 'single_file',
  path = '$input_dir/users.json',
  format = 'json',
  type = 'source'
);
CREATE TABLE output (
  id INT,
  name TEXT,
  total DOUBLE
) WITH (
  connector = 'single_file',
  path = '$output_path',
  format = 'debezium_json',
  type = 'sink'
);
INSERT INTO output
SELECT o.id, u.name, o.quantity * o.price FROM orders o LEFT JOIN users u ON o.id + 90 = u.id WHERE o.status <> 'open';
--duckdb
-- SELECT o.id, u.name, o.quantity * o.price FROM orders o LEFT JOIN users u ON o.id + 90 = u.id WHERE o.status <> 'open'
