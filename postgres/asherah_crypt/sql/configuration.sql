-- What is wrong is said without the path, for whom it is none of his business, and without what the file holds.
\x on
SET asherah.config_path = 'relative/path';
SET asherah.config_path = '';
SELECT * FROM test.failure($$SELECT asherah_encrypt('p', 'x')$$);

CREATE FUNCTION test.failure_of(path text, OUT state text, OUT message text, OUT detail text, OUT hint text) LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('asherah.config_path', path, false);
  SELECT * FROM test.failure('SELECT asherah_encrypt(''p'', ''x'')') INTO state, message, detail, hint;
END $$;
SELECT * FROM test.failure_of('/nonexistent/config');
SELECT * FROM test.failure_of((SELECT path FROM test.folder));
SELECT * FROM test.failure_of('/dev/null');
SELECT mode, (test.failure_of(test.write('mode' || mode, test.configuration(), mode))).message
  FROM unnest(ARRAY['0640', '0604', '0660', '0602', '0610', '0600', '0400']) mode;
SELECT * FROM test.failure_of(test.write('bad', '{"ServiceName": "billing"'));
SELECT * FROM test.failure_of(test.write('bad', ''));
SELECT * FROM test.failure_of(test.write('bad', test.configuration('{"StaticMasterKeyHex": "secret in the wrong place"}')));
SELECT * FROM test.failure_of(test.write('bad', test.configuration('{"ExpireAfterSeconds": 1}')));
SELECT * FROM test.failure_of(test.write('bad', test.configuration('{"Metastore": "Memory"}')));
SELECT (test.failure_of(test.write('bad', test.configuration(jsonb_build_object('Metastore', kind))))).message
  FROM unnest(ARRAY['memory', 'test-debug-memory']) kind;
SELECT * FROM test.failure_of(test.write('bad', test.configuration() || repeat(' ', 1048577)));

-- Another path is another configuration, at once; the same one is read once.
SELECT test.write('other', test.configuration('{"ServiceName": "other"}')) AS other \gset
SET asherah.config_path = :'other';
SELECT asherah_encrypt('p', 'x') #>> '{Key,ParentKeyMeta,KeyId}' AS key_id;
SELECT test.write('other', 'no configuration any more') IS NOT NULL AS changed;
SELECT asherah_encrypt('p', 'x') #>> '{Key,ParentKeyMeta,KeyId}' AS key_id;
RESET asherah.config_path;
SELECT asherah_encrypt('p', 'x') #>> '{Key,ParentKeyMeta,KeyId}' AS key_id;
SELECT * FROM test.failure_of(:'other');
-- A configuration that fails leaves the one before to whom it belongs.
RESET asherah.config_path;
SELECT asherah_encrypt('p', 'x') #>> '{Key,ParentKeyMeta,KeyId}' AS key_id;

-- The library.
CREATE FUNCTION test.failure_of_library(path text, OUT state text, OUT message text, OUT hint text) LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('asherah.library_path', path, false);
  SELECT f.state, f.message, f.hint FROM test.failure('SELECT asherah_encrypt(''p'', ''x'')') f INTO state, message, hint;
END $$;
\c -
LOAD 'asherah_crypt';
SET asherah.library_path = 'libasherah.so';
SELECT * FROM test.failure_of_library('');
SELECT * FROM test.failure_of_library('/nonexistent/libasherah.so');
SELECT * FROM test.failure_of_library((SELECT path FROM test.folder));
SELECT * FROM test.failure_of_library(test.write('library', 'no library', '0755'));
SELECT * FROM test.failure_of_library(test.write('library', 'no library', '0775'));
SELECT * FROM test.failure_of_library(test.write('library', 'no library', '0757'));
RESET asherah.library_path;
SELECT asherah_encrypt('p', 'x') #>> '{Key,ParentKeyMeta,KeyId}' AS key_id;
\x off
