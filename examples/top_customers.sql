-- Customers by orders: nested structs, arrays, and texts joined in order.
CREATE TABLE orders (
  order_id BIGINT,
  customer STRUCT<name TEXT, country TEXT>,
  items ARRAY<STRUCT<product TEXT, quantity INT>>,
  note TEXT
) WITH (connector = 'file', path = 'data/orders.ndjson');

SELECT
  customer.name AS customer,
  count(*) AS orders,
  count(note) AS with_note,
  sum(cardinality(items)) AS items,
  string_agg(DISTINCT customer.country, ', ' ORDER BY customer.country) AS countries
FROM orders
GROUP BY customer.name
ORDER BY orders DESC, customer;
