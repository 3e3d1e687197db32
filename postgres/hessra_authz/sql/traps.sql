-- Where a policy function can go wrong inside of the server.
\set VERBOSITY terse
SELECT token AS token FROM tokens WHERE name = 'select' \gset
SELECT token AS read FROM tokens WHERE name = 'read' \gset
CREATE TABLE customers (id int, owner text);
INSERT INTO customers SELECT i, 'owner' || i % 3 FROM generate_series(1, 3000) i;
ALTER TABLE customers ENABLE ROW LEVEL SECURITY;
CREATE POLICY by_token ON customers
  USING ((SELECT hessra_row_security(current_setting('app.token', true), 'customers', 'select')));
CREATE ROLE regress_hessra_customer;
GRANT SELECT ON customers TO regress_hessra_customer;
GRANT CREATE ON SCHEMA public TO regress_hessra_customer;
GRANT CREATE ON DATABASE :DBNAME TO regress_hessra_customer;

-- Neither planner folds the answer: it depends on the clock.
EXPLAIN (VERBOSE, COSTS OFF) SELECT hessra_row_security('x', 'customers', 'select');
PREPARE folded AS SELECT hessra_verify_token('x', 'a', 'b');
SET plan_cache_mode = force_generic_plan;
EXPLAIN (VERBOSE, COSTS OFF) EXECUTE folded;
RESET plan_cache_mode;

-- Nor can it be kept in an index or a column.
CREATE INDEX ON customers (hessra_row_security(owner, 'customers', 'select'));
ALTER TABLE customers ADD allowed boolean
  GENERATED ALWAYS AS (hessra_row_security(owner, 'customers', 'select')) STORED;

SET ROLE regress_hessra_customer;
-- No token, an empty one, one of something else: no rows, no error.
SELECT count(*) FROM customers;
SET app.token = '';
SELECT count(*) FROM customers;
SELECT set_config('app.token', :'read', false) IS NOT NULL AS set;
SELECT count(*) FROM customers;
BEGIN;
SELECT set_config('app.token', :'token', true) IS NOT NULL AS set;
SELECT count(*) FROM customers;
COMMIT;
SELECT count(*) FROM customers;
-- A function of the same name in front of the path is not what the policy calls.
CREATE SCHEMA AUTHORIZATION regress_hessra_customer;
CREATE FUNCTION regress_hessra_customer.hessra_row_security(text, text, text) RETURNS boolean LANGUAGE sql
  AS 'SELECT true';
CREATE FUNCTION regress_hessra_customer.current_setting(text, boolean) RETURNS text LANGUAGE sql AS 'SELECT ''x''';
SET search_path = regress_hessra_customer, public, pg_catalog;
SELECT hessra_row_security('x', 'customers', 'select');
SELECT count(*) FROM customers;
RESET search_path;
-- What the user's function sees in the middle of a scan is not more than the policy lets through.
CREATE FUNCTION peek(text) RETURNS boolean LANGUAGE plpgsql COST 0.0001
  AS $$BEGIN RAISE NOTICE '%', $1; RETURN true; END$$;
SELECT count(*) FROM customers WHERE peek(owner);
RESET ROLE;

-- A definer's function is judged by the same token; the role does not matter to the answer.
CREATE FUNCTION definer() RETURNS boolean LANGUAGE sql SECURITY DEFINER STABLE
  AS $$SELECT hessra_row_security(current_setting('app.token', true), 'customers', 'select')$$;
SELECT set_config('app.token', :'token', false) IS NOT NULL AS set;
SELECT definer();
SET ROLE regress_hessra_customer;
SELECT definer(), count(*) FROM customers;
RESET ROLE;

-- Parallel plans leave the function to the leader.
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
SELECT count(*) FROM customers WHERE hessra_row_security(:'token', left(owner, 0) || 'customers', 'select');
SET ROLE regress_hessra_customer;
SELECT count(*), sum(id) FROM customers;
RESET ROLE;
-- Workers that a mislabelled function takes it to load the library and the configuration for themselves.
CREATE FUNCTION mislabelled(name text) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE
  AS $$BEGIN RETURN public.hessra_row_security(current_setting('app.token'), name, 'select'); END$$;
SET parallel_leader_participation = off;
SELECT count(*) FROM customers WHERE mislabelled(left(owner, 0) || 'customers');
SELECT count(*) FROM customers WHERE mislabelled(owner);
RESET parallel_leader_participation;
-- During a parallel query the server gives no settings their values: an extension that is first needed there is not
-- loaded, and the session has it afterwards with all that is configured.
CREATE FUNCTION wrapped(name text) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
  AS $$BEGIN RETURN public.hessra_row_security(current_setting('app.token'), name, 'select'); END$$;
CREATE POLICY by_wrapped ON customers AS RESTRICTIVE USING ((SELECT wrapped('customers')));
ALTER POLICY by_token ON customers USING (true);
ALTER DATABASE :"DBNAME" SET hessra.token_cache_size = 5;
ALTER ROLE regress_hessra_customer SET parallel_setup_cost = 0;
ALTER ROLE regress_hessra_customer SET parallel_tuple_cost = 0;
ALTER ROLE regress_hessra_customer SET min_parallel_table_scan_size = 0;
ALTER ROLE regress_hessra_customer SET app.token = :'token';
SELECT current_user AS administrator \gset
ALTER ROLE regress_hessra_customer LOGIN;
\c - regress_hessra_customer
SELECT count(*) FROM customers;
SELECT wrapped('customers');
SHOW hessra.token_cache_size;
SELECT count(*) FROM customers;
-- The same in the workers.
\c - :administrator
DROP POLICY by_wrapped ON customers;
\c - regress_hessra_customer
SET parallel_leader_participation = off;
SELECT count(*) FROM customers WHERE mislabelled(left(owner, 0) || 'customers');
SELECT mislabelled('customers');
SHOW hessra.token_cache_size;
SELECT count(*) FROM customers WHERE mislabelled(left(owner, 0) || 'customers');
\c - :administrator
\set VERBOSITY terse
ALTER DATABASE :"DBNAME" RESET hessra.token_cache_size;
ALTER ROLE regress_hessra_customer RESET ALL;
DROP FUNCTION mislabelled(text);
DROP FUNCTION wrapped(text);
SELECT set_config('app.token', :'token', false) IS NOT NULL AS set;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
RESET max_parallel_workers_per_gather;

-- Errors in subtransactions leave nothing behind that changes an answer.
DO $$
DECLARE
  refused int := 0;
BEGIN
  FOR i IN 1..300 LOOP
    BEGIN
      PERFORM hessra_row_security(current_setting('app.token'), repeat('t', 1100000), 'select');
    EXCEPTION WHEN invalid_parameter_value THEN
      refused := refused + 1;
    END;
    IF NOT hessra_row_security(current_setting('app.token'), 'customers', 'select') THEN
      RAISE EXCEPTION 'another answer after % errors', refused;
    END IF;
  END LOOP;
  RAISE NOTICE '% errors', refused;
END
$$;

-- Tokens in any number do not take more memory than hessra.token_cache_size of them, nor each other's answers.
DO $$
DECLARE
  size bigint := 0;
BEGIN
  FOR i IN 1..5000 LOOP
    IF NOT hessra_row_security(current_setting('app.token'), 'customers', 'select')
        OR hessra_row_security(current_setting('app.token') || i, 'customers', 'select') THEN
      RAISE EXCEPTION 'another answer at token %', i;
    END IF;
  END LOOP;
  PERFORM hessra_row_security(repeat('x', 60000) || i, 'customers', 'select') FROM generate_series(1, 200) i;
  IF current_setting('server_version_num')::int >= 140000 THEN
    EXECUTE $q$SELECT total_bytes FROM pg_backend_memory_contexts WHERE name = 'hessra_authz tokens'$q$
      INTO STRICT size;
  END IF;
  IF size > 32 * 70000 THEN
    RAISE EXCEPTION '% bytes', size;
  END IF;
END
$$;
-- Fewer, and none at all; the answers stay.
SET hessra.token_cache_size = 1;
SELECT name, hessra_row_security(token, 'customers', 'select') FROM tokens ORDER BY name;
SET hessra.token_cache_size = 0;
SELECT name, hessra_row_security(token, 'customers', 'select') FROM tokens ORDER BY name;
RESET hessra.token_cache_size;

-- Nothing of the extension is in a dump but that it is there.
SELECT extconfig IS NULL AS dumps_nothing, extrelocatable FROM pg_extension WHERE extname = 'hessra_authz';

DROP FUNCTION definer();
DROP TABLE customers;
DROP OWNED BY regress_hessra_customer CASCADE;
DROP ROLE regress_hessra_customer;
