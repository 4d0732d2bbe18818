#!/bin/sh
# Installs what building and testing weir needs and is missing: Debian packages (by sudo when not
# root) and Python packages in .deps/py. Does nothing, and needs no network, when all is there.
#
# usage: tools/setup.sh [build|arm64|bench]
set -eu
cd "$(dirname "$0")/.."

build_packages="gcc libc6-dev meson ninja-build pkg-config ccache zlib1g-dev libzstd-dev libisal-dev
    libpcre2-dev libutf8proc-dev libedit-dev libssl-dev python3 python3-venv postgresql zstd
    tzdata jq time clang libclang-rt-14-dev clang-format"
arm64_packages="gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user-static"
bench_packages="g++ libsimdjson-dev"

installed() {
    dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null | grep -q '^installed$'
}

# Installs those of the named packages that are missing.
need_packages() {
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        echo "setup: no Debian here; please install what corresponds to:" "$@" >&2
        return 0
    fi
    missing=""
    for package in "$@"; do
        installed "$package" || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    as_root=""
    if [ "$(id -u)" != 0 ]; then
        if ! command -v sudo >/dev/null; then
            echo "setup: not root and no sudo; please install:$missing" >&2
            return 1
        fi
        as_root="sudo"
    fi
    echo "setup: installing$missing"
    # RUNLEVEL=1: a database server that comes with a package is not started.
    install="env RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -q
        --no-install-recommends"
    # shellcheck disable=SC2086
    $as_root $install $missing || { $as_root apt-get update -q && $as_root $install $missing; }
}

# A virtual environment with exactly the packages of a requirements file, checked by their hashes.
need_python() {
    folder=$1
    requirements=$2
    if [ -x "$folder/bin/python" ] && cmp -s "$requirements" "$folder/installed.txt"; then
        return 0
    fi
    python=$(command -v python3.11 || command -v python3)
    echo "setup: Python packages in $folder"
    [ -x "$folder/bin/python" ] || "$python" -m venv "$folder"
    "$folder/bin/python" -m pip install -q --disable-pip-version-check --require-hashes \
        --only-binary=:all: -r "$requirements"
    cp "$requirements" "$folder/installed.txt"
}

# Flink, by Maven, into .deps/flink/lib; the jars are checked by the sum of their sums. A benchmark
# that lacks it says so and goes on.
flink_sum=b8b484d0e117e042c76e1afc959272a0a80a7a03ab2c78ef1fbfd131935a2860
need_flink() {
    pom=bench/peers/flink/pom.xml
    cmp -s "$pom" .deps/flink/pom.xml && return 0
    if ! command -v mvn >/dev/null || ! command -v java >/dev/null; then
        echo "setup: no Java or no Maven here: the benchmarks go without Flink" >&2
        return 0
    fi
    echo "setup: Flink in .deps/flink"
    rm -rf .deps/flink
    if ! mvn -q -B -f "$pom" dependency:copy-dependencies -DincludeScope=runtime \
        -DoutputDirectory="$PWD/.deps/flink/lib"; then
        echo "setup: Flink cannot be fetched: the benchmarks go without it" >&2
        rm -rf .deps/flink
        return 0
    fi
    sum=$(cd .deps/flink/lib && LC_ALL=C sha256sum -- *.jar | sha256sum | cut -d' ' -f1)
    if [ "$sum" != "$flink_sum" ]; then
        echo "setup: the jars of Flink are not those expected: $sum" >&2
        rm -rf .deps/flink
        return 1
    fi
    cp "$pom" .deps/flink/pom.xml
}

# shellcheck disable=SC2086
case "${1:-build}" in
build)
    need_packages $build_packages
    need_python .deps/py tools/requirements.txt
    ;;
arm64)
    need_packages $arm64_packages
    ;;
bench)
    need_packages $bench_packages
    need_python .deps/bench tools/requirements-bench.txt
    need_flink
    ;;
*)
    echo "usage: tools/setup.sh [build|arm64|bench]" >&2
    exit 2
    ;;
esac
