DO $$ BEGIN
  EXECUTE format('ALTER DATABASE %I RESET asherah.config_path', current_database());
  EXECUTE format('COPY (SELECT 1) TO PROGRAM %L', 'cat > /dev/null; rm -r ' || (SELECT path FROM test.folder));
END $$;
SET client_min_messages = warning;
DROP SCHEMA test CASCADE;
DROP EXTENSION asherah_crypt;
