-- The settings, and who may change what. The module is loaded by its first function.
SELECT hessra_verify_token('', '', '');
SELECT name, context, vartype FROM pg_settings WHERE name LIKE 'hessra.%' ORDER BY name;
SELECT proname, provolatile, proisstrict, proparallel, proleakproof, prosecdef FROM pg_proc
  WHERE proname LIKE 'hessra%' ORDER BY proname;
SELECT p.proname, obj_description(p.oid, 'pg_proc') IS NOT NULL AS described,
    has_function_privilege('public', p.oid, 'EXECUTE') AS public
  FROM pg_proc p WHERE proname LIKE 'hessra%' ORDER BY proname;

\set VERBOSITY terse
SET hessra.config_path = 'relative.toml';
SET hessra.library_path = 'libhessra.so';

SET client_min_messages = error;
DROP ROLE IF EXISTS regress_hessra_user;
RESET client_min_messages;
CREATE ROLE regress_hessra_user;
GRANT SELECT ON tokens TO regress_hessra_user;
SET ROLE regress_hessra_user;
SET hessra.config_path = '/nowhere/mine.toml';
SET hessra.library_path = '/nowhere/mine.so';
SET hessra.token_cache_size = 0;
SET hessra.log_refusals = on;
\set VERBOSITY sqlstate
SHOW hessra.config_path;
\set VERBOSITY terse
SELECT hessra_init('/nowhere/mine.toml');
SELECT hessra_reload_config();
SELECT hessra_token_info('x');
SELECT hessra_verify_token(token, 'uri:urn:test:marta', 'orders') FROM tokens WHERE name = 'read';
RESET ROLE;

-- EXECUTE alone does not choose the key.
GRANT EXECUTE ON FUNCTION hessra_init(text) TO regress_hessra_user;
SET ROLE regress_hessra_user;
SELECT hessra_init('/nowhere/mine.toml');
RESET ROLE;
REVOKE EXECUTE ON FUNCTION hessra_init(text) FROM regress_hessra_user;

-- What was set before the module was there counts only if its user might set it.
\c
SET SESSION AUTHORIZATION regress_hessra_user;
SET hessra.config_path = '/nowhere/mine.toml';
SELECT hessra_verify_token(token, 'uri:urn:test:marta', 'orders') FROM tokens WHERE name = 'read';
RESET SESSION AUTHORIZATION;

-- An option of the connection would take the place of the administrator's value and then be refused, which leaves the
-- default: nothing is judged in such a session, whatever its user sets or resets.
SELECT format('user=%s options=''''', current_user) AS administrator,
  format('user=%s options=''-c hessra.log_refusals=off''', current_user) AS administrator_with_option \gset
ALTER DATABASE :"DBNAME" SET hessra.log_refusals = on;
ALTER ROLE regress_hessra_user LOGIN;
\c -reuse-previous=on "user=regress_hessra_user options='-c Hessra.log_refusals=off'"
SELECT hessra_verify_token('', '', '');
RESET hessra.log_refusals;
SET hessra.log_refusals = on;
SELECT hessra_row_security('', '', '');
DISCARD ALL;
SELECT hessra_row_security('', '', '');
\c -reuse-previous=on "user=regress_hessra_user options='-c hessra.config_path=/nowhere/mine.toml'"
SELECT hessra_verify_token('', '', '');
\c -reuse-previous=on "user=regress_hessra_user options='-c hessra.library_path=/nowhere/mine.so'"
SELECT hessra_verify_token('', '', '');
\c -reuse-previous=on "user=regress_hessra_user options='-c hessra.token_cache_size=0'"
SELECT hessra_verify_token('', '', '');
-- Who may set it may do so with an option too.
\c -reuse-previous=on :administrator_with_option
SELECT hessra_verify_token('', '', '');
SHOW hessra.log_refusals;
-- Each has its refusal above.
SELECT count(*) FROM pg_settings WHERE name LIKE 'hessra.%';
SELECT current_setting('server_version_num')::int >= 150000 AS grants \gset
\if :grants
GRANT SET ON PARAMETER hessra.log_refusals TO regress_hessra_user;
\else
ALTER ROLE regress_hessra_user SUPERUSER;
\endif
\c -reuse-previous=on "user=regress_hessra_user options='-c hessra.log_refusals=off'"
SELECT hessra_verify_token('', '', '');
SHOW hessra.log_refusals;
\c -reuse-previous=on :administrator
ALTER ROLE regress_hessra_user NOSUPERUSER;
\c -reuse-previous=on "user=regress_hessra_user options=''"
SELECT hessra_verify_token('', '', '');
SHOW hessra.log_refusals;
\c -reuse-previous=on :administrator
ALTER DATABASE :"DBNAME" RESET hessra.log_refusals;
DROP OWNED BY regress_hessra_user;
DROP ROLE regress_hessra_user;
