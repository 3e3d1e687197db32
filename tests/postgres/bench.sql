-- Tables of 10 000 and 200 000 rows behind four policies: constant() is a function in C of PostgreSQL's own, of the same
-- shape and cost, which says yes to every token.
\set ECHO none
CREATE EXTENSION hessra_authz;
CREATE EXTENSION asherah_crypt;
CREATE ROLE bench LOGIN;
CREATE FUNCTION constant(text, text, text) RETURNS boolean LANGUAGE internal STABLE STRICT PARALLEL RESTRICTED COST 100
  AS 'text_starts_with';
CREATE TABLE tokens AS SELECT * FROM (VALUES
  ('valid', :'orders_select'), ('expired', :'orders_expired'), ('forged', :'orders_forged')) t (kind, token);
CREATE FUNCTION make(name text, rows int, policy text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE TABLE %I AS SELECT n, ''orders'' AS resource, ''orders'' || n AS own FROM generate_series(1, %s) n', name, rows);
  EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
  EXECUTE format('CREATE POLICY read ON %I FOR SELECT USING (%s)', name, policy);
  EXECUTE format('ANALYZE %I', name);
END $$;
SELECT make(size || name, rows, policy)
  FROM (VALUES ('few', 10000), ('many', 200000)) s (size, rows),
    (VALUES ('_wrapped', $$(SELECT hessra_row_security(current_setting('app.token', true), 'orders', 'select'))$$),
      ('_wrapped_constant', $$(SELECT constant(current_setting('app.token', true), 'E', 'select'))$$),
      ('_rows', $$hessra_row_security(current_setting('app.token', true), resource, 'select')$$),
      ('_rows_own', $$hessra_row_security(current_setting('app.token', true), own, 'select')$$),
      ('_rows_constant', $$constant(current_setting('app.token', true), left(resource, 0), 'select')$$)) p (name, policy);
GRANT SELECT ON ALL TABLES IN SCHEMA public TO bench;
GRANT EXECUTE ON FUNCTION asherah_encrypt(text, bytea), asherah_decrypt(text, jsonb) TO bench;
GRANT SET ON PARAMETER hessra.token_cache_size TO bench;
