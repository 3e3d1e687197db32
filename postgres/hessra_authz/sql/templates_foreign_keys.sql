\set schema templates_foreign_keys
\set source `echo "${PG_ABS_SRCDIR:-.}"`
\set setup :source/data/templates.psql
\i :setup
\set template :source/templates/wrapped.sql
\i :template
\set template :source/templates/foreign_keys.sql
\i :template
GRANT SELECT ON orders TO regress_hessra_app;
GRANT INSERT ON items TO regress_hessra_app;
RESET SESSION AUTHORIZATION;
INSERT INTO orders VALUES (1, 'one');
SET ROLE regress_hessra_app;
BEGIN;
SET LOCAL app.write_token = :'items_insert';
SAVEPOINT s;
-- An order that is hidden and one that does not exist give the same answer.
INSERT INTO items VALUES (1, 1, 'of a hidden order');
ROLLBACK TO s;
INSERT INTO items VALUES (1, 2, 'of no order');
ROLLBACK TO s;
SET LOCAL app.token = :'orders_select';
INSERT INTO items VALUES (1, 1, 'of an order');
SAVEPOINT s;
INSERT INTO items VALUES (2, 2, 'of no order');
ROLLBACK TO s;
COMMIT;
RESET ROLE;
-- What the condition is for: without it, the key tells.
ALTER POLICY items_insert ON items
  WITH CHECK ((SELECT hessra.hessra_row_security(current_setting('app.write_token', true), 'items', 'insert')));
SET ROLE regress_hessra_app;
BEGIN;
SET LOCAL app.write_token = :'items_insert';
INSERT INTO items VALUES (3, 1, 'of a hidden order');
SAVEPOINT s;
INSERT INTO items VALUES (4, 2, 'of no order');
ROLLBACK TO s;
COMMIT;
RESET ROLE;
DELETE FROM orders WHERE id = 1;
\set end :source/data/templates_end.psql
\i :end
