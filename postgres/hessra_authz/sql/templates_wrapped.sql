\set schema templates_wrapped
\set source `echo "${PG_ABS_SRCDIR:-.}"`
\set setup :source/data/templates.psql
\i :setup
\set template :source/templates/wrapped.sql
\i :template
INSERT INTO orders SELECT i, 'order ' || i FROM generate_series(1, 3) i; -- FORCE: the owner may not either
ALTER TABLE orders NO FORCE ROW LEVEL SECURITY;
INSERT INTO orders SELECT i, 'order ' || i FROM generate_series(1, 3) i;
ALTER TABLE orders FORCE ROW LEVEL SECURITY;
GRANT SELECT ON orders TO regress_hessra_app;
SELECT count(*) FROM orders;

RESET SESSION AUTHORIZATION;
SET ROLE regress_hessra_app;
-- No token: NULL, and no row.
SELECT count(*) FROM orders;
BEGIN;
SET LOCAL app.token = :'orders_select';
SELECT * FROM orders ORDER BY id;
-- One call for the statement.
SELECT calls FROM pg_stat_xact_user_functions WHERE funcname = 'hessra_row_security';
COMMIT;
-- The next user of the connection has no token: the setting is the empty text now.
SELECT current_setting('app.token', true) = '' AS empty, count(*) FROM orders;
BEGIN;
SET LOCAL app.token = :'orders_select';
SAVEPOINT s;
SET LOCAL app.token = :'orders_insert';
SELECT count(*) FROM orders;
ROLLBACK TO s;
SELECT count(*) FROM orders;
ROLLBACK;
SELECT count(*) FROM orders;
-- As an application sends it, but for the parameter, for which psql has no command before PostgreSQL 16.
\set edit 's/[$]1/\'' :orders_select '\'/; s/[*]/count(*)/; s/, true)/& <> \'\' AS set/'
\set transaction `sed :'edit' "${PG_ABS_SRCDIR:-.}/templates/transaction.sql"`
:transaction
SELECT count(*) FROM orders;
-- What a client must not do behind a pool: the token outlives its transaction.
BEGIN;
SET app.token = :'orders_select';
COMMIT;
SELECT count(*) FROM orders;
RESET app.token;

-- Tokens that give no right to this.
BEGIN;
SET LOCAL app.token = :'orders_expired';
SELECT count(*) FROM orders;
SET LOCAL app.token = :'orders_forged';
SELECT count(*) FROM orders;
SET LOCAL app.token = :'orders_insert';
SELECT count(*) FROM orders;
SET LOCAL app.token = :'events_select';
SELECT count(*) FROM orders;
SET LOCAL app.token = 'no token';
SELECT count(*) FROM orders;
COMMIT;
-- A plan that was made while there was a right gives none.
PREPARE counted AS SELECT count(*) FROM orders;
SET plan_cache_mode = force_generic_plan;
BEGIN;
SET LOCAL app.token = :'orders_select';
EXECUTE counted;
SET LOCAL app.token = :'orders_expired';
EXECUTE counted;
COMMIT;
EXECUTE counted;

\set end :source/data/templates_end.psql
\i :end
