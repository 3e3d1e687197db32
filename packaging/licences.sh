#!/usr/bin/env bash
# Prints the licences, notices and patent grants of the modules that are linked into programs and libraries:
#   licences.sh PACKAGE...    such as ./cmd/asherah-ffi; go must be on PATH
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || { echo "usage: licences.sh PACKAGE..." >&2; exit 2; }
linked=$(go list -mod=vendor -deps -f '{{with .Module}}{{if not .Main}}{{.Path}} {{$.ImportPath}}{{end}}{{end}}' "$@")

# The texts that a package is under: those of its folder and of each above it, up to that of its module.
texts() { # module package
	local folder=$2
	while :; do
		find "vendor/$folder" -maxdepth 1 -type f \
			\( -iname 'LICEN[CS]E*' -o -iname 'COPYING*' -o -iname 'NOTICE*' -o -iname 'PATENTS*' \) ! -name '*.go'
		[ "$folder" != "$1" ] || break
		folder=${folder%/*}
	done
}

# Parts of the AWS SDK are modules of their own, whose folder has a licence and whose notice is that of the SDK.
files=$(while read -r module package; do
	texts "$module" "$package"
	case $module in github.com/aws/aws-sdk-go-v2/*) texts github.com/aws/aws-sdk-go-v2 "$module" ;; esac
done <<<"$linked" | LC_ALL=C sort -u)

echo "== Go, its runtime and standard library: the text of golang.org/x/sys/LICENSE"
echo
cat vendor/golang.org/x/sys/LICENSE
echo
while read -r module; do
	grep -Eiq "^vendor/$module/(LICEN[CS]E|COPYING)" <<<"$files" ||
		{ echo "licences: vendor/$module has no licence" >&2; exit 1; }
done < <(cut -d' ' -f1 <<<"$linked" | sort -u)
while read -r file; do
	printf '== %s\n\n' "${file#vendor/}"
	cat "$file"
	echo
done <<<"$files"
