-- 100 000 rows of 500 partitions, and through COPY.
CREATE FUNCTION test.resident() RETURNS bigint LANGUAGE sql AS $$
  SELECT substring(pg_read_file('/proc/self/status', 0, 10000) FROM 'RssAnon:\s*([0-9]+)')::bigint
$$;
CREATE TABLE test.bulk (i int, partition text, record jsonb);
INSERT INTO test.bulk SELECT i, 'user-' || i % 500, asherah_encrypt('user-' || i % 500, convert_to('row ' || i, 'UTF8'))
  FROM generate_series(1, 30000) i;
SELECT test.resident() AS before \gset
INSERT INTO test.bulk SELECT i, 'user-' || i % 500, asherah_encrypt('user-' || i % 500, convert_to('row ' || i, 'UTF8'))
  FROM generate_series(30001, 100000) i;
SELECT count(*), count(DISTINCT record #> '{Key,ParentKeyMeta,KeyId}') AS keys FROM test.bulk
  WHERE asherah_decrypt(partition, record) = convert_to('row ' || i, 'UTF8');
-- Some fail: nothing may be left behind by them either.
SELECT count(*) FROM test.bulk, test.failure(format('SELECT asherah_decrypt(''another'', %L)', record)) f WHERE i <= 2000 AND f.state = '22000';
SELECT test.resident() - :before < 20000 AS does_not_grow;

CREATE TABLE test.copied (LIKE test.bulk);
SELECT path AS folder FROM test.folder \gset
\set file :folder '/bulk.copy'
COPY (SELECT i, partition, asherah_encrypt(partition, convert_to('copy ' || i, 'UTF8')) FROM test.bulk WHERE i <= 10000) TO :'file';
COPY test.copied FROM :'file';
SELECT count(*) FROM test.copied WHERE asherah_decrypt(partition, record) = convert_to('copy ' || i, 'UTF8');

-- A trigger encrypts what comes in.
CREATE FUNCTION test.seal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.record := asherah_encrypt(NEW.partition, convert_to(NEW.record #>> '{}', 'UTF8'));
  RETURN NEW;
END $$;
CREATE TRIGGER seal BEFORE INSERT ON test.copied FOR EACH ROW EXECUTE FUNCTION test.seal();
TRUNCATE test.copied;
COPY test.copied FROM stdin;
1	user-1	"first"
2	user-2	"second"
\.
SELECT i, convert_from(asherah_decrypt(partition, record), 'UTF8') AS plain, record ? 'Data' AS sealed FROM test.copied ORDER BY i;

-- Parallel query goes on beside it, with the calls in the leader.
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
EXPLAIN (COSTS off) SELECT count(*) FROM test.bulk WHERE i % 7 = 0;
SELECT sum(length(asherah_decrypt(partition, record))) FROM test.bulk WHERE i % 100 = 0;
DROP TABLE test.bulk, test.copied;
