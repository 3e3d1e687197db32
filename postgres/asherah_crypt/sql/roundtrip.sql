-- What was encrypted comes back.
SELECT convert_from(asherah_decrypt('user-1001', asherah_encrypt('user-1001', 'card 4111 1111 1111 1111')), 'UTF8');
SELECT asherah_decrypt('p', asherah_encrypt('p', '')) = '' AS empty;
SELECT asherah_decrypt('p', asherah_encrypt('p', '\x00')) = '\x00' AS zero;
WITH bytes AS (SELECT string_agg(decode(lpad(to_hex(i), 2, '0'), 'hex'), '' ORDER BY i) AS all FROM generate_series(0, 255) i)
SELECT bytes.all = asherah_decrypt('p', asherah_encrypt('p', bytes.all)) AS every_byte FROM bytes;
SELECT convert_from(asherah_decrypt(p, asherah_encrypt(p, convert_to(p, 'UTF8'))), 'UTF8') = p AS same, p
  FROM unnest(ARRAY['Grüße', '東京', '_IK_', 'a"b\c', repeat('x', 300)]) WITH ORDINALITY AS t(p, n) WHERE n < 5;
SELECT count(*) FILTER (WHERE asherah_decrypt('sizes', asherah_encrypt('sizes', data)) = data) AS right, count(*)
  FROM (SELECT convert_to(repeat('7', n), 'UTF8') AS data FROM unnest(ARRAY[1, 15, 16, 17, 4095, 65536, 1000000, 5000000]) n) sizes;

-- A record is that of every other SDK.
SELECT r #>> '{Key,ParentKeyMeta,KeyId}' AS key_id, jsonb_typeof(r -> 'Data') AS data, jsonb_typeof(r #> '{Key,Key}') AS key,
  (r #>> '{Key,Created}')::bigint >= (r #>> '{Key,ParentKeyMeta,Created}')::bigint AS created,
  length(decode(r ->> 'Data', 'base64')) AS sealed
  FROM asherah_encrypt('user-1001', 'sixteen bytes...') r;
-- Each has a key and a nonce of its own; the partition's key is one.
SELECT count(DISTINCT r ->> 'Data') AS data, count(DISTINCT r #>> '{Key,Key}') AS keys, count(DISTINCT r #> '{Key,ParentKeyMeta}') AS parents
  FROM (SELECT asherah_encrypt('user-1001', 'the same') AS r FROM generate_series(1, 50)) s;

-- NULL is not encrypted.
SELECT asherah_encrypt('p', NULL) IS NULL AND asherah_encrypt(NULL, 'x') IS NULL AND asherah_decrypt('p', NULL) IS NULL
  AND asherah_decrypt(NULL, '{}') IS NULL AS strict;

-- Values that are stored compressed or apart, and records that are.
CREATE TABLE test.apart (n int, plain bytea, record jsonb);
ALTER TABLE test.apart ALTER plain SET STORAGE EXTENDED;
INSERT INTO test.apart SELECT n, decode(repeat(md5(n::text), n * 100), 'hex') FROM generate_series(1, 40) n;
UPDATE test.apart SET record = asherah_encrypt('apart', plain);
SELECT count(*) FROM test.apart WHERE asherah_decrypt('apart', record) = plain;

-- In prepared statements, PL/pgSQL, conditions and subtransactions.
PREPARE enc (text, bytea) AS SELECT asherah_encrypt($1, $2);
PREPARE dec (text, jsonb) AS SELECT convert_from(asherah_decrypt($1, $2), 'UTF8');
DO $$
DECLARE
  record jsonb;
BEGIN
  FOR i IN 1 .. 20 LOOP
    BEGIN
      record := asherah_encrypt('p', convert_to(i::text, 'UTF8'));
      IF i % 2 = 0 THEN
        PERFORM asherah_decrypt('another', record);
      END IF;
    EXCEPTION WHEN data_exception THEN
      ASSERT convert_from(asherah_decrypt('p', record), 'UTF8') = i::text;
    END;
  END LOOP;
END $$;
EXECUTE enc('p', 'prepared') \gset
EXECUTE dec('p', :'asherah_encrypt');
SELECT n FROM test.apart WHERE plain = asherah_decrypt('apart', (SELECT record FROM test.apart WHERE n = 7));
EXPLAIN (COSTS off, VERBOSE) SELECT asherah_decrypt('apart', record) FROM test.apart;
SELECT proname, provolatile, proisstrict, proparallel, proleakproof FROM pg_proc WHERE proname LIKE 'asherah%' ORDER BY 1;
DROP TABLE test.apart;
