SELECT customer.name AS customer, count(*) AS orders, count(note), sum(len(items))::BIGINT,
       array_to_string(list_sort(list_distinct(list(customer.country))), ', ')
FROM read_json('data/orders.ndjson', format = 'newline_delimited')
GROUP BY customer.name ORDER BY orders DESC, customer
