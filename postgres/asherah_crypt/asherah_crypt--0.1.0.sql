-- Loading this file in psql would make the functions without the extension.
\echo Use "CREATE EXTENSION asherah_crypt" to load this file. \quit

-- Encryption is VOLATILE: each record has a key and nonces of its own, and a new partition gets a key in the metastore.
-- Decryption is STABLE: a record has one plaintext and nothing is changed; not IMMUTABLE, since whether it can be had
-- depends on the metastore and the configuration, and a plaintext must not be folded into a plan that is kept. Both are
-- PARALLEL RESTRICTED, since each parallel worker would start libasherah anew and load keys of its own.
-- The costs are those of calls with cached keys, in units of a simple operator.

CREATE FUNCTION asherah_encrypt(partition text, data bytea) RETURNS jsonb
  AS 'MODULE_PATHNAME', 'pg_asherah_encrypt'
  LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED COST 200;
COMMENT ON FUNCTION asherah_encrypt(text, bytea) IS
  'encrypts data for a partition into a data row record';

CREATE FUNCTION asherah_decrypt(partition text, record jsonb) RETURNS bytea
  AS 'MODULE_PATHNAME', 'pg_asherah_decrypt'
  LANGUAGE C STABLE STRICT PARALLEL RESTRICTED COST 200;
COMMENT ON FUNCTION asherah_decrypt(text, jsonb) IS
  'decrypts a data row record of a partition';

-- Who may write encrypted data need not be able to read it: the two are granted apart.
REVOKE EXECUTE ON FUNCTION asherah_encrypt(text, bytea) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION asherah_decrypt(text, jsonb) FROM PUBLIC;
