#!/usr/bin/env bash
# Tests of the C boundary: run.sh short|long [NAME...]
#   ASHERAH_LIB    the library, by default build/libasherah.so
#   ASHERAH_DEBUG  the same library with symbols, for valgrind, by default ASHERAH_LIB
#   ASHERAH_OUT    where programs and logs go, by default build/capi
# Prints "ok NAME" or "FAIL NAME: why" for each test and ends with their numbers. With names only those parts run.
set -uo pipefail

length=${1:-short}
case $length in
short | long) ;;
*) echo "usage: run.sh short|long [NAME...]" >&2; exit 2 ;;
esac
shift || true
parts=("$@")
[ ${#parts[@]} -gt 0 ] ||
	parts=(header symbols released cobhan roundtrip errors environment async cancel deadlines hooks stats abuse crowd
		extremes lifetime tables callbacks answers nested hang policy events wipe locked cipher vectors core-dump limits
		load memory memcheck)

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
library=$(realpath "${ASHERAH_LIB:-$root/build/libasherah.so}") || exit 2
debug_library=$(realpath "${ASHERAH_DEBUG:-$library}") || exit 2
[ -e "$library" ] || { echo "capi: no $library: run make build" >&2; exit 2; }
out=${ASHERAH_OUT:-$root/build/capi}
log=$out/log
flags=(-std=c11 -O1 -g -Wall -Wextra -pedantic -Werror -I"$root/include")

mkdir -p "$out"
: >"$log"
export LD_LIBRARY_PATH=$(dirname "$library") PYTHONDONTWRITEBYTECODE=1
# The soname has a version, and a linked program asks for that name.
soname=$(objdump -p "$library" | sed -n 's/^ *SONAME *//p')
if [ -n "$soname" ] && [ ! -e "$(dirname "$library")/$soname" ]; then
	mkdir -p "$out/lib"
	ln -sf "$library" "$out/lib/$soname"
	LD_LIBRARY_PATH=$out/lib:$LD_LIBRARY_PATH
fi

say() { printf '%s\n' "$*" | tee -a "$log"; }

# Compiles a program of this directory that is linked with the library, and with others where they are named. Functions
# are bound at the start: when one is bound at its first call, the dynamic linker saves the vector registers, with what
# was last copied, on the stack.
compile() {
	gcc "${flags[@]}" -Wl,-z,now -o "$out/$1" "$here/$1.c" "$library" -pthread "${@:2}" 2>&1 ||
		say "FAIL $1: does not compile"
}

# Runs a command whose lines are results, and counts it as a failure if it ends badly without having printed one.
run() { # name seconds command...
	local name=$1 seconds=$2 before after status
	shift 2
	before=$(grep -c '^FAIL ' "$log")
	timeout --kill-after=5 "$seconds" "$@" 2>&1 | tee -a "$log"
	status=${PIPESTATUS[0]}
	after=$(grep -c '^FAIL ' "$log")
	if [ "$status" = 124 ] || [ "$status" = 137 ]; then
		say "FAIL $name: not finished after $seconds s"
	elif [ "$status" -ge 128 ]; then
		say "FAIL $name: killed by signal $((status - 128))"
	elif [ "$status" != 0 ] && [ "$before" = "$after" ]; then
		say "FAIL $name: status $status"
	fi
}

expect() { # name, then a command that must succeed
	local name=$1
	shift
	if "$@" >"$out/output" 2>&1; then say "ok $name"; else say "FAIL $name: $(tail -n 3 "$out/output" | tr '\n' ' ')"; fi
}

header() {
	local names
	for names in "" " with Cobhan"; do
		expect "header: C11$names" gcc "${flags[@]}" ${names:+-DASHERAH_COBHAN} -fsyntax-only "$here/header.c"
		expect "header: C++17$names" g++ -x c++ -std=c++17 "${flags[@]:1}" ${names:+-DASHERAH_COBHAN} -fsyntax-only \
			"$here/header.c"
	done
}

symbols() { run symbols 60 python3 "$here/symbols.py" "$library" "$root"; }

released() {
	local list=("$root/include/asherah.h" "$here/released-abi.txt")
	run released 60 python3 "$here/released.py" "${list[@]}"
	run released 180 python3 "$here/released.py" --try "${list[@]}"
	run page 30 python3 "$here/abi_page.py" "$root"
}

cobhan() {
	local records=400 seed=0
	[ "$length" = short ] || records=4000 seed=$RANDOM
	compile cobhan && run cobhan 120 "$out/cobhan"
	compile cobhan_crowd && run cobhan_crowd 120 "$out/cobhan_crowd"
	say "# cobhan_estimate $seed $records"
	compile cobhan_estimate && run cobhan_estimate 600 "$out/cobhan_estimate" "$seed" "$records"
}

stats() { run stats 60 python3 "$here/stats.py" "$library"; }

roundtrip() { compile roundtrip && run roundtrip 120 "$out/roundtrip"; }
errors() { compile errors && run errors 60 env -i LD_LIBRARY_PATH="$LD_LIBRARY_PATH" "$out/errors"; }
environment() { compile environment && run environment 60 "$out/environment"; }
async() { compile async && run async 120 "$out/async"; }
cancel() { compile cancel -lcrypto && run cancel 180 "$out/cancel"; }
deadlines() { compile deadlines -lcrypto && run deadlines 120 "$out/deadlines"; }
hooks() { compile hooks && run hooks 120 "$out/hooks"; }
abuse() { compile abuse && run abuse 180 "$out/abuse"; }
crowd() { compile crowd && run crowd 180 "$out/crowd"; }
extremes() { compile extremes && run extremes 120 "$out/extremes"; }
lifetime() { compile lifetime && run lifetime 180 "$out/lifetime"; }
tables() { compile tables -lcrypto && run tables 60 "$out/tables"; }
callbacks() { compile callbacks -lcrypto && run callbacks 120 "$out/callbacks"; }
nested() { compile nested -lcrypto && run nested 120 "$out/nested"; }
answers() { compile answers -lcrypto && run answers 120 "$out/answers"; }
wipe() { compile wipe -lcrypto && run wipe 60 "$out/wipe"; }
policy() { compile policy -lcrypto && run policy 120 "$out/policy"; }
events() { compile events -lcrypto && run events 60 "$out/events"; }
hang() { compile hang -lcrypto && run hang 300 "$out/hang"; }
cipher() { compile cipher -lcrypto && run cipher 120 "$out/cipher"; }

# Also where hardly anything may be locked.
locked() {
	compile locked && run locked 120 "$out/locked"
	run locked 120 prlimit --memlock=65536 setpriv --bounding-set=-ipc_lock --inh-caps=-ipc_lock "$out/locked"
}

helper() { gcc "${flags[@]}" -O2 -o "$out/$1" "$here/$1.c" "${@:2}" || say "FAIL $1: does not compile"; }

vectors() {
	helper unseal -lcrypto
	run vectors 180 python3 "$here/vectors.py" "$library" "$root/tests/vectors" "$out" "$out/vectors"
}

core-dump() {
	helper unseal -lcrypto
	helper scan
	compile secrets && run core-dump 180 python3 "$here/coredump.py" "$out" "$out/core-dump"
}

# Root may lock what it likes unless it gives up CAP_IPC_LOCK.
limits() {
	compile limits
	local policy name
	for policy in prefer require off; do
		for name in none:0 some:65536 enough:8388608; do
			run limits 60 prlimit --memlock="${name#*:}" setpriv --bounding-set=-ipc_lock --inh-caps=-ipc_lock \
				"$out/limits" "$policy" "${name%:*}"
		done
	done
}

load() { helper load -ldl && run load 60 "$out/load" "$library"; }

memory() {
	local part=10
	[ "$length" = short ] || part=1
	compile memory && run memory $((1200 / part + 60)) "$out/memory" "$part"
}

# Runs a command under valgrind. Its findings go to a file, and those that count to another, *.found. The status is that
# of the command, or 99 if there are such findings; *.out is what it printed. The array "more" holds more options.
under_valgrind() { # file command...
	local findings=$1 status
	shift
	timeout 200 env LD_LIBRARY_PATH="$out/debug" valgrind --quiet --leak-check=full --show-leak-kinds=definite,indirect \
		--errors-for-leak-kinds=definite,indirect --error-limit=no --suppressions="$here/valgrind.supp" \
		"${more[@]}" --log-file="$findings" "$@" >"$findings.out" 2>&1
	status=$?
	[ "$status" = 0 ] || return "$status"
	python3 "$here/findings.py" "$findings" >"$findings.found" || return 99
}

# Values made on a goroutine's stack may pass for undefined, and with them every plaintext that is computed: where many
# goroutines run only addresses are judged.
memcheck_tests() { # program
	local findings=$out/valgrind/$1 status more=()
	[ "$1" = errors ] || more=(--undef-value-errors=no)
	under_valgrind "$findings" "$out/$1" few
	status=$?
	if [ "$status" = 0 ]; then say "ok valgrind: tests of $1"; else
		say "FAIL valgrind: tests of $1: status $status, see $findings.found; $(grep -m 1 ^FAIL "$findings.out")"
	fi
}

# The C example, writing and reading. The same with a leak must be noticed.
memcheck() {
	local directory=$out/valgrind arguments action status more=()
	rm -rf "$directory"
	mkdir -p "$directory" "$out/debug"
	ln -sf "$debug_library" "$out/debug/${soname:-$(basename "$debug_library")}"
	gcc "${flags[@]}" -o "$out/example" "$root/examples/c/demo.c" "$library"
	gcc "${flags[@]}" -DPLANT_LEAK -o "$out/leaky" "$root/examples/c/demo.c" "$library"
	arguments=("$directory/records" --database "$directory/keys.db" --key 0123456789abcdef0123456789abcdef)
	for action in write read; do
		under_valgrind "$directory/$action" "$out/example" "$action" "${arguments[@]}"
		status=$?
		if [ "$status" = 0 ]; then say "ok valgrind: the C example, $action"; else
			say "FAIL valgrind: the C example, $action: status $status, see $directory/$action.found"
		fi
	done
	# What the C example does not reach. valgrind uses one processor.
	for action in errors hooks async cobhan tables callbacks answers nested hang policy events environment cancel \
		deadlines locked cipher; do
		compile "$action" -lcrypto
		while [ "$(jobs -rp | wc -l)" -ge "$(nproc)" ]; do wait -n; done
		memcheck_tests "$action" &
	done
	wait
	under_valgrind "$directory/leaky" "$out/leaky" write "${arguments[@]}"
	status=$?
	if [ "$status" = 99 ] && grep -A 2 'definitely lost' "$directory/leaky.found" | grep -q asherah_encrypt_to_json; then
		say "ok valgrind: a planted leak is found"
	else
		say "FAIL valgrind: a planted leak is not found, status $status"
	fi
	compile overrun
	under_valgrind "$directory/overrun" "$out/overrun"
	status=$?
	if [ "$status" = 99 ] && grep -q 'Invalid write of size 1' "$directory/overrun.found"; then
		say "ok valgrind: a planted overrun is found"
	else
		say "FAIL valgrind: a planted overrun is not found, status $status"
	fi
}

started=$(date +%s)
for part in "${parts[@]}"; do
	"$part" || true
done
passed=$(grep -c '^ok ' "$log")
failed=$(grep -c '^FAIL ' "$log")
echo "# $(($(date +%s) - started)) s"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
