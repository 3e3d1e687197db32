#!/usr/bin/env bash
# Storms on the cluster of server.sh, to be sourced after it.

storm_setup() {
	"$bin/psql" -XqAt -v ON_ERROR_STOP=1 -f "$root/postgres/hessra_authz/data/tokens.psql" -f "$here/storm_setup.sql" \
		>/dev/null &&
		gcc -std=gnu11 -O1 -g -Wall -Wextra -Werror -o "$work/storm" "$here/storm.c" $(pkg-config --cflags --libs libpq) -pthread &&
		! "$bin/psql" -XqAtc "SELECT storm.expect(2, 100)" 2>/dev/null
}

# KiB that each backend of the storm has for itself, on average.
storm_memory() {
	"$bin/psql" -XqAtc "SELECT pid FROM pg_stat_activity WHERE usename = 'storm'" | while read -r pid; do
		sed -n 's/^Private_Dirty: *\([0-9]*\) kB/\1/p' "/proc/$pid/smaps_rollup" 2>/dev/null
	done | awk '{ sum += $1 } END { print int(sum / (NR ? NR : 1)), NR }'
}

# 200 connections with good, expired and forged tokens, and a reload five times a second.
storm_pgbench() { # seconds
	local seconds=$1 pid status=0 memory=0 backends=0 most=0 rounds=0
	"$bin/pgbench" -n -U storm -c 200 -j 2 -T "$seconds" -f "$here/storm.sql" postgres >"$work/log/pgbench" 2>&1 &
	pid=$!
	while kill -0 "$pid" 2>/dev/null; do
		"$bin/psql" -XqAtc "SELECT pg_reload_conf()" >/dev/null || status=1
		sleep 0.2
		rounds=$((rounds + 1))
		[ $((rounds % 5)) = 0 ] || continue
		read -r memory backends <<<"$(storm_memory)"
		[ "$backends" -lt 100 ] || [ "$memory" -lt "$most" ] || most=$memory
	done
	wait "$pid" || status=1
	grep -E 'actually processed|number of failed|tps|ERROR|FATAL|aborted' "$work/log/pgbench"
	echo "private memory of a backend: $most KiB at most, on average"
	# A generous bound: what bench.sh measures is less than half of it.
	if [ "$most" = 0 ] || [ "$most" -gt 20480 ]; then
		echo "FAIL storm: memory of a backend"
		status=1
	fi
	storm_calm && return "$status"
}

# Backends that are cancelled, terminated and timed out at random.
storm_chaos() { # seconds
	local status=0
	timeout $(($1 + 60)) "$work/storm" 40 "$1" || status=1
	storm_calm && return "$status"
}

# The server has lost no process.
storm_calm() {
	if grep -E 'was terminated by signal|all server processes terminated|PANIC|stack smashing|fatal error:' "$work/log/server"; then return 1; fi
	[ "$("$bin/psql" -XqAtc "SELECT 'alive'")" = alive ]
}
