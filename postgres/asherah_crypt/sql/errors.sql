-- Each failure has an SQLSTATE that a program can act on, and a hint.
\x on
SELECT asherah_encrypt('p', 'x') AS record \gset
SELECT asherah_encrypt('p', 'y') AS another \gset
CREATE FUNCTION test.decryption(partition text, record jsonb, OUT state text, OUT message text, OUT hint text) LANGUAGE sql AS $$
  SELECT f.state, f.message, f.hint FROM test.failure(format('SELECT asherah_decrypt(%L, %L)', partition, record)) f
$$;
SELECT * FROM test.decryption('p', '{}');
SELECT record, (test.decryption('p', record)).state FROM unnest(ARRAY['[]', '1', '"x"', 'null', '{"Key": {}}', '{"Key": 1, "Data": ""}']::jsonb[]) record;
SELECT * FROM test.decryption('p', jsonb_set(:'record', '{Data}', '"?"'));
SELECT * FROM test.decryption('another', :'record');
SELECT * FROM test.decryption('p', jsonb_set(:'record', '{Key,ParentKeyMeta,Created}', '60'));
SELECT * FROM test.decryption('p', jsonb_set(:'record', '{Data}', :'another'::jsonb -> 'Data'));
SELECT * FROM test.decryption('p', jsonb_set(:'record', '{Key,Key}', :'another'::jsonb #> '{Key,Key}'));
SELECT * FROM test.decryption('p', :'record'::jsonb #- '{Key,ParentKeyMeta}');
SELECT * FROM test.decryption('', :'record');
SELECT * FROM test.failure($$SELECT asherah_encrypt('', 'x')$$);
SELECT state, message, hint FROM test.failure($$SELECT asherah_encrypt(repeat('x', 1048577), 'x')$$);
SELECT state, message, detail FROM test.failure($$SELECT asherah_encrypt('p', convert_to(repeat(repeat('x', 1024), 190 * 1024) || 'x', 'UTF8'))$$);
SELECT (test.failure(format('SELECT asherah_decrypt(%L, %L)', 'p', :'record'))).message;

-- A metastore and a KMS that cannot be asked.
SELECT set_config('asherah.config_path', test.write('down', test.configuration(
  '{"Metastore": "rdbms", "ConnectionString": "postgres://127.0.0.1:1/keys?sslmode=disable&connect_timeout=1", "QueryRetryMs": 0, "QueryTimeoutMs": 2000}')), false) IS NOT NULL AS set;
SELECT * FROM test.failure($$SELECT asherah_encrypt('p', 'x')$$);
SELECT set_config('asherah.config_path', test.write('sealed', test.configuration(
  '{"KMS": "vault-transit", "VaultAddr": "http://127.0.0.1:1", "VaultToken": "t", "VaultTransitKey": "k", "KmsTimeoutMs": 1000, "ServiceName": "vault"}')), false) IS NOT NULL AS set;
SELECT * FROM test.failure($$SELECT asherah_encrypt('p', 'x')$$);
\x off
