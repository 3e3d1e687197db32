#!/usr/bin/env bash
# Tests of the PostgreSQL extensions: run.sh short|long [PART...], parts: regress cases docs scenarios tap storm
# The server is a copy of the installed one (server.sh), run by an unprivileged account. KEEP=1 leaves its folder.
# Ends with "postgres: N passed, M failed". go must be on PATH.
set -uo pipefail

length=${1:-short}
case $length in short | long) ;; *) echo "usage: $0 short|long [part...]" >&2; exit 2 ;; esac
shift
here=$(cd "$(dirname "$0")" && pwd)
. "$here/server.sh"
. "$here/tap.sh"
. "$here/docs.sh"
. "$here/storm.sh"
parts=${*:-regress cases docs scenarios tap storm}
passed=0
failed=0
# Signals and crashes are part of the tests; dumps are not wanted.
ulimit -c 0
if [ "$length" = long ]; then export FUZZ_ROUNDS=100 MEMORY_CALLS=400000; fi

part() { # name command...
	local name=$1 began=$SECONDS
	shift
	if "$@" >"$work/log/$name" 2>&1; then
		passed=$((passed + 1))
		echo "ok postgres: $name, $((SECONDS - began)) s"
	else
		failed=$((failed + 1))
		sed 's/^/  /' "$work/log/$name" | tail -n 60
		echo "FAIL postgres: $name"
	fi
}

# The same, with what it said.
shows() {
	part "$@"
	sed 's/^/  /' "$work/log/$1" | tail -n 5
}

installcheck() { # extension
	local status=0
	make -s -C "$root/postgres" installcheck EXTENSIONS="$1" PG_CONFIG="$PG_CONFIG" LIBDIR="$work/lib" \
		BUILD="$work/build" TAP_TESTS= || status=1
	[ "$status" = 0 ] || cat "$work/build/$1"/*.diffs "$work/build/$1"/*/*.diffs 2>/dev/null
	return $status
}

# libhessra as Go builds it by itself, whose harm 003_interrupts.pl sees.
unsafe() {
	HESSRA_UNSAFE=$work/lib/unsafe/libhessra.so
	mkdir -p "$work/lib/unsafe"
	(cd "$root" && go build -mod=vendor -buildmode=c-shared -tags host_unsafe \
		-o "$HESSRA_UNSAFE" ./cmd/hessra-ffi)
	export HESSRA_UNSAFE
}

server_make || exit 2
part build server_extensions
[ "$failed" = 0 ] || exit 1
hessra_config
server_start hessra.config_path="$work/hessra.json" || exit 1
for name in $parts; do
	case $name in
	regress) for extension in "$root"/postgres/*/*.control; do
		extension=$(basename "$extension" .control)
		part "regress-$extension" installcheck "$extension"
	done ;;
	cases)
		"$bin/psql" -Xqc "CREATE EXTENSION IF NOT EXISTS hessra_authz"
		part cases python3 "$here/hessra_cases.py" "$work/log/server"
		(cd "$root" && go build -mod=vendor -o "$work/tokens" ./tests/hessra/bench/tokens)
		part expiry python3 "$here/hessra_expiry.py" "$work/tokens"
		# A file is given away by root alone, who is then not who runs the server.
		[ -z "$account" ] || part owner python3 "$here/hessra_owner.py"
		;;
	docs) part docs docs ;;
	scenarios) part scenarios bash "$here/scenarios.sh" ;;
	tap)
		part unsafe unsafe
		part tap tap
		;;
	storm)
		seconds=10
		[ "$length" = short ] || seconds=60
		part storm-setup storm_setup
		shows storm-pgbench storm_pgbench "$seconds"
		shows storm-chaos storm_chaos "$seconds"
		;;
	esac
done
echo "postgres $version: $passed passed, $failed failed"
[ "$failed" = 0 ]
