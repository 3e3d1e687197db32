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

-- Every character of a record changed: what is still JSON is refused, or has the same plaintext where what was changed is
-- not part of what is sealed.
RESET asherah.config_path;
SELECT asherah_encrypt('p', 'the plaintext') AS record \gset
CREATE FUNCTION test.altered(record text, OUT tried int, OUT wrong int, OUT states text[]) LANGUAGE plpgsql AS $$
DECLARE
  changed jsonb;
  state text;
  seen jsonb := '{}';
BEGIN
  tried := 0;
  wrong := 0;
  FOR place IN 1 .. length(record) LOOP
    FOR kind IN 1 .. 5 LOOP
      BEGIN
        changed := overlay(record PLACING substr('A0"}_', kind, 1) FROM place FOR 1)::jsonb;
        tried := tried + 1;
        IF asherah_decrypt('p', changed) <> 'the plaintext' THEN
          wrong := wrong + 1;
        END IF;
      EXCEPTION WHEN OTHERS THEN
        IF changed IS NOT NULL THEN
          GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE;
          seen := seen || jsonb_build_object(state, true);
        END IF;
      END;
      changed := NULL;
    END LOOP;
  END LOOP;
  SELECT array_agg(k ORDER BY k) INTO states FROM jsonb_object_keys(seen) k;
END $$;
SELECT tried > 500 AS tried, wrong, states FROM test.altered(:'record');
