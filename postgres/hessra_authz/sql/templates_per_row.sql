\set schema templates_per_row
\set source `echo "${PG_ABS_SRCDIR:-.}"`
\set setup :source/data/templates.psql
\i :setup
\set template :source/templates/per_row.sql
\i :template
GRANT SELECT, INSERT, UPDATE ON accounts TO regress_hessra_app;
RESET SESSION AUTHORIZATION;
INSERT INTO accounts SELECT i, (ARRAY['north', 'south'])[1 + i % 2], 10 * i FROM generate_series(1, 6) i;
SET ROLE regress_hessra_app;
SELECT count(*) FROM accounts;
BEGIN;
SET LOCAL app.token = :'north_select';
SELECT * FROM accounts ORDER BY id;
-- A call for each row.
SELECT calls FROM pg_stat_xact_user_functions WHERE funcname = 'hessra_row_security';
SET LOCAL app.token = :'south_select';
SELECT count(*), sum(balance) FROM accounts;
SET LOCAL app.token = :'orders_select';
SELECT count(*) FROM accounts;
COMMIT;
-- New rows, and rows that move.
BEGIN;
SET LOCAL app.token = :'north_select';
SET LOCAL app.write_token = :'north_insert';
INSERT INTO accounts VALUES (7, 'north', 70);
SAVEPOINT s;
INSERT INTO accounts VALUES (8, 'south', 80);
ROLLBACK TO s;
INSERT INTO accounts VALUES (8, NULL, 80);
ROLLBACK TO s;
SET LOCAL app.write_token = :'north_update';
UPDATE accounts SET balance = balance + 1;
UPDATE accounts SET region = 'south' WHERE id = 2;
ROLLBACK TO s;
SET LOCAL app.write_token = :'north_update';
SET LOCAL app.token = :'south_select';
UPDATE accounts SET balance = balance + 1 WHERE id > 0;
-- A write that reads no column asks for the right to write alone.
UPDATE accounts SET balance = 0;
COMMIT;
RESET ROLE;
SELECT * FROM accounts ORDER BY id;

-- What the policy hides is counted and found without a token by whom the server lets EXPLAIN.
CREATE FUNCTION pg_temp.removed(query text) RETURNS json LANGUAGE plpgsql AS $$
DECLARE
  plan json;
BEGIN
  EXECUTE 'EXPLAIN (ANALYZE, FORMAT JSON) ' || query INTO plan;
  RETURN plan -> 0 -> 'Plan' -> 'Rows Removed by Filter';
END $$;
SET ROLE regress_hessra_app;
SELECT count(*) FROM accounts;
SELECT pg_temp.removed('SELECT FROM accounts');
SET enable_seqscan = off;
SET enable_bitmapscan = off;
SELECT pg_temp.removed('SELECT FROM accounts WHERE id = 3') AS there,
  pg_temp.removed('SELECT FROM accounts WHERE id = 30') AS not_there;
RESET enable_seqscan;
RESET enable_bitmapscan;
RESET ROLE;
DROP FUNCTION pg_temp.removed(text);

-- A condition that is cheap, and tells what it sees, does not come before the policy.
SET ROLE regress_hessra_app;
CREATE FUNCTION pg_temp.tell(int) RETURNS boolean COST 0.0001 LANGUAGE plpgsql
  AS $$ BEGIN RAISE WARNING 'saw %', $1; RETURN true; END $$;
BEGIN;
SET LOCAL app.token = :'north_select';
SELECT count(*) FROM accounts WHERE pg_temp.tell(id);
COMMIT;
RESET ROLE;
-- It would, were it LEAKPROOF, which a superuser alone can say.
ALTER FUNCTION pg_temp.tell(int) LEAKPROOF;
SET ROLE regress_hessra_app;
BEGIN;
SET LOCAL app.token = :'north_select';
SELECT count(*) FROM accounts WHERE pg_temp.tell(id);
COMMIT;
RESET ROLE;
DROP FUNCTION pg_temp.tell(int);
\set end :source/data/templates_end.psql
\i :end
