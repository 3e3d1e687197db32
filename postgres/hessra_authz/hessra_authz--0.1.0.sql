-- Loading this file in psql would make the functions without the extension.
\echo Use "CREATE EXTENSION hessra_authz" to load this file. \quit

-- The two that verify are STABLE and not IMMUTABLE: their answer depends on the clock and on the configuration. They
-- are PARALLEL RESTRICTED, since each parallel worker would start libhessra anew, and not LEAKPROOF, since how long they
-- take depends on their arguments. In units of a simple operator a call costs about 50 if the same was asked in this
-- second, and about 1000 if only the token is known.

CREATE FUNCTION @extschema@.hessra_verify_token(token text, subject text, resource text) RETURNS boolean
  AS 'MODULE_PATHNAME', 'pg_hessra_verify_token'
  LANGUAGE C STABLE STRICT PARALLEL RESTRICTED COST 100;
COMMENT ON FUNCTION @extschema@.hessra_verify_token(text, text, text) IS
  'whether the token lets the subject read or write the resource, now';

CREATE FUNCTION @extschema@.hessra_row_security(token text, table_name text, operation text) RETURNS boolean
  AS 'MODULE_PATHNAME', 'pg_hessra_row_security'
  LANGUAGE C STABLE STRICT PARALLEL RESTRICTED COST 100;
COMMENT ON FUNCTION @extschema@.hessra_row_security(text, text, text) IS
  'whether the token gives the right to this operation on the table, now; for use in policies';

-- What follows is the administrator's. Who chooses the key decides what every policy answers.

CREATE FUNCTION @extschema@.hessra_init(config_path text) RETURNS boolean
  AS 'MODULE_PATHNAME', 'pg_hessra_init'
  LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
REVOKE EXECUTE ON FUNCTION @extschema@.hessra_init(text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.hessra_init(text) IS
  'makes this configuration the session''s, as SET hessra.config_path does, and reads it at once';

CREATE FUNCTION @extschema@.hessra_reload_config() RETURNS boolean
  AS 'MODULE_PATHNAME', 'pg_hessra_reload_config'
  LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE EXECUTE ON FUNCTION @extschema@.hessra_reload_config() FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.hessra_reload_config() IS
  'reads the configuration of this session again; pg_reload_conf() has every session do so';

CREATE FUNCTION @extschema@.hessra_token_info(token text) RETURNS jsonb
  AS 'MODULE_PATHNAME', 'pg_hessra_token_info'
  LANGUAGE C STABLE STRICT PARALLEL RESTRICTED COST 10000;
REVOKE EXECUTE ON FUNCTION @extschema@.hessra_token_info(text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.hessra_token_info(text) IS
  'whether the token is well-formed and genuine, and its blocks with their expiry and revocation ids';
