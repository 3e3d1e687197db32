#!/usr/bin/env bash
# Benchmark: run.sh LIBRARY [BUILD_DIR]. PEER=<path> measures another library, with asherah_* or Cobhan symbols,
# beside it; PEER=cobhan:<path> calls the Cobhan functions of one that has both.
set -euo pipefail

[ $# -ge 1 ] || { echo "usage: [PEER=library] run.sh LIBRARY [BUILD_DIR]" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
library=$(realpath "$1")
out=${2:-$here/../../build/bench}
flags=(-std=c11 -O2 -Wall -Wextra -pedantic -Werror)

mkdir -p "$out"
gcc "${flags[@]}" -o "$out/bench" "$here/bench.c" "$here/ffi.c" "$here/cobhan.c" -ldl -pthread
gcc "${flags[@]}" -DBENCH_FLOOR -o "$out/floor" "$here/bench.c" "$here/floor.c" -lcrypto -pthread
peer=${PEER:-}
how=
[ "${peer#cobhan:}" = "$peer" ] || how=cobhan:
exec python3 "$here/report.py" "$out" "$library" ${peer:+"$how$(realpath "${peer#cobhan:}")"}
