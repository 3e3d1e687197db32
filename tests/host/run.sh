#!/usr/bin/env bash
# Shows that the library leaves its host alone: .NET under a storm, C programs under signals, and what is compared
# before and after. Each measure of internal/host also has a build without it, which must do the harm.
#
#   tests/host/run.sh short | long | soak
#
# short: storms of 20 s (make test); long: of 60 s; soak: long, and then minutes in which the memory must not grow.
# ASHERAH_LIB=PATH tests that library beside the guest of tests/host/guest, through its C functions and through the
# packages for .NET. STORM_SECONDS changes the length of a storm, SOAK_SECONDS (default 300) that of the soak.
set -uo pipefail

mode=${1:-short}
case $mode in
short) seconds=${STORM_SECONDS:-20} ;;
long | soak) seconds=${STORM_SECONDS:-60} ;;
*)
	echo "usage: $0 short|long|soak" >&2
	exit 2
	;;
esac

root=$(cd "$(dirname "$0")/../.." && pwd)
out=$root/build/host
here=$root/tests/host
cd "$root" || exit 2
mkdir -p "$out/c"
log=$out/check.log
passed=0
failed=0
export GOFLAGS=${GOFLAGS:--mod=vendor} GOTOOLCHAIN=local DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
# Crashes are part of the tests; their dumps are not wanted.
ulimit -c 0
export DOTNET_DbgEnableMiniDump=0

ok() {
	echo "ok $1"
	passed=$((passed + 1))
}

fail() {
	echo "FAIL $1: $2"
	failed=$((failed + 1))
}

# The lines of the last command that say most, on one line.
why() { grep -v '^ *at \|^$\|^-*$' "$log" | head -3 | cut -c1-200 | tr '\n' '|'; }

# run SECONDS COMMAND...: in a process group of its own with a time limit; output to $log; the status is the command's.
run() {
	local limit=$1
	shift
	timeout --kill-after=5 "$limit" "$@" >"$log" 2>&1
}

# holds NAME SECONDS COMMAND...: passes when the command succeeds.
holds() {
	local name=$1 limit=$2 status
	shift 2
	run "$limit" "$@" 2>/dev/null
	status=$?
	if [ $status -eq 0 ]; then ok "$name"; else fail "$name" "status $status: $(why)"; fi
}

# breaks NAME SECONDS COMMAND...: passes when the command fails, by its own verdict, a signal or a hang. Tried up to
# three times where the harm is a matter of chance. Status 2 means wrong usage and shows nothing.
breaks() {
	local name=$1 limit=$2 status
	shift 2
	for _ in 1 2 3; do
		run "$limit" "$@" 2>/dev/null
		status=$?
		if [ $status -eq 2 ] || [ $status -ge 126 ] && [ $status -le 127 ]; then
			fail "$name" "status $status: $(why)"
			return
		fi
		if grep -q 'DllNotFoundException\|EntryPointNotFoundException\|cannot open shared object\|undefined symbol' "$log"; then
			fail "$name" "the library does not load: $(why)"
			return
		fi
		if [ $status -ne 0 ]; then
			ok "$name"
			return
		fi
	done
	fail "$name" "nothing broke: $(why)"
}

# survives NAME COMMAND...: a storm that must end well in good time; the library, if called, says that its state is ok.
survives() {
	local name=$1 status
	shift
	run $((seconds * 2 + 60)) "$@" 2>/dev/null
	status=$?
	if [ $status -ne 0 ]; then
		fail "$name" "status $status: $(why)"
	elif [[ " $* " != *" --never-call "* ]] && ! grep -q 'state ok' "$log"; then
		fail "$name" "$(why)"
	else
		ok "$name"
	fi
}

# stale OUTPUT INPUT...: is OUTPUT missing, or older than a file in INPUT?
stale() {
	local target=$1
	shift
	[ ! -e "$target" ] || [ -n "$(find "$@" -type f -newer "$target" -print -quit)" ]
}

# guest NAME TAGS [LDFLAGS]: builds tests/host/guest as build/host/libguest_NAME.so.
settings='-X runtime.godebugDefault=gcshrinkstackoff=1,asyncpreemptoff=1'
guest() {
	local name=$1 tags=$2 flags=${3-$settings}
	local file=$out/libguest_$name.so
	stale "$file" internal/host tests/host/guest go.mod || return 0
	go build -buildmode=c-shared -tags "$tags" -o "$file" -ldflags "$flags -extldflags '-Wl,-z,nodelete \
-Wl,-soname,libguest_$name.so -Wl,--version-script=$here/guest/guest.map'" ./tests/host/guest
}

storm() {
	local framework=$1
	shift
	local target=$out/storm-$framework
	stale "$target/storm.dll" tests/host/storm csharp/AppEncryption csharp/Crypto csharp/SecureMemory csharp/PlatformNative ||
		return 0
	dotnet publish tests/host/storm -c Release -f "$framework" -o "$target" -v quiet "$@" >"$log" 2>&1 &&
		touch "$target/storm.dll"
}

build() {
	local variant program framework
	guest safe "" && guest copy "" && guest plain "" "" && guest unsafe host_unsafe || return 1
	for variant in no_mask no_disarm no_dispatch no_fork_flag no_first_call no_headroom no_rescue no_table; do
		guest $variant host_$variant || return 1
	done
	for program in burn children compare faults fork leave pipe state two; do
		gcc -std=c11 -O1 -Wall -Wextra -pedantic -Werror -Iinclude -Itests/host/guest "tests/host/c/$program.c" \
			-o "$out/c/$program" -ldl -lpthread || return 1
	done
	storm net10.0 --self-contained false || return 1
	for framework in net8.0 net9.0; do
		storm $framework -r linux-x64 --self-contained true || return 1
	done
}

# The library's three entries in .init_array, in the order in which they run. Needs symbols.
constructors() {
	local file=$1 base size
	read -r base size < <(readelf -SW "$file" | sed 's/^ *\[ *[0-9]*\]//' | awk '$1 == ".init_array" {print $3, $5}')
	declare -A name
	while read -r address _ symbol; do name[$((16#$address))]=$symbol; done < <(nm "$file" | grep -E ' [tT] ')
	# A relocation of kind RELATIVE carries the address that the entry will hold.
	readelf -rW "$file" | awk -v low=$((16#$base)) -v high=$((16#$base + 16#$size)) '
		function hex(text, n, i) { n = 0; for (i = 1; i <= length(text); i++)
			n = n * 16 + index("0123456789abcdef", tolower(substr(text, i, 1))) - 1; return n }
		$3 ~ /_RELATIVE/ { at = hex($1); if (at >= low && at < high) print $1, $NF }' | sort | while read -r _ address; do
		echo "${name[$((16#$address))]:-unknown}"
	done
}

check_order() {
	local order
	order=$(constructors "$1" | grep -E '^(host_before_go|_rt0_.*_lib|host_after_go)$' | tr '\n' ' ')
	case $order in
	"host_before_go _rt0_"*"_lib host_after_go ") ok "constructor order of $2" ;;
	*) fail "constructor order of $2" "$order" ;;
	esac
}

net8="$out/storm-net8.0/storm"
net9="$out/storm-net9.0/storm"
net10="$out/storm-net10.0/storm"
guest_file() { echo "$out/libguest_$1.so"; }
safe=$(guest_file safe)
copy=$(guest_file copy)

c_hosts() {
	local lib=$1 name=$2
	holds "$name: nothing of a host without handlers changes" 120 "$out/c/compare" "$lib" none
	holds "$name: nothing of a host with handlers changes" 120 "$out/c/compare" "$lib" handlers
	holds "$name: 200 of 200 children through signalfd" 120 "$out/c/children" "$lib"
	holds "$name: handlers of 100 KB, installed before loading" 60 "$out/c/burn" "$lib" before 5
	holds "$name: handlers of 100 KB, installed after loading" 60 "$out/c/burn" "$lib" after 5
	holds "$name: fork" 60 "$out/c/fork" "$lib"
	holds "$name: faults reach the host as it asked for them" 60 "$out/c/faults" "$lib"
	holds "$name: threads leave while Go collects" 60 env GOGC=1 "$out/c/leave" "$lib" 20
	holds "$name: default and ignored SIGPIPE" 60 "$out/c/pipe" "$lib"
}

# says NAME TEXT COMMAND...: the process dies, with the host's own words.
says() {
	local name=$1 text=$2 status
	shift 2
	run 60 "$@" 2>/dev/null
	status=$?
	if [ $status -eq 134 ] && grep -q "$text" "$log"; then ok "$name"; else fail "$name" "status $status: $(why)"; fi
}

scenarios() {
	local name=$1 scenario
	shift
	for scenario in null-reference divide-by-zero cancel posix-signals children; do
		holds "$name: $scenario" 60 "$net10" scenario $scenario "$@"
	done
	says "$name: stack overflow" "^Stack overflow" "$net10" scenario stack-overflow "$@"
	says "$name: access violation" "System.AccessViolationException" "$net10" scenario access-violation "$@"
}

# storms NAME ARGUMENTS...: a storm on every runtime with either collector.
storms() {
	local name=$1 version program
	shift
	for version in 10 9 8; do
		program=net$version
		survives "$name: storm, .NET $version, workstation GC" env DOTNET_gcServer=0 "${!program}" run \
			--seconds "$seconds" "$@"
		survives "$name: storm, .NET $version, server GC" env DOTNET_gcServer=1 "${!program}" run \
			--seconds "$seconds" "$@"
	done
}

never_call() {
	local name=$1
	shift
	survives "$name: loaded, never called, storm" "$net10" run --seconds "$seconds" --never-call "$@"
}

# two NAME LIB COPY API: the same library twice, as two files.
two() {
	holds "$1: two libraries in one process" 60 "$out/c/two" "$2" "$3"
	holds "$1: two libraries, handlers of 100 KB" 60 "$out/c/burn" "$2" before 5 "$3"
	survives "$1: two libraries, storm" "$net10" run --seconds "$seconds" --api "$4" --lib "$2" --lib "$3"
}

states() {
	holds "state: all measures" 20 "$out/c/state" "$safe" ok
	holds "state: GODEBUG that shrinks stacks" 20 env GODEBUG=gcshrinkstackoff=0 "$out/c/state" "$safe" \
		"GODEBUG of the process sets gcshrinkstackoff"
	holds "state: GODEBUG that preempts" 20 env GODEBUG=asyncpreemptoff=0 "$out/c/state" "$safe" \
		"GODEBUG of the process sets asyncpreemptoff"
	holds "state: plain go build, shrinking" 20 "$out/c/state" "$(guest_file plain)" "-X runtime.godebugDefault=gcshrink"
	holds "state: plain go build, preemption" 20 "$out/c/state" "$(guest_file plain)" "-X runtime.godebugDefault=async"
	holds "state: signal table not found" 20 "$out/c/state" "$(guest_file no_table)" "signal table was not found"
	holds "without the signal table the actions are put back" 60 "$out/c/compare" "$(guest_file no_table)" handlers 10 \
		no-threads
	holds "without the signal table the storm is survived" 60 "$net10" run --seconds 10 \
		--lib "$(guest_file no_table)"
}

# Without a measure the harm must be seen. Each build loads and is one without: else anything would look like harm.
guards() {
	local program variant
	for variant in unsafe no_mask no_disarm no_dispatch no_fork_flag no_first_call no_headroom no_rescue; do
		holds "state: test build $variant" 20 "$out/c/state" "$(guest_file $variant)" "measures for the host are compiled out"
	done
	for program in net8 net9 net10; do
		breaks "without measures, .NET ${program#net}: the storm kills" 60 "${!program}" run --seconds 20 \
			--lib "$(guest_file unsafe)"
	done
	breaks "without measures: loading alone kills" 60 "$net10" run --seconds 20 --never-call --lib "$(guest_file unsafe)"
	breaks "without disarming: the storm kills" 60 "$net10" run --seconds 20 --lib "$(guest_file no_disarm)"
	breaks "without disarming: children are missed" 60 "$out/c/children" "$(guest_file no_disarm)"
	breaks "without disarming: actions change" 60 "$out/c/compare" "$(guest_file no_disarm)" handlers 10 no-threads
	breaks "without dispatchers: the storm kills" 60 "$net10" run --seconds 20 --lib "$(guest_file no_dispatch)"
	breaks "without dispatchers: the host's fault handlers run otherwise" 60 "$out/c/faults" "$(guest_file no_dispatch)"
	breaks "without the mask at load: handlers run on Go's threads" 30 "$out/c/burn" "$(guest_file no_mask)" after 5
	breaks "without head-room: handlers overflow goroutine stacks" 30 "$out/c/burn" "$(guest_file no_headroom)" after 5
	breaks "without masking the first call: a mask changes" 60 "$out/c/compare" "$(guest_file no_first_call)" none 10 \
		no-threads
	breaks "without looking after threads that leave: calls hang" 90 "$out/c/leave" "$(guest_file no_rescue)" 60
	breaks "without the fork flag: the child calls" 60 "$out/c/fork" "$(guest_file no_fork_flag)"
}

if ! build; then
	fail build "$(why)"
	echo "$passed passed, $failed failed"
	exit 1
fi

check_order "$safe" "the guest"
states
guards
c_hosts "$safe" guest
scenarios guest --lib "$safe"
holds "guest: a collection stops a callback" 60 "$net10" scenario callback-suspension --lib "$safe"
if [ -z "${ASHERAH_LIB:-}" ]; then
	storms guest --lib "$safe"
	never_call guest --lib "$safe"
	two guest "$safe" "$copy" guest
else
	# The real library has the storms; the guest has what only it can do, collections during calls.
	survives "guest: storm, .NET 10, workstation GC" "$net10" run --seconds "$seconds" --lib "$safe"
fi
if [ -n "${ASHERAH_LIB:-}" ]; then
	lib=$(readlink -f "$ASHERAH_LIB")
	if [ -e "$lib" ]; then
		cp "$lib" "$out/libasherah_copy.so"
		symbols=$(dirname "$lib")/debug/$(basename "$lib")
		check_order "$([ -e "$symbols" ] && echo "$symbols" || echo "$lib")" libasherah
		holds "state: libasherah" 20 "$out/c/state" "$lib" '"state":"ok"'
		c_hosts "$lib" libasherah
		scenarios libasherah --api asherah --lib "$lib"
		survives "libasherah: storm on the C functions" "$net10" run --seconds "$seconds" --api asherah --lib "$lib"
		storms packages --api packages --lib "$lib"
		never_call libasherah --api asherah --lib "$lib"
		two libasherah "$lib" "$out/libasherah_copy.so" asherah
		hessra=$(readlink -f "${HESSRA_LIB:-$(dirname "$lib")/libhessra.so}")
		export HESSRA_CASES=$root/tests/hessra/vectors/cases.json
		survives "libasherah and libhessra: storm" "$net10" run --seconds "$seconds" --api asherah --lib "$lib" --lib "$hessra"
	else
		fail libasherah "there is no $ASHERAH_LIB"
	fi
fi
if [ "$mode" = soak ]; then
	seconds=${SOAK_SECONDS:-300}
	if [ -n "${ASHERAH_LIB:-}" ]; then
		survives "packages: soak" "$net10" run --seconds "$seconds" --flat --api packages \
			--lib "$(readlink -f "$ASHERAH_LIB")"
	else
		survives "guest: soak" "$net10" run --seconds "$seconds" --flat --lib "$safe"
	fi
fi
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
