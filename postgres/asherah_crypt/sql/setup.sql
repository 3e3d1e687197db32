-- A folder of the server's user for configurations and keys, and what the tests below share.
CREATE EXTENSION asherah_crypt;
CREATE SCHEMA test;
CREATE TABLE test.folder (path text);
COPY test.folder FROM PROGRAM 'mktemp -d';

-- Writes a file of the folder and returns its path.
CREATE FUNCTION test.write(name text, content text, mode text DEFAULT '0600') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  place text := (SELECT path FROM test.folder) || '/' || name;
BEGIN
  EXECUTE format('COPY (SELECT %L) TO PROGRAM %L', content, format('umask 077; cat > %s; chmod %s %s', place, mode, place));
  RETURN place;
END $$;

-- A configuration on SQLite in the folder, with other members in place of, or beside, its own.
CREATE FUNCTION test.configuration(other jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
  SELECT (jsonb_build_object('ServiceName', 'billing', 'ProductID', 'shop', 'StrictConfig', true, 'Metastore', 'sqlite',
    'ConnectionString', path || '/keys.db', 'KMS', 'static', 'StaticMasterKeyHex', repeat('5a', 32)) || other)::text
  FROM test.folder
$$;

-- What a statement fails with.
CREATE FUNCTION test.failure(statement text, OUT state text, OUT message text, OUT detail text, OUT hint text) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE statement;
  message := 'no failure';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
END $$;

DO $$ BEGIN
  EXECUTE format('ALTER DATABASE %I SET asherah.config_path = %L', current_database(), test.write('config', test.configuration()));
END $$;
