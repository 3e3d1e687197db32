#!/usr/bin/env bash
# What docs/hessra-postgres.md shows, on the cluster of server.sh, to be sourced after it; and the threat model.

# Somebody who may create a function of the policy's name, in the path, before the policy is made.
docs_shadow() {
	PGDATABASE=hessra_page "$bin/psql" -XqAt -v ON_ERROR_STOP=1 <<'END'
CREATE ROLE shadow;
GRANT CREATE ON SCHEMA public TO PUBLIC;
SET ROLE shadow;
CREATE FUNCTION public.hessra_row_security(text, text, text) RETURNS boolean LANGUAGE sql AS 'SELECT true';
END
}

# Without a token there is no row; the policy calls the extension's function.
docs_bound() {
	PGDATABASE=hessra_page "$bin/psql" -XqAt -v ON_ERROR_STOP=1 <<'END'
SELECT refobjid::regprocedure FROM pg_depend JOIN pg_policy p ON classid = 'pg_policy'::regclass AND objid = p.oid
  WHERE refclassid = 'pg_proc'::regclass AND polrelid = 'orders'::regclass;
SET ROLE app;
SELECT count(*) FROM orders;
END
}

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
	docs_shadow || status=1
	docs_run "$folder" | sed 's/^E[A-Za-z0-9_=-]\{100,\}$/token/' >"$folder/output" || status=1
	printf '%s\n' token '1|of the page' t f 't|t' true | diff - "$folder/output" || status=1
	PGOPTIONS=$(cat "$folder/options") docs_bound >"$folder/bound" || status=1
	printf '%s\n' 'hessra.hessra_row_security(text,text,text)' 0 | diff - "$folder/bound" || status=1
	"$bin/psql" -XqAtc "DROP DATABASE hessra_page" -c "DROP ROLE app, shadow" || status=1
	return $status
}
