"""ClickHouse (chdb) on one thread: CPU seconds of the query, and its rows.
usage: click.py SQL [SETUP…]"""

import json
import sys
import time

from chdb import session

connection = session.Session()
connection.query("SET max_threads = 1")
for setup in sys.argv[2:]:
    connection.query(setup)
before = time.process_time()
text = str(connection.query(sys.argv[1], "TabSeparated"))
print(json.dumps({"cpu": time.process_time() - before,
                  "rows": [line.split("\t") for line in text.splitlines()]}))
