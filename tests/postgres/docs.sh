#!/usr/bin/env bash
# What docs/hessra-postgres.md shows, on the cluster of server.sh, to be sourced after it; and the threat model.

# The statements of the page give what it says, each in a line.
docs_run() { # folder
	{ sed '/ECHO/d' "$root/postgres/hessra_authz/data/tokens.psql" && cat "$1/page.sql"; } |
		PGOPTIONS=$(cat "$1/options") PGDATABASE=hessra_page "$bin/psql" -XqAt -v ON_ERROR_STOP=1
}

docs() {
	local folder=$work/page status=0
	python3 "$here/threats.py" || return 1
	mkdir -p "$folder" && python3 "$here/page.py" "$folder" || return 1
	chmod -R a+rX "$folder"
	"$bin/psql" -XqAtc "CREATE DATABASE hessra_page" || return 1
	docs_run "$folder" | sed 's/^E[A-Za-z0-9_=-]\{100,\}$/token/' >"$folder/output" || status=1
	printf '%s\n' token '1|of the page' t f 't|t' true | diff - "$folder/output" || status=1
	"$bin/psql" -XqAtc "DROP DATABASE hessra_page" -c "DROP ROLE app" || status=1
	return $status
}
