#!/usr/bin/env bash
# Benchmark of libhessra: run.sh LIBRARY [BUILD_DIR]
set -euo pipefail

[ $# -ge 1 ] || { echo "usage: run.sh LIBRARY [BUILD_DIR]" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
library=$(realpath "$1")
out=${2:-$here/../../../build/bench}

mkdir -p "$out"
gcc -std=c11 -O2 -Wall -Wextra -pedantic -Werror -I "$here/../../../include" -o "$out/hessra" "$here/bench.c" "$library" \
  -Wl,-rpath,"$(dirname "$library")" -lcrypto
cd "$here/tokens"
go run . > "$out/tokens.txt"
exec "$out/hessra" < "$out/tokens.txt"
