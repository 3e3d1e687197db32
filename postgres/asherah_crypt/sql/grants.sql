-- Encryption and decryption are granted apart, and neither to everybody.
CREATE ROLE asherah_test_writer;
CREATE ROLE asherah_test_reader;
CREATE ROLE asherah_test_nobody;
GRANT EXECUTE ON FUNCTION asherah_encrypt(text, bytea) TO asherah_test_writer;
GRANT EXECUTE ON FUNCTION asherah_decrypt(text, jsonb) TO asherah_test_reader;
SELECT asherah_encrypt('p', 'for the reader') AS record \gset

SET ROLE asherah_test_writer;
SELECT jsonb_typeof(asherah_encrypt('p', 'x'));
SELECT asherah_decrypt('p', :'record');
SET ROLE asherah_test_reader;
SELECT convert_from(asherah_decrypt('p', :'record'), 'UTF8');
SELECT asherah_encrypt('p', 'x');
SET ROLE asherah_test_nobody;
SELECT asherah_encrypt('p', 'x');
SELECT asherah_decrypt('p', :'record');

-- Where the configuration is, and which library is loaded, is the superuser's to say and to know.
\set VERBOSITY sqlstate
SHOW asherah.config_path;
SELECT current_setting('asherah.config_path');
\set VERBOSITY default
SELECT count(*) FROM pg_settings WHERE name LIKE 'asherah.%' AND setting <> '';
SET asherah.config_path = '/elsewhere';
SET asherah.library_path = '/elsewhere';
SELECT set_config('asherah.config_path', '/elsewhere', false);
ALTER ROLE asherah_test_nobody SET asherah.config_path = '/elsewhere';
RESET ROLE;
SELECT count(*) FROM pg_settings WHERE name = 'asherah.config_path';

-- A role that sets them before the extension is loaded has no success either.
\c -
SET SESSION AUTHORIZATION asherah_test_writer;
SET asherah.config_path = '/elsewhere';
SET asherah.library_path = '/elsewhere';
SELECT jsonb_typeof(asherah_encrypt('p', 'x'));
\c -
SET SESSION AUTHORIZATION asherah_test_nobody;
ALTER ROLE asherah_test_nobody SET asherah.config_path = '/elsewhere';
RESET SESSION AUTHORIZATION;

-- Nor with an option of the connection, which would leave the default in the place of the administrator's value.
SELECT format('user=%s options=''''', current_user) AS administrator,
  format('user=%s options=''-c asherah.library_path=/elsewhere''', current_user) AS administrator_with_option \gset
ALTER ROLE asherah_test_writer LOGIN;
\c -reuse-previous=on "user=asherah_test_writer options='-c asherah.config_path=/elsewhere'"
SELECT jsonb_typeof(asherah_encrypt('p', 'x'));
RESET asherah.config_path;
SELECT jsonb_typeof(asherah_encrypt('p', 'x'));
\c -reuse-previous=on "user=asherah_test_writer options='-c asherah.library_path=/elsewhere'"
SELECT jsonb_typeof(asherah_encrypt('p', 'x'));
\c -reuse-previous=on :administrator_with_option
SELECT jsonb_typeof(asherah_encrypt('p', 'x'));
\c -reuse-previous=on "user=asherah_test_writer options=''"
SELECT jsonb_typeof(asherah_encrypt('p', 'x'));
\set VERBOSITY sqlstate
SHOW asherah.config_path;
\set VERBOSITY default
\c -reuse-previous=on :administrator

-- An extension that is first needed during a parallel query is not loaded there without its settings.
CREATE TABLE test.rows AS SELECT i FROM generate_series(1, 3000) i;
CREATE FUNCTION test.wrapped() RETURNS text LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  AS $$BEGIN RETURN jsonb_typeof(public.asherah_encrypt('p', 'x')); END$$;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT count(*) FROM test.rows WHERE (SELECT test.wrapped()) = 'object';
SELECT test.wrapped();
SELECT count(*) FROM test.rows WHERE (SELECT test.wrapped()) = 'object';
DROP FUNCTION test.wrapped();
DROP TABLE test.rows;

REVOKE EXECUTE ON FUNCTION asherah_encrypt(text, bytea) FROM asherah_test_writer;
REVOKE EXECUTE ON FUNCTION asherah_decrypt(text, jsonb) FROM asherah_test_reader;
DROP ROLE asherah_test_writer, asherah_test_reader, asherah_test_nobody;
