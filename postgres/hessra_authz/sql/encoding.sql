-- Requests reach libhessra in UTF-8, whatever the database has; a token with other bytes in it is none.
SELECT current_setting('data_directory') || '/hessra_test.toml' AS config \gset
SELECT token AS token FROM tokens WHERE name = 'read' \gset
CREATE DATABASE regress_hessra_latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0;
CREATE DATABASE regress_hessra_ascii ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0;
\set name :DBNAME
\set VERBOSITY sqlstate
\c regress_hessra_latin
CREATE EXTENSION hessra_authz;
SELECT hessra_init(:'config');
SELECT hessra_verify_token(:'token', 'uri:urn:test:marta', 'orders'), hessra_verify_token(:'token', chr(233), 'orders'),
  hessra_verify_token(:'token' || chr(233), 'uri:urn:test:marta', 'orders');
\set VERBOSITY default
SET client_encoding = 'UTF8';
SELECT hessra_init('/nowhere/' || repeat(chr(233), 200));
\set VERBOSITY sqlstate
\c regress_hessra_ascii
CREATE EXTENSION hessra_authz;
SELECT hessra_init(:'config');
SELECT hessra_verify_token(:'token', 'uri:urn:test:marta', 'orders'),
  hessra_verify_token(:'token' || E'\xe9', 'uri:urn:test:marta', 'orders');
-- Bytes that are no UTF-8 are no subject.
SELECT hessra_verify_token(:'token', E'\xe9', 'orders');
SELECT hessra_row_security(:'token', 'orders', E'\xff');
-- A refused token's texts are written as they are.
SET hessra.log_refusals = on;
SELECT hessra_verify_token(:'token' || E'\xe9', repeat(E'\xc3\xa9', 100), 'orders');
\c :name
-- A path that is cut is cut between characters.
\set VERBOSITY default
SELECT hessra_init('/nowhere/' || repeat(chr(233), 1000));
DROP DATABASE regress_hessra_latin;
DROP DATABASE regress_hessra_ascii;
