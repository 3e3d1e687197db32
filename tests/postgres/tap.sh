#!/usr/bin/env bash
# The TAP tests of the extensions, to be sourced after server.sh: the server's own modules for Perl run the clusters.

# Runs t/*.pl of each extension, or those that TAP names.
tap() {
	local perl extension folder status=0
	perl=$(dirname "$("$PG_CONFIG" --pgxs)")/../test/perl
	[ -e "$perl/PostgreSQL/Test/Cluster.pm" ] || { echo "postgres: no $perl/PostgreSQL/Test/Cluster.pm: install postgresql-server-dev-$version" >&2; return 2; }
	# What they need of the tree, where the account can read it.
	mkdir -p "$work/source/examples" "$work/source/postgres"
	cp -r "$root/include" "$work/source" && cp -r "$root/examples/c" "$work/source/examples" &&
		cp -r "$root/postgres/asherah_crypt" "$work/source/postgres" && cp "$root/build/asherah" "$work/source" || return 2
	chmod -R a+rX "$work/source"
	for folder in "$root"/postgres/*/t; do
		extension=$(basename "$(dirname "$folder")")
		mkdir -p "$work/tap/$extension"
		cp -r "$folder" "$work/tap/$extension/t"
		[ ! -d "$folder/../data" ] || cp -r "$folder/../data" "$work/tap/$extension/data"
		[ -z "$account" ] || chown -R "$account" "$work/tap/$extension"
		chmod -R a+rX "$work/tap/$extension"
		(cd "$work/tap/$extension" &&
			as_owner env -u PGHOST -u PGPORT -u PGUSER -u PGDATABASE PATH="$bin:$PATH" PERL5LIB="$perl" \
				TESTDIR="$PWD" TESTDATADIR="$PWD/tmp_check" TESTLOGDIR="$PWD/tmp_check/log" \
				PG_REGRESS="$(dirname "$("$PG_CONFIG" --pgxs)")/../test/regress/pg_regress" PG_TEST_TIMEOUT_DEFAULT=60 \
				SOURCE="$work/source" ASHERAH_TOOL="$work/source/asherah" \
				HESSRA_UNSAFE="${HESSRA_UNSAFE:-}" prove -j 3 -I "$perl" ${PROVE_FLAGS:-} ${TAP:-t/*.pl}) || status=1
	done
	return $status
}
