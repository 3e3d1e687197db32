#!/usr/bin/env bash
# Runs every fuzz target of the module for some seconds each: fuzz.sh SECONDS
set -euo pipefail

seconds=${1:?usage: fuzz.sh SECONDS}
found=0
while IFS=: read -r file _ line; do
	target=$(sed 's/^func \(Fuzz[A-Za-z0-9_]*\).*/\1/' <<<"$line")
	echo "fuzz: $target in $(dirname "$file"), $seconds s"
	go test -run '^$' -fuzz "^$target\$" -fuzztime "${seconds}s" "./$(dirname "$file")"
	found=$((found + 1))
done < <(grep -rn --include='*_test.go' '^func Fuzz' cmd internal tests)
[ "$found" -gt 0 ] || { echo "fuzz: no target found" >&2; exit 1; }
