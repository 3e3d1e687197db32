#!/usr/bin/env bash
# To be sourced: a PostgreSQL server of the tests' own, with both extensions. Nothing of the machine's is changed.
# PostgreSQL finds its files from where its program lies, so that a copy of them is a server of its own.
#   PG_CONFIG    of the server to copy; by default the newest that Debian has installed
#   HESSRA_LIB, ASHERAH_LIB  the libraries, by default those in build/
# Sets: work (a folder that goes when the shell does), bin (the server's programs), version, account (who runs it).

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

server_make() {
	local config=${PG_CONFIG:-} folder
	[ -n "$config" ] || config=$(ls -d /usr/lib/postgresql/*/bin/pg_config 2>/dev/null | sort -V | tail -n 1)
	[ -x "$config" ] || { echo "postgres: no pg_config: install PostgreSQL and its headers, or set PG_CONFIG" >&2; return 2; }
	work=$(mktemp -d "${TMPDIR:-/tmp}/pg.XXXXXX")
	trap server_remove EXIT
	chmod 755 "$work"
	for folder in "$("$config" --bindir)" "$("$config" --sharedir)" "$("$config" --pkglibdir)"; do
		mkdir -p "$work/server$folder"
		cp -a "$folder/." "$work/server$folder"
	done
	folder=$("$config" --includedir-server)
	mkdir -p "$work/server$(dirname "$folder")"
	ln -s "$folder" "$work/server$folder"
	bin=$work/server$("$config" --bindir)
	export PG_CONFIG=$bin/pg_config PATH=$bin:$PATH
	# Debian's pg_config of 13 tells where it was meant to be.
	if [ "$("$PG_CONFIG" --bindir)" != "$bin" ]; then
		rm "$PG_CONFIG"
		printf '#!/bin/sh\n"%s" "$@" | sed "s#^/usr/[a-z]*/postgresql/[0-9]#%s&#"\n' "$config" "$work/server" >"$PG_CONFIG"
		chmod 755 "$PG_CONFIG"
	fi
	[ "$("$PG_CONFIG" --bindir)" = "$bin" ] || { echo "postgres: a copy of the server does not find its own files" >&2; return 2; }
	version=$("$PG_CONFIG" --version | sed 's/^PostgreSQL \([0-9]*\).*/\1/')
	account=
	if [ "$(id -u)" = 0 ]; then
		account=postgres
		id "$account" >/dev/null 2>&1 || account=nobody
	fi
	mkdir -p "$work/lib" "$work/run" "$work/log"
	cp "$(realpath "${HESSRA_LIB:-$root/build/libhessra.so}")" "$work/lib/libhessra.so.1" || return 2
	cp "$(realpath "${ASHERAH_LIB:-$root/build/libasherah.so}")" "$work/lib/libasherah.so.1" || return 2
	[ -z "$account" ] || chown "$account" "$work/run" "$work/log"
}

# Builds both extensions and installs them into the copy.
server_extensions() {
	make -s -C "$root/postgres" install PG_CONFIG="$PG_CONFIG" LIBDIR="$work/lib" BUILD="$work/build" \
		CUSTOM_COPT=-Werror "$@"
}

# The configuration with the key of the tokens in postgres/hessra_authz/data.
hessra_config() {
	local key
	key=$(sed -n "s/^.set service_key '\(.*\)'/\1/p" "$root/postgres/hessra_authz/data/tokens.psql")
	printf '{"public_key": "-----BEGIN PUBLIC KEY-----\\n%s\\n-----END PUBLIC KEY-----\\n"}\n' "$key" >"$work/hessra.json"
	chmod 644 "$work/hessra.json"
}

# Runs a command as the server's account.
as_owner() {
	if [ -z "$account" ]; then
		"$@"
	else
		setpriv --reuid="$account" --regid="$(id -g "$account")" --clear-groups env HOME="$work/run" "$@"
	fi
}

# Starts a cluster with these settings; PGHOST, PGPORT and PGUSER are set for its superuser.
server_start() { # [name=value...]
	local setting settings=()
	export PGHOST=$work/run PGPORT=5432 PGUSER=super PGDATABASE=postgres
	as_owner "$bin/initdb" -D "$work/run/data" -U super --auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync \
		>"$work/log/initdb" || return 1
	for setting in listen_addresses= unix_socket_directories="$work/run" fsync=off max_connections=250 \
		log_line_prefix='%m [%p] ' "$@"; do
		settings+=("$setting")
	done
	printf "%s\n" "${settings[@]}" | sed "s/^\([^=]*\)=\(.*\)/\1 = '\2'/" | as_owner tee -a "$work/run/data/postgresql.conf" >/dev/null
	as_owner "$bin/pg_ctl" -D "$work/run/data" -l "$work/log/server" -w -t 60 start >/dev/null ||
		{ tail -n 5 "$work/log/server" >&2; return 1; }
}

# Ends the cluster, and says what it had to say if a process of it crashed.
server_stop() {
	[ -e "$work/run/data/postmaster.pid" ] || return 0
	as_owner "$bin/pg_ctl" -D "$work/run/data" -m fast -w -t 60 stop >/dev/null
}

server_remove() {
	server_stop || true
	if [ -n "${KEEP:-}" ]; then echo "postgres: kept $work" >&2; else rm -rf "$work"; fi
}
