#!/usr/bin/env bash
# Builds libraries and extensions on Debian's releases, each with its own compiler, C library and PostgreSQL, and runs
# run.sh there: matrix.sh [SUITE:VERSION...]
# The systems are made once, below build/matrix (about 1 GB each; MATRIX names another folder), by chroot.sh. Go is the
# one of this machine, which needs nothing of a system. Needs root and debootstrap.
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
matrix=${MATRIX:-$root/build/matrix}
[ $# -gt 0 ] || set -- bullseye:13 bookworm:15 trixie:17 forky:18
[ "$(id -u)" = 0 ] || { echo "matrix: needs root" >&2; exit 2; }
command -v debootstrap >/dev/null || { echo "matrix: install debootstrap" >&2; exit 2; }
go=$(dirname "$(bash "$root/scripts/setup.sh" go-path)")
# Debian's package has its sources and tests behind links into another folder.
share=$(realpath "$go/src/..")
# What does not depend on a C compiler is built once for all.
cache=$("$go/bin/go" env GOCACHE)
mkdir -p "$matrix" "$cache"
failed=0

for pair in "$@"; do
	suite=${pair%:*} version=${pair#*:}
	system=$matrix/$suite
	began=$SECONDS
	if ! "$here/chroot.sh" "$suite" "$version" "$system"; then
		echo "FAIL matrix: $suite, PostgreSQL $version"
		failed=$((failed + 1))
		continue
	fi
	rm -rf "$system/src"
	mkdir -p "$system/src"
	(cd "$root" && git ls-files -z --cached --others --exclude-standard | xargs -0 -r ls -d 2>/dev/null | tar -cT -) | tar -xC "$system/src"
	"$here/enter.sh" "$system" "$go:$go:ro" "$share:$share:ro" "$cache:/go-cache" \
		env PATH="$go/bin:/usr/sbin:/usr/bin:/sbin:/bin" GOCACHE=/go-cache GOFLAGS="-mod=vendor -trimpath -buildvcs=false -buildmode=pie" GOTOOLCHAIN=local \
		bash -c "cd /src && make -s build/libhessra.so.1 build/libasherah.so.1 build/asherah && PG_CONFIG=/usr/lib/postgresql/$version/bin/pg_config \
			tests/postgres/run.sh short ${MATRIX_PARTS:-}" >"$matrix/$suite.out" 2>&1
	status=$?
	if [ "$status" = 0 ]; then
		echo "ok matrix: $suite, PostgreSQL $version, $((SECONDS - began)) s"
		grep -E '^ok|: [0-9]+ passed' "$matrix/$suite.out" | sed 's/^/  /'
	else
		sed 's/^/  /' "$matrix/$suite.out" | tail -n 40
		echo "FAIL matrix: $suite, PostgreSQL $version: status $status"
		failed=$((failed + 1))
	fi
done
[ "$failed" = 0 ]
