-- JSON without a schema: fields by operator and by path.
CREATE TABLE orders (order_id BIGINT, customer JSONB, items JSONB, note TEXT)
WITH (connector = 'file', path = 'data/orders.ndjson');

SELECT
  customer ->> 'name' AS customer,
  count(*) AS orders,
  count(note) AS with_note,
  sum(jsonb_array_length(items)) AS items,
  string_agg(DISTINCT customer ->> 'country', ', ' ORDER BY customer ->> 'country') AS countries
FROM orders
GROUP BY customer ->> 'name'
ORDER BY orders DESC, customer;
