#!/usr/bin/env bash
# What an attacker tries who may log in with a role that policies bind: scenarios.sh
# The server is the one that psql finds in the environment (PGHOST and the like, as a superuser), with hessra_authz
# installed; the role hessra_scenario must be let in without a password. Prints "ok" or "FAIL" for each scenario.
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
data=${HESSRA_DATA:-$here/../../postgres/hessra_authz/data}
database=hessra_scenarios
passed=0 failed=0

value() { sed -n "s/^.set $1 '\(.*\)'$/\1/p" "$data/tokens.psql"; }
good=$(value orders_select)
[ -n "$good" ] || { echo "scenarios: no tokens in $data" >&2; exit 2; }
super() { psql -XqAt -v ON_ERROR_STOP=1 "$@"; }
# Statements of the application, after which it counts the orders that it sees; a message is its last line.
app() { psql -XqAt -d "$database" -U hessra_scenario <<<"$1"$';\nSELECT count(*) FROM orders;' 2>&1; }
with() { echo "BEGIN; SELECT FROM set_config('app.token', '$1', true); SELECT count(*) FROM orders; COMMIT"; }

gives() { # name pattern statements: the whole output must be of the pattern
	local output
	output=$(app "$3")
	if [[ $output =~ ^$2$ ]]; then
		echo "ok scenario: $1"
		passed=$((passed + 1))
	else
		echo "FAIL scenario: $1: $(cut -c1-200 <<<"$output" | tr '\n' ' ')"
		failed=$((failed + 1))
	fi
}

# The server writes the file with the key itself, since it reads none that another user owns.
put_key() {
	super -d "$database" -c "COPY (SELECT unnest(ARRAY['public_key = \"\"\"', '-----BEGIN PUBLIC KEY-----',
		'$1', '-----END PUBLIC KEY-----', '\"\"\"'])) TO '$file'" -c "SELECT FROM pg_reload_conf()"
}

remove() { super -c "DROP DATABASE IF EXISTS $database" -c "DROP ROLE IF EXISTS hessra_scenario" 2>/dev/null; }

remove
super -c "CREATE DATABASE $database" || exit 2
trap remove EXIT
file=$(super -c "SHOW data_directory")/hessra_scenarios.toml
super -c "ALTER DATABASE $database SET hessra.config_path = '$file'"
put_key "$(value service_key)"
super -d "$database" <<'END' || exit 2
CREATE SCHEMA hessra;
CREATE EXTENSION hessra_authz SCHEMA hessra;
GRANT USAGE ON SCHEMA hessra TO PUBLIC;
CREATE ROLE hessra_scenario LOGIN;
CREATE SCHEMA own AUTHORIZATION hessra_scenario;
CREATE TABLE orders AS SELECT generate_series(1, 3) AS id;
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY orders_select ON orders FOR SELECT
  USING ((SELECT hessra.hessra_row_security(current_setting('app.token', true), 'orders', 'select')));
GRANT SELECT, INSERT, DELETE ON orders TO hessra_scenario;
END

gives "no token" 0 ""
gives "a good token, and the next transaction without" $'3\n0' "$(with "$good")"
gives "a forged token" $'0\n0' "$(with "$(value orders_forged)")"
gives "an expired token" $'0\n0' "$(with "$(value orders_expired)")"
gives "a token of another table" $'0\n0' "$(with "$(value events_select)")"
gives "a token of another operation" $'0\n0' "$(with "$(value orders_insert)")"
gives "an altered token" $'0\n0' "$(with "${good:0:60}A${good:61}")"
gives "a truncated token" $'0\n0' "$(with "${good:0:200}")"
gives "a token twice" $'0\n0' "$(with "$good$good")"
gives "a token and SQL" $'0\n0' "$(with "$good'' OR true --")"
gives "a token of two million letters" $'0\n0' \
	"BEGIN; SELECT FROM set_config('app.token', repeat('A', 2000000), true); SELECT count(*) FROM orders; COMMIT"
gives "writing with a token to read" $'.*violates row-level security.*\n0' \
	"BEGIN; SET LOCAL app.token = '$good'; INSERT INTO orders VALUES (4); ROLLBACK"
gives "deleting with a token to read" $'3\n0' \
	"BEGIN; SET LOCAL app.token = '$good'; DELETE FROM orders; SELECT count(*) FROM orders; COMMIT"
gives "a plan that is kept" $'3\n0\n0' "SET plan_cache_mode = force_generic_plan;
	PREPARE p AS SELECT count(*) FROM orders; BEGIN; SET LOCAL app.token = '$good'; EXECUTE p; COMMIT; EXECUTE p"
gives "row_security off" $'.*affected by row-level security.*\n0' \
	"BEGIN; SET LOCAL row_security = off; SELECT count(*) FROM orders; COMMIT"
gives "COPY" 0 "COPY orders TO stdout"
for setting in "config_path = '/tmp/mine.json'" "library_path = '/tmp/mine.so'" \
	"token_cache_size = 0" "log_refusals = off"; do
	gives "SET hessra.${setting%% *}" $'.*permission denied to set parameter.*\n0' \
		"SELECT FROM hessra.hessra_verify_token('', '', ''); SET hessra.$setting"
done
for call in "init('/tmp/mine.json')" "reload_config()" "token_info('x')"; do
	gives "hessra_${call%%(*}" $'.*permission denied for function.*\n0' "SELECT hessra.hessra_$call"
done
gives "functions of the user's before the server's" 0 \
	"CREATE FUNCTION own.hessra_row_security(text, text, text) RETURNS boolean LANGUAGE sql AS 'SELECT true';
	SET search_path = own, public, hessra, pg_catalog"
gives "a function that tells what it sees" 0 "CREATE FUNCTION own.tell(int) RETURNS boolean COST 0.0001
	LANGUAGE plpgsql AS \$\$BEGIN RAISE WARNING 'saw %', \$1; RETURN true; END\$\$;
	SELECT FROM orders WHERE own.tell(id)"

put_key "$(super -c "SELECT translate('$(value service_key)', 'QRST', 'RSTQ')")"
gives "a key that is none" $'(ERROR:  the configuration of hessra_authz cannot be read\nHINT:[^\n]*\n?){2}' \
	"$(with "$good")"
put_key "MCowBQYDK2VwAyEAJ76ORoOjZtjQGPj9kHkGIG/DQh9loLOq7sO0nmf101g="
gives "a token of the key before" $'0\n0' "$(with "$good")"
put_key "$(value service_key)"
gives "the key is back" $'3\n0' "$(with "$good")"

echo "scenarios: $passed passed, $failed failed"
[ "$failed" = 0 ]
