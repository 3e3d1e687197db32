#!/usr/bin/env bash
# Benchmark of libhessra: run.sh LIBRARY [BUILD_DIR]
set -euo pipefail

[ $# -ge 1 ] || { echo "usage: run.sh LIBRARY [BUILD_DIR]" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
library=$(realpath "$1")
root=$(cd "$here/../../.." && pwd)
out=${2:-$root/build/bench}

mkdir -p "$out"
gcc -std=c11 -O2 -Wall -Wextra -pedantic -Werror -I "$root/include" -o "$out/hessra" "$here/bench.c" "$library" \
  -Wl,-rpath,"$(dirname "$library")" -lcrypto
cd "$here/tokens"
go run . > "$out/tokens.txt"
"$out/hessra" < "$out/tokens.txt"
if [ -e "$root/build/witness/node_modules" ]; then
  echo
  node --experimental-wasm-modules --no-warnings "$here/witness.mjs" "$root/build/witness" < "$out/tokens.txt" | grep -v loading
else
  echo "no biscuit-wasm to compare with: run make setup-test"
fi
