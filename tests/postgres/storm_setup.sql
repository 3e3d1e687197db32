-- Two tables of a hundred rows behind policies, one judged once in a statement, one for each row, and the tokens: 1 is
-- good, 2 expired, 3 forged. expect() raises an error where a token shows what it must not, or hides what it must show.
\set ECHO none
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS hessra_authz;
DROP SCHEMA IF EXISTS storm CASCADE;
DROP ROLE IF EXISTS storm;
CREATE ROLE storm LOGIN;
CREATE SCHEMA storm;
GRANT USAGE ON SCHEMA storm TO storm;
CREATE TABLE storm.tokens AS
  SELECT * FROM (VALUES (1, :'orders_select'), (2, :'orders_expired'), (3, :'orders_forged')) t (kind, token);
CREATE TABLE storm.orders AS SELECT n FROM generate_series(1, 100) n;
CREATE TABLE storm.lines AS SELECT n, 'orders' AS resource FROM generate_series(1, 100) n;
ALTER TABLE storm.orders ENABLE ROW LEVEL SECURITY;
ALTER TABLE storm.lines ENABLE ROW LEVEL SECURITY;
CREATE POLICY read ON storm.orders FOR SELECT
  USING ((SELECT hessra_row_security(current_setting('app.token', true), 'orders', 'select')));
CREATE POLICY read ON storm.lines FOR SELECT
  USING (hessra_row_security(current_setting('app.token', true), resource, 'select'));
CREATE FUNCTION storm.expect(kind int, rows bigint) RETURNS int LANGUAGE plpgsql AS $$
BEGIN
  IF rows <> (CASE kind WHEN 1 THEN 100 ELSE 0 END) THEN
    RAISE EXCEPTION 'wrong answer: % rows with a token of kind %', rows, kind;
  END IF;
  RETURN kind;
END $$;
GRANT SELECT ON ALL TABLES IN SCHEMA storm TO storm;
