"""DuckDB on one thread: CPU seconds of the query, and its rows. usage: duck.py SQL"""

import json
import sys
import time

import duckdb

connection = duckdb.connect()
connection.execute("SET threads = 1")
before = time.process_time()
rows = connection.execute(sys.argv[1]).fetchall()
print(json.dumps({"cpu": time.process_time() - before, "rows": [[str(v) for v in row] for row in rows]}))
