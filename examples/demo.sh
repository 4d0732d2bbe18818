#!/bin/sh
# The demonstration: real flights, results on the screen while they are read, then as files.
set -eu
cd "$(dirname "$0")"
weir=${WEIR:-../build/weir}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }

say "1. January 2013: every flight that left New York (27,004 rows, gzipped CSV), read as it is"
"$weir" sql -o table "SELECT carrier, count(*) AS flights, sum(distance) AS miles, max(air_time) AS longest FROM 'data/flights-2013-01.csv.gz' GROUP BY carrier ORDER BY flights DESC"

say "2. Delays per airline and day, in event time: a day's rows are printed when it closes"
"$weir" run -o table delays_by_airline.sql | head -24
echo " …"

say "3. The worst routes"
"$weir" run -o table worst_routes.sql

say "4. The same as a file: written beside its place, renamed when it is complete"
sed "s#^SELECT#CREATE TABLE report WITH (connector = 'file', path = '$work/worst.csv');\nINSERT INTO report SELECT#" worst_routes.sql > "$work/worst.sql"
"$weir" run --stats "$work/worst.sql"
head -4 "$work/worst.csv"

say "Now yours:  $weir sql \"SELECT * FROM 'your-file.json' LIMIT 5\"     $weir help"
