#!/usr/bin/env bash
# Shows a C program and a C# program sharing one SQLite key store through the same library.
#   demo.sh LIBRARY INCLUDE_DIR DEMO_DLL STATE_DIR
# LIBRARY is libasherah.so, DEMO_DLL the built examples/csharp, STATE_DIR keeps keys and records for the next run.
set -euo pipefail

[ $# = 4 ] || { echo "usage: demo.sh LIBRARY INCLUDE_DIR DEMO_DLL STATE_DIR" >&2; exit 2; }
library=$(realpath "$1") include=$2 dll=$3 state=$4
here=$(cd "$(dirname "$0")" && pwd)
# A key for this demonstration only: whoever has it can read every record below.
key='demo-master-key-not-for-real-use'
limit=10000 # milliseconds

mkdir -p "$state"
database=$state/keys.db
c_records=$state/c.records
csharp_records=$state/csharp.records

now() { date +%s%N; }
say() { printf '\n%s\n' "$*"; }
c_demo() { LD_LIBRARY_PATH=$(dirname "$library") "$state/demo" "$@" --database "$database" --key "$key"; }
csharp_demo() { ASHERAH_NATIVE_LIBRARY=$library dotnet exec "$dll" --database "$database" --key "$key" "$@"; }

gcc -std=c11 -O2 -Wall -Wextra -pedantic -Werror -I"$include" -o "$state/demo" "$here/c/demo.c" "$library"

begin=$(now)
if [ -s "$c_records" ] && [ -s "$csharp_records" ]; then
	say "Records of an earlier run are here. The keys were kept in $database, so both programs still read them."
	say "C# reads what C wrote last time:"
	csharp_demo --read "$c_records"
	say "C reads what C# wrote last time:"
	c_demo read "$csharp_records"
	say "Now new records, in the same key store."
else
	say "First run: the key store $database is new. Run it again and it reads today's records."
fi

say "C encrypts records for three partitions, each with an intermediate key of its own:"
c_demo write "$c_records"
say "C# decrypts them with the same keys, and encrypts others:"
csharp_demo --read "$c_records" --write "$csharp_records"
say "C decrypts what C# wrote:"
c_demo read "$csharp_records"

say "One record as it is stored, and the keys that lead to it:"
python3 "$here/keychain.py" "$database" "$c_records"
end=$(now)
took=$(((end - begin) / 1000000))
say "All of it took $took ms."
if [ "$took" -gt "$limit" ]; then
	echo "demo.sh: that is more than the $limit ms it may take" >&2
	exit 1
fi
