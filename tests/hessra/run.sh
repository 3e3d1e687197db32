#!/usr/bin/env bash
# Tests of libhessra through C: run.sh short|long. Long is the storms of threads and forks alone, for longer.
#   HESSRA_LIB    the library, by default build/libhessra.so
#   HESSRA_DEBUG  the same library with symbols, for valgrind, by default HESSRA_LIB
# Prints "ok NAME" or "FAIL NAME: why" for each test and ends with their numbers. go must be on PATH.
set -uo pipefail

length=${1:-short}
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
library=$(realpath "${HESSRA_LIB:-$root/build/libhessra.so}") || exit 2
debug=$(realpath "${HESSRA_DEBUG:-$library}") || exit 2
[ -e "$library" ] || { echo "hessra: no $library: run make build" >&2; exit 2; }
out=$root/build/hessra-tests
log=$out/log
flags=(-std=gnu11 -O1 -g -Wall -Wextra -Wpedantic -Werror -I"$root/include")
rounds=200 forks=20
[ "$length" = short ] || rounds=8000 forks=3000
rm -rf "$out"
mkdir -p "$out/lib" "$out/asan" "$out/debug" "$out/sample"
: >"$log"
for pair in "$library:lib" "$debug:debug"; do
	ln -sf "${pair%:*}" "$out/${pair##*:}/libhessra.so.1"
done
export PYTHONDONTWRITEBYTECODE=1

say() { printf '%s\n' "$*" | tee -a "$log"; }

# Runs a command whose lines are results, and counts it as a failure if it ends badly without having printed one.
run() { # name seconds command...
	local name=$1 seconds=$2 before after status
	shift 2
	before=$(grep -c '^FAIL ' "$log")
	timeout --kill-after=5 "$seconds" "$@" 2>&1 | tee -a "$log"
	status=${PIPESTATUS[0]}
	after=$(grep -c '^FAIL ' "$log")
	[ "$status" = 0 ] || [ "$before" != "$after" ] || say "FAIL $name: status $status"
}

expect() { # name pattern command...: the output must have the pattern
	local name=$1 pattern=$2
	shift 2
	"$@" >"$out/output" 2>&1
	if grep -Eq -- "$pattern" "$out/output"; then say "ok $name"; else say "FAIL $name: $(tail -n 3 "$out/output" | tr '\n' ' ')"; fi
}

# One genuine token with its key and request.
python3 - "$here/vectors/cases.json" "$out/sample" <<'END' || exit 2
import json, pathlib, sys
case = next(c for c in json.load(open(sys.argv[1]))["cases"] if c["name"] == "p256_root_ok")
texts = {"key": case["public_key"], "token": case["token"], **case["args"]}
for name, text in texts.items():
    pathlib.Path(sys.argv[2], name).write_text(text)
END

finish() { # with how many must have passed
	local passed failed
	passed=$(grep -c '^ok ' "$log")
	failed=$(grep -c '^FAIL ' "$log")
	say "$passed passed, $failed failed"
	[ "$failed" = 0 ] && [ "$passed" -ge "$1" ]
	exit
}

for program in abuse threads forked; do
	gcc "${flags[@]}" -o "$out/$program" "$here/$program.c" "$library" -pthread || say "FAIL $program: does not compile"
done
run threads 300 env LD_LIBRARY_PATH="$out/lib" "$out/threads" "$out/sample" "$rounds"
run forked 300 env LD_LIBRARY_PATH="$out/lib" "$out/forked" "$out/sample" "$forks"
[ "$length" = short ] || finish 2

# The header by itself, and what the library exports against it.
expect "header: C11" '^$' bash -c 'gcc "${@:2}" -fsyntax-only -x c "$1" && echo' - "$root/include/hessra.h" "${flags[@]}"
expect "header: C++17" '^$' bash -c 'g++ -std=c++17 -Wall -Wextra -Werror -fsyntax-only -x c++ "$1" && echo' - "$root/include/hessra.h"
exported=$(nm -D --defined-only --format=posix "$library" | cut -d' ' -f1 | sort)
declared=$(tr '\n' ' ' <"$root/include/hessra.h" | grep -oE 'HESSRA_EXPORT [^;(]*hessra_[a-z_]+\(' | grep -oE 'hessra_[a-z_]+\(' | tr -d '(' | sort)
if [ "$exported" = "$declared" ]; then say "ok symbols: $(wc -l <<<"$declared") functions"; else
	say "FAIL symbols: $(diff <(echo "$declared") <(echo "$exported") | grep '^[<>]' | tr '\n' ' ')"
fi

run cases 300 python3 "$here/cases.py" "$library"
run abuse 60 env LD_LIBRARY_PATH="$out/lib" "$out/abuse" "$out/sample"

# Tokens that are made to cost as much as they can, and those of the cases, each in a process of its own.
HESSRA_HOSTILE=$out/hostile go test -C "$root" -count=1 -run '^TestHostileTokens$' ./internal/biscuit >"$out/output" 2>&1 ||
	say "FAIL bounds: hostile tokens are not made: $(tail -n 3 "$out/output" | tr '\n' ' ')"
python3 - "$here/vectors/cases.json" "$out/hostile" <<'END' || say "FAIL bounds: no cases"
import json, pathlib, sys
kinds = {"verify": 1, "verify_capability": 4, "row_security": 4, "verify_identity": 5}
for case in json.load(open(sys.argv[1]))["cases"]:
    if "token" in case and "public_key" in case and case["expect"] != "INVALID_KEY":
        folder = pathlib.Path(sys.argv[2], "case_" + case["name"])
        folder.mkdir(parents=True)
        for name, text in {"token": case["token"], "key": case["public_key"], "kind": str(kinds.get(case["kind"], 2))}.items():
            (folder / name).write_text(text)
END
bounds() { # of the program $1, for each folder $2
	local folder kind
	for folder in "$out"/hostile/$2; do
		kind=2
		[ ! -e "$folder/kind" ] || kind=$(<"$folder/kind")
		env LD_LIBRARY_PATH="$out/lib" timeout 60 "$1" "$folder" "$kind" || echo "FAIL bounds: $folder"
	done
}
for most in 64 12; do
	gcc "${flags[@]}" -DMAX_MIB=$most -o "$out/bounds$most" "$here/bounds.c" "$library" || say "FAIL bounds: does not compile"
done
bounds "$out/bounds64" '*' >"$out/bounds"
grep '^FAIL' "$out/bounds" | tee -a "$log"
measured=$(grep -c ' ms$' "$out/bounds")
most() { sed -nE "s/.*[ ,]([0-9.]+) $1.*/\1/p" "$out/bounds" | sort -n | tail -n 1; }
if [ "$measured" -ge 250 ]; then say "ok bounds: $measured tokens take at most $(most MiB) MiB and $(most ms) ms"; else
	say "FAIL bounds: $measured tokens are too few"
fi
expect "bounds: what takes more is seen" '^FAIL .*MAX_MIB' bounds "$out/bounds12" concatenation

# The example, linked dynamically and statically.
example() {
	local how=$1
	shift
	gcc "${flags[@]}" -o "$out/verify_$how" "$root/examples/c/verify_token.c" "$@" || say "FAIL example: does not link $how"
	expect "example, $how: read" '^allowed$' env LD_LIBRARY_PATH="$out/lib" "$out/verify_$how" "$out/sample/key" \
		"$(cat "$out/sample/subject")" "$(cat "$out/sample/resource")" read <"$out/sample/token"
	expect "example, $how: another subject" 'refused: check: ' env LD_LIBRARY_PATH="$out/lib" "$out/verify_$how" \
		"$out/sample/key" somebody "$(cat "$out/sample/resource")" read <"$out/sample/token"
}
example dynamic "$library"
go build -buildmode=c-archive -o "$out/libhessra.a" "$root/cmd/hessra-ffi" && example static "$out/libhessra.a" -pthread

# What docs/hessra.md shows.
block() { sed -n "/^\`\`\`$1\$/,/^\`\`\`\$/p" "$root/docs/hessra.md" | sed '1d;/^```$/,$d'; }
{
	block c
	printf '#include <stdio.h>\nint main(int n, char **a) { (void)n; printf("%%d\\n", may_read(a[1], a[2], a[3], a[4])); }\n'
} >"$out/docs.c"
gcc "${flags[@]}" -o "$out/docs" "$out/docs.c" "$library" || say "FAIL docs: the C example does not compile"
docs() { env LD_LIBRARY_PATH="$out/lib" "$out/docs" "$(cat "$out/sample/key")" "$1" "$2" "$(cat "$out/sample/resource")"; }
expect "docs: allowed" '^1$' docs "$(cat "$out/sample/token")" "$(cat "$out/sample/subject")"
expect "docs: refused" '^0$' docs "$(cat "$out/sample/token")" somebody
expect "docs: no token" '^0$' docs x somebody
block json >"$out/hessra.json"
go build -o "$out/hessra" "$root/cmd/hessra" || say "FAIL docs: the command does not build"
expect "docs: hessra check" '^valid: 1 keys, 1 service nodes$' "$out/hessra" check "$out/hessra.json"
cp "$out/sample/key" "$out/service.pem"
mkdir -p "$out/bin" && ln -sf "$out/hessra" "$out/bin/hessra" && cp "$out/sample/token" "$out/token"
expect "docs: the command" 'the token allows the request' bash -c 'cd "$1" && PATH=$PWD/bin:$PATH && eval "$2"' - "$out" "$(block sh)"

# No network: nothing of Go's is linked, and no system call for sockets is made.
linked=$(go list -deps "$root/cmd/hessra-ffi" | grep -E '^(net|net/.*|crypto/tls)$' | tr '\n' ' ')
if [ -z "$linked" ]; then say "ok no network: packages"; else say "FAIL no network: packages $linked"; fi
expect "no network: system calls" '^ok abuse$' env LD_LIBRARY_PATH="$out/lib" strace -f -qq -e trace=%network -o "$out/calls" \
	"$out/abuse" "$out/sample"
if [ ! -s "$out/calls" ]; then say "ok no network: none"; else say "FAIL no network: $(head -n 3 "$out/calls" | tr '\n' ' ')"; fi
strace -f -qq -e trace=%network -o "$out/calls" python3 -c 'import socket; socket.socket()'
if [ -s "$out/calls" ]; then say "ok no network: a socket would be seen"; else say "FAIL no network: a socket is not seen"; fi

# The C side under AddressSanitizer, with one planted fault.
if CC=gcc go build -asan -buildmode=c-shared -ldflags "-extldflags -Wl,-soname,libhessra.so.1" \
	-o "$out/asan/libhessra.so.1" "$root/cmd/hessra-ffi"; then
	for program in abuse threads forked planted; do
		source=$program plant=()
		[ "$program" != planted ] || source=abuse plant=(-DPLANT_USE_AFTER_FREE)
		gcc "${flags[@]}" -fsanitize=address "${plant[@]}" -o "$out/asan/$program" "$here/$source.c" "$out/asan/libhessra.so.1" -pthread
	done
	export ASAN_OPTIONS=detect_leaks=1
	for program in abuse "threads 20" "forked 5"; do
		read -r program argument <<<"$program"
		run "asan: $program" 200 env LD_LIBRARY_PATH="$out/asan" "$out/asan/$program" "$out/sample" $argument
	done
	expect "asan: a planted fault is found" heap-use-after-free env LD_LIBRARY_PATH="$out/asan" "$out/asan/planted" "$out/sample"
else
	say "FAIL asan: does not build"
fi

# And under valgrind.
gcc "${flags[@]}" -DPLANT_USE_AFTER_FREE -o "$out/planted" "$here/abuse.c" "$library" -pthread
memcheck() { # name program arguments...
	local name=$1 status
	shift
	timeout 300 env LD_LIBRARY_PATH="$out/debug" valgrind --quiet --leak-check=full --show-leak-kinds=definite,indirect \
		--errors-for-leak-kinds=definite,indirect --error-limit=no --suppressions="$root/tests/capi/valgrind.supp" \
		--log-file="$out/$name.valgrind" "$@" >"$out/output" 2>&1
	status=$?
	[ "$status" = 0 ] || return "$status"
	python3 "$root/tests/capi/findings.py" "$out/$name.valgrind" >"$out/$name.found" || return 99
}
for program in abuse "threads 5"; do
	read -r program argument <<<"$program"
	if memcheck "$program" "$out/$program" "$out/sample" $argument; then say "ok valgrind: $program"; else
		say "FAIL valgrind: $program, status $?, see $out/$program.found: $(tail -n 2 "$out/output" | tr '\n' ' ')"
	fi
done
memcheck planted "$out/planted" "$out/sample"
if [ $? = 99 ] && grep -q "Invalid read" "$out/planted.found"; then say "ok valgrind: a planted fault is found"; else
	say "FAIL valgrind: a planted fault is not found"
fi

finish 29
