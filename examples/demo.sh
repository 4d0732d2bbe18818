#!/bin/sh
# The demonstration: real flights, results on the screen while they are read, then the same as a file.
#   examples/demo.sh        January 2013, as it is in data/
#   FLIGHTS=FILE …          another file of the same columns: the whole year by `make demo YEAR=1`
# On a terminal the file is read slowly where that is more fun to watch.
set -eu
cd "$(dirname "$0")"
weir=${WEIR:-../build/weir}
export WEIR_LOG="${WEIR_LOG:-warning}" # nobody asked when jobs start and end
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rate=0 bold='' dim='' plain=''
if [ -t 1 ]; then
    rate=${FLIGHTS:+100000} rate=${rate:-8000}
    bold=$(printf '\033[1m') dim=$(printf '\033[2m') plain=$(printf '\033[0m')
fi

say() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
# The command as one would type it, then what it does.
show() {
    typed='$ weir'
    for word; do
        case $word in *[\ \(]*) typed="$typed \"$word\"" ;; *) typed="$typed $word" ;; esac
    done
    printf '%s%s%s\n' "$dim" "$typed" "$plain"
    "$weir" "$@"
}

say "1. Flights that left New York in 2013, gzipped CSV, asked as they are"
show sql -o table "SELECT origin, count(*) AS flights, sum(distance) AS miles, max(TRY_CAST(air_time AS INT)) AS longest
            FROM '${FLIGHTS:-data/flights-2013-01.csv.gz}' GROUP BY origin ORDER BY flights DESC"

say "2. Delays per airline and hour, in event time: a row is printed when its hour closes (here: bad hours only)"
RATE=$rate show run -o table delays_by_hour.sql

say "3. A top list, redrawn while it is read"
RATE=$rate show run -o table top_airlines.sql

say "4. The worst routes, by median delay"
show run -o table worst_routes.sql

say "5. The same as a file: written beside its place, renamed when it is complete"
sed "s#^SELECT#CREATE TABLE report WITH (connector = 'file', path = '$work/worst_routes.csv');\nINSERT INTO report SELECT#" \
    worst_routes.sql > "$work/worst_routes.sql"
show run --stats "$work/worst_routes.sql"
head -4 "$work/worst_routes.csv"

say "Now yours:"
echo "  $weir sql \"SELECT * FROM 'your-file.json' LIMIT 5\""
echo "  $weir help"
