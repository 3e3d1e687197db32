-- Keys in a table of this very server: the library has a connection of its own to it.
CREATE TABLE encryption_key (id varchar(255) NOT NULL, created timestamptz NOT NULL, key_record text NOT NULL, PRIMARY KEY (id, created));
SELECT format('host=%s port=%s dbname=%s user=%s sslmode=disable', split_part(current_setting('unix_socket_directories'), ',', 1),
  current_setting('port'), current_database(), current_user) AS same_server \gset
SELECT set_config('asherah.config_path', test.write('same', test.configuration(jsonb_build_object('Metastore', 'rdbms',
  'SQLMetastoreDBType', 'postgres', 'ConnectionString', :'same_server', 'QueryTimeoutMs', 60000, 'PoolMaxOpen', 2))), false) IS NOT NULL AS set;
SELECT convert_from(asherah_decrypt('p', asherah_encrypt('p', 'in the same server')), 'UTF8');
SELECT id FROM encryption_key ORDER BY id;

-- A key that was made stays, whatever becomes of the transaction that needed it.
BEGIN;
SELECT asherah_encrypt('rolled back', 'x') IS NOT NULL AS encrypted;
ROLLBACK;
SELECT count(*) FROM encryption_key WHERE id LIKE '%rolled back%';

-- A metastore that does not answer, since this transaction has its table: the wait ends when the statement must.
BEGIN;
LOCK TABLE encryption_key;
SET LOCAL statement_timeout = '300ms';
SELECT clock_timestamp() AS begin \gset
SELECT asherah_encrypt('waits', 'x');
ROLLBACK;
SELECT clock_timestamp() - :'begin'::timestamptz < interval '20 s' AS soon;
SELECT convert_from(asherah_decrypt('waits', asherah_encrypt('waits', 'no more')), 'UTF8');

-- The same when a program catches it, and goes on in its transaction.
BEGIN;
LOCK TABLE encryption_key;
SET LOCAL statement_timeout = '300ms';
DO $$ BEGIN
  PERFORM asherah_encrypt('waits too', 'x');
EXCEPTION WHEN query_canceled THEN
  RAISE NOTICE 'cancelled';
END $$;
SET LOCAL statement_timeout = 0;
SELECT asherah_encrypt('p', 'x') IS NOT NULL AS cached_key_works;
COMMIT;

-- The time limit of the configuration is another error.
SELECT set_config('asherah.config_path', test.write('same', test.configuration(jsonb_build_object('Metastore', 'rdbms',
  'SQLMetastoreDBType', 'postgres', 'ConnectionString', :'same_server', 'TimeoutMs', 300))), false) IS NOT NULL AS set;
\c -
SELECT set_config('asherah.config_path', path || '/same', false) IS NOT NULL AS set FROM test.folder;
BEGIN;
LOCK TABLE encryption_key;
\set VERBOSITY sqlstate
SELECT asherah_encrypt('waits', 'x');
ROLLBACK;
\set VERBOSITY default

-- pg_sleep() is cancelled as before in a backend with the library.
SELECT asherah_encrypt('p', 'x') IS NOT NULL AS loaded;
SET statement_timeout = '200ms';
SELECT pg_sleep(60);
RESET statement_timeout;
DROP TABLE encryption_key;
