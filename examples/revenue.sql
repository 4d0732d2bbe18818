-- Revenue per product out of nested orders. DECIMAL keeps the cents exact.
CREATE TABLE orders (
  order_id BIGINT NOT NULL,
  items ARRAY<STRUCT<product TEXT, quantity INT, price DECIMAL(10, 2)>>
) WITH (connector = 'file', path = 'data/orders.ndjson');

SELECT
  item.product,
  sum(item.quantity) AS sold,
  sum(item.quantity * item.price) AS revenue
FROM orders CROSS JOIN UNNEST(items) AS u(item)
GROUP BY item.product
ORDER BY revenue DESC;
