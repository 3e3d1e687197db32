#!/usr/bin/env bash
# Prints the licences of the modules that are linked into the libraries.
set -euo pipefail
cd "$(dirname "$0")/../vendor"
echo "== Go, its runtime and standard library: the text of golang.org/x/sys/LICENSE"
echo
find . -iname 'LICEN[CS]E*' | LC_ALL=C sort | while read -r file; do
	printf '== %s\n\n' "${file#./}"
	cat "$file"
	echo
done
