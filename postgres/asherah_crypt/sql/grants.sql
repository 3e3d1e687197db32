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

REVOKE EXECUTE ON FUNCTION asherah_encrypt(text, bytea) FROM asherah_test_writer;
REVOKE EXECUTE ON FUNCTION asherah_decrypt(text, jsonb) FROM asherah_test_reader;
DROP ROLE asherah_test_writer, asherah_test_reader, asherah_test_nobody;
