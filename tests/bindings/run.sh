#!/usr/bin/env bash
# Bindings in the manner of those for godaddy/asherah-ffi and godaddy/asherah-cobhan, run on our library: run.sh
#   ASHERAH_LIB  the library, by default build/libasherah.so
#   ASHERAH_OUT  where the C# program goes, by default build/bindings
# Prints "ok NAME" or "FAIL NAME: why" for each test and ends with their numbers.
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
library=$(realpath "${ASHERAH_LIB:-$root/build/libasherah.so}") || exit 2
[ -e "$library" ] || { echo "bindings: no $library: run make build" >&2; exit 2; }
out=${ASHERAH_OUT:-$root/build/bindings}
log=$out/log
mkdir -p "$out"
: >"$log"
export PYTHONDONTWRITEBYTECODE=1 DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

say() { printf '%s\n' "$*" | tee -a "$log"; }

run() { # name seconds command...
	local name=$1 status before
	before=$(grep -c '^FAIL ' "$log")
	timeout --kill-after=5 "$2" "${@:3}" 2>&1 | tee -a "$log"
	status=${PIPESTATUS[0]}
	if [ "$status" = 124 ] || [ "$status" = 137 ]; then
		say "FAIL $name: not finished after $2 s"
	elif [ "$status" != 0 ] && [ "$before" = "$(grep -c '^FAIL ' "$log")" ]; then
		say "FAIL $name: status $status"
	fi
}

# Bindings look for a library of another name: the same file serves under that one too.
mkdir -p "$out/lib"
ln -sf "$library" "$out/lib/libasherah_ffi.so"
ln -sf "$library" "$out/lib/libasherah-x64.so"

started=$(date +%s)
run "python" 300 python3 "$here/python/ffi.py" "$out/lib/libasherah_ffi.so"
run "python, Cobhan" 300 python3 "$here/python/cobhan.py" "$out/lib/libasherah-x64.so"
if timeout 300 dotnet build -v quiet -nologo -c Release "$here/csharp/Bindings.csproj" -o "$out/csharp" >"$out/build" 2>&1
then
	run "C#" 300 dotnet exec "$out/csharp/Bindings.dll" "$out/lib/libasherah_ffi.so" "$root/tests/capi/released-abi.txt"
else
	say "FAIL C#: does not build: $(grep -m 1 'error' "$out/build")"
fi
passed=$(grep -c '^ok ' "$log")
failed=$(grep -c '^FAIL ' "$log")
echo "# $(($(date +%s) - started)) s"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 25 ]
