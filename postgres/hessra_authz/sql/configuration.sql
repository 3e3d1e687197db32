-- The configuration: what is wrong with it, and when it changes.
\set VERBOSITY terse
SET client_min_messages = warning;
SELECT current_setting('data_directory') || '/hessra_changing.toml' AS file \gset
SELECT format('COPY (SELECT line FROM configuration WHERE name = ''service'') TO %L', :'file') AS write_service,
  format('COPY (SELECT line FROM configuration WHERE name = ''other'') TO %L', :'file') AS write_other,
  format('COPY (SELECT ''public_key = "nonsense'') TO %L', :'file') AS write_broken,
  format('COPY (SELECT ''port = 443'') TO %L', :'file') AS write_keyless \gset
-- Each token is good under one of the two keys.
CREATE VIEW answers AS
  SELECT hessra_verify_token((SELECT token FROM tokens WHERE name = 'read'), 'uri:urn:test:marta', 'orders') AS service,
    hessra_verify_token((SELECT token FROM tokens WHERE name = 'other key'), 'uri:urn:test:argo-cli1', 'resource2')
      AS other;

-- Not configured is an error, not an answer, and so is what cannot be read. The token does not matter.
SET hessra.config_path = '';
TABLE answers;
SELECT hessra_verify_token('', '', '');
SELECT hessra_reload_config();
SET hessra.config_path = '/nowhere/hessra.toml';
TABLE answers;
SELECT hessra_row_security('', '', '');
\set VERBOSITY sqlstate
SET hessra.config_path = '/';
TABLE answers;
SET hessra.config_path = :'file';
:write_broken;
TABLE answers;
:write_keyless;
TABLE answers;
-- What an ordinary user sees of it has no path.
\set VERBOSITY default
CREATE ROLE regress_hessra_reader;
GRANT SELECT ON answers, tokens TO regress_hessra_reader;
SET ROLE regress_hessra_reader;
SELECT hessra_verify_token('', '', '');
RESET ROLE;
\set VERBOSITY terse

-- A file that others can write is refused.
:write_service;
TABLE answers;
SELECT format('COPY (SELECT) TO PROGRAM %L', 'cat >&2; chmod g+w ' || quote_literal(:'file')) AS open_file,
  format('COPY (SELECT) TO PROGRAM %L', 'cat >&2; chmod g-w ' || quote_literal(:'file')) AS close_file \gset
:open_file;
SELECT hessra_reload_config();
:close_file;
SELECT hessra_reload_config();

-- So is one in a folder where others can put another in its place, and a link from there.
SELECT current_setting('data_directory') || '/hessra_folder' AS folder \gset
SELECT format('COPY (SELECT) TO PROGRAM %L',
    format('cat >&2; mkdir %1$L; ln -s %2$L %1$L/link.toml; cp %2$L %1$L/copy.toml', :'folder', :'file'))
    AS make_folder,
  format('COPY (SELECT) TO PROGRAM %L', format('cat >&2; chmod 777 %L', :'folder')) AS open_folder,
  format('COPY (SELECT) TO PROGRAM %L', format('cat >&2; chmod 1777 %L', :'folder')) AS sticky_folder,
  format('COPY (SELECT) TO PROGRAM %L', format('cat >&2; rm -r %L', :'folder')) AS remove_folder \gset
:make_folder;
SELECT hessra_init(:'folder' || '/copy.toml'), hessra_init(:'folder' || '/link.toml');
:open_folder;
SELECT hessra_init(:'folder' || '/copy.toml');
SELECT hessra_init(:'folder' || '/link.toml');
:sticky_folder;
SELECT hessra_init(:'folder' || '/copy.toml'), hessra_init(:'folder' || '/link.toml');
:remove_folder;
SELECT hessra_init(:'file');

-- A new key counts from the reload on, also for tokens that the session has judged before.
:write_other;
TABLE answers;
SELECT hessra_reload_config();
TABLE answers;
-- What fails leaves the old one in force.
:write_broken;
SELECT hessra_reload_config();
TABLE answers;
:write_keyless;
SELECT hessra_reload_config();
TABLE answers;

-- A reload of the server's configuration does the same, without an error. A session takes notice between two commands.
\set ECHO errors
SELECT format('SELECT pg_sleep(0.05) WHERE pg_conf_load_time() = %L', pg_conf_load_time()) AS wait,
  pg_conf_load_time() AS loaded \gset
\o /dev/null
SELECT pg_reload_conf();
SELECT :'wait' FROM generate_series(1, 400) \gexec
\o
\set ECHO all
SELECT pg_conf_load_time() > :'loaded' AS reloaded;
TABLE answers;
:write_service;
TABLE answers;
\set ECHO errors
SELECT format('SELECT pg_sleep(0.05) WHERE pg_conf_load_time() = %L', pg_conf_load_time()) AS wait,
  pg_conf_load_time() AS loaded \gset
\o /dev/null
SELECT pg_reload_conf();
SELECT :'wait' FROM generate_series(1, 400) \gexec
\o
\set ECHO all
SELECT pg_conf_load_time() > :'loaded' AS reloaded;
TABLE answers;

-- hessra_init() reads at once, and is undone as a setting is.
SELECT current_setting('data_directory') || '/hessra_test_other.toml' AS other \gset
BEGIN;
SELECT hessra_init(:'other');
TABLE answers;
SELECT current_setting('hessra.config_path') = :'other' AS shown;
SAVEPOINT before;
SELECT hessra_init(:'file');
TABLE answers;
ROLLBACK TO before;
TABLE answers;
SELECT hessra_init('/nowhere/hessra.toml');
ROLLBACK TO before;
TABLE answers;
ROLLBACK;
TABLE answers;
SELECT hessra_init('hessra.toml');
SELECT hessra_init(NULL) IS NULL AS nothing;
SELECT hessra_init(:'other');
TABLE answers;
DISCARD ALL;
TABLE answers;

-- A key file that the configuration names is looked at in the same way.
SELECT current_setting('data_directory') || '/hessra_key.pem' AS key, current_setting('data_directory') || '/hessra_naming.toml' AS naming \gset
SELECT format('COPY (SELECT unnest(pem) FROM keys WHERE name = ''service'') TO %L', :'key') AS write_key,
  format('COPY (SELECT ''public_key_file = "hessra_key.pem"'') TO %L', :'naming') AS write_naming,
  format('COPY (SELECT) TO PROGRAM %L', 'cat >&2; chmod g+w ' || quote_literal(:'key')) AS open_key \gset
:write_key;
:write_naming;
SELECT hessra_init(:'naming');
TABLE answers;
:open_key;
SELECT hessra_init(:'naming');
RESET hessra.config_path;

-- A function with a setting of its own judges by that.
CREATE FUNCTION by_other() RETURNS SETOF answers LANGUAGE sql STABLE AS 'TABLE answers';
SELECT format('ALTER FUNCTION by_other() SET hessra.config_path = %L', :'other') AS alter_it \gset
:alter_it;
SELECT * FROM by_other();
TABLE answers;

-- Who may read the server's files may choose the configuration, given EXECUTE.
GRANT EXECUTE ON FUNCTION hessra_init(text) TO regress_hessra_reader;
GRANT pg_read_server_files TO regress_hessra_reader;
SET ROLE regress_hessra_reader;
SELECT hessra_init(:'other');
TABLE answers;
SELECT hessra_init('/nowhere/hessra.toml');
TABLE answers;
RESET ROLE;
RESET hessra.config_path;
DROP OWNED BY regress_hessra_reader;
DROP ROLE regress_hessra_reader;
