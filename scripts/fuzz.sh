#!/usr/bin/env bash
# Runs every fuzz target of the module for some seconds, each on one processor, as many at once as there are:
#   fuzz.sh SECONDS
set -euo pipefail

seconds=${1:?usage: fuzz.sh SECONDS}
cd "$(dirname "$0")/.."

one() { # folder target
	local said status=0
	said=$(go test -run '^$' -fuzz "^$2\$" -fuzztime "${seconds}s" -parallel 1 "./$1" 2>&1) || status=$?
	printf 'fuzz: %s in %s, %s s\n%s\n' "$2" "$1" "$seconds" "$said"
	return $status
}
export -f one
export seconds

targets=$(grep -rno --include='*_test.go' '^func Fuzz[A-Za-z0-9_]*' cmd internal tests | sed 's|/[^/]*:func | |')
[ -n "$targets" ] || { echo "fuzz: no target found" >&2; exit 1; }
xargs -P "$(nproc)" -L 1 bash -c 'one "$@"' fuzz <<<"$targets"
