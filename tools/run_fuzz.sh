#!/bin/sh
# Runs the libFuzzer targets of a build, two at a time, each from its corpus in fuzz/corpus/NAME
# and with the words of fuzz/NAME.dict; SQL's are its keywords. Those that hold one implementation
# against another run for SECONDS, the others for a fifth of that; with NAMES only these, for
# SECONDS. New inputs stay in the build folder, as does what each said; a crash is named with its
# input and fails the run.
#
# usage: tools/run_fuzz.sh BUILD SECONDS [NAME…]
set -eu
build=$1
seconds=$2
shift 2
differential='format_csv json_records value_json value_utf8'

# one NAME SECONDS
one() {
    name=$1 seconds=$2
    mkdir -p "$build/corpus/$name"
    # Entropic scheduling takes three quarters of the time of slow targets.
    set -- -max_total_time="$seconds" -timeout=25 -rss_limit_mb=2048 -entropic=0 \
        -print_final_stats=1 -artifact_prefix="$build/$name-"
    for words in "fuzz/$name.dict" "$build/$name.dict"; do
        [ ! -f "$words" ] || set -- "$@" "-dict=$words"
    done
    set -- "$@" "$build/corpus/$name"
    [ ! -d "fuzz/corpus/$name" ] || set -- "$@" "fuzz/corpus/$name"
    if nice "$build/fuzz/fuzz_$name" "$@" > "$build/$name.log" 2>&1; then
        runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$build/$name.log")
        echo "fuzz: $name: $runs runs in $seconds s"
    else
        echo "fuzz: $name: FAILED, see $build/$name.log" >&2
        tail -30 "$build/$name.log" >&2
        return 1
    fi
}

if [ "${1-}" = --one ]; then
    one "$2" "$seconds"
    exit
fi

sed -n 's/^WEIR_SQL_KEYWORD([A-Z0-9_]*, \("[^"]*"\),.*/\1/p' src/sql/keywords.def > "$build/sql.dict"
{
    if [ $# -gt 0 ]; then
        printf '%s\n' "$@" | sed "s/\$/ $seconds/"
    else
        printf '%s\n' $differential | sed "s/\$/ $seconds/"
        for target in "$build"/fuzz/fuzz_*; do
            [ -f "$target" ] && [ -x "$target" ] || continue
            name=${target##*/fuzz_}
            case " $differential " in
            *" $name "*) ;;
            *) echo "$name $((seconds / 5 + 1))" ;;
            esac
        done
    fi
} > "$build/fuzz.list"
echo "fuzz: $(wc -l < "$build/fuzz.list") targets, two at a time"
xargs -P 2 -L 1 sh -c '"$0" "$1" "$3" --one "$2"' "$0" "$build" < "$build/fuzz.list"
echo "fuzz: no crash"
