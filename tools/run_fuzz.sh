#!/bin/sh
# Runs every libFuzzer target of a build for some seconds, from its corpus in fuzz/corpus/NAME.
# New inputs stay in the build folder; a crash stops the run and names its input.
#
# usage: tools/run_fuzz.sh BUILD SECONDS
set -eu
build=$1
seconds=$2
found=0
for target in "$build"/fuzz/fuzz_*; do
    if [ ! -f "$target" ] || [ ! -x "$target" ]; then
        continue
    fi
    found=$((found + 1))
    name=$(basename "$target" | sed 's/^fuzz_//')
    mkdir -p "$build/corpus/$name"
    set -- "$build/corpus/$name"
    [ ! -d "fuzz/corpus/$name" ] || set -- "$@" "fuzz/corpus/$name"
    echo "fuzz: $name for $seconds s"
    "$target" -max_total_time="$seconds" -print_final_stats=0 -verbosity=0 \
        -artifact_prefix="$build/" "$@"
done
[ "$found" -gt 0 ] || { echo "fuzz: no targets in $build/fuzz" >&2; exit 1; }
echo "fuzz: $found targets, no crash"
