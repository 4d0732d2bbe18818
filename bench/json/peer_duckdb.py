"""CPU ns per record of DuckDB's JSON reader on one thread, least of three passes.

    python peer_duckdb.py FILE "min(ts), min(user_id), ..." "{ts:'BIGINT', ...}"
"""
import sys
import time

import duckdb

path, aggregates, columns = sys.argv[1:4]
connection = duckdb.connect()
connection.execute("SET threads = 1")
query = (f"SELECT count(*), {aggregates} FROM read_json('{path}', format = 'newline_delimited',"
         f" columns = {columns}, ignore_errors = true)")
best = None
for _ in range(3):
    before = time.process_time()
    row = connection.execute(query).fetchone()
    took = time.process_time() - before
    best = took if best is None else min(best, took)
print(f"duckdb {best / row[0] * 1e9:.1f} ns/record, rows {row[0]}")
