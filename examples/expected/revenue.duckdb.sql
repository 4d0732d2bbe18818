SELECT item.product, sum(item.quantity)::BIGINT, sum(item.quantity * item.price::DECIMAL(10, 2)) AS revenue
FROM (SELECT unnest(items) AS item FROM read_json('data/orders.ndjson', format = 'newline_delimited'))
GROUP BY item.product ORDER BY revenue DESC
