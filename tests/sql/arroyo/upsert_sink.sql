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
  customer TEXT PRIMARY KEY,
  n BIGINT,
  spent DOUBLE
) WITH (
  connector = 'single_file',
  path = '$output_path',
  format = 'json',
  type = 'sink'
);
INSERT INTO output SELECT customer, count(*), sum(quantity * price) FROM orders GROUP BY customer;
--duckdb
--pk=1
-- SELECT customer, count(*), sum(quantity * price) FROM orders GROUP BY ALL
