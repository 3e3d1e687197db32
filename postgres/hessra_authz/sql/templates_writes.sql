\set schema templates_writes
\set source `echo "${PG_ABS_SRCDIR:-.}"`
\set setup :source/data/templates.psql
\i :setup
\set template :source/templates/wrapped.sql
\i :template
\set template :source/templates/writes.sql
\i :template
GRANT SELECT, INSERT, UPDATE, DELETE ON orders TO regress_hessra_app;
RESET SESSION AUTHORIZATION;
INSERT INTO orders VALUES (1, 'one');
SET ROLE regress_hessra_app;
-- The right to read is none to write.
BEGIN;
SET LOCAL app.token = :'orders_select';
SET LOCAL app.write_token = :'orders_select';
UPDATE orders SET note = 'changed';
DELETE FROM orders;
INSERT INTO orders VALUES (2, 'two');
ROLLBACK;
-- Each right is for its own operation.
BEGIN;
SET LOCAL app.write_token = :'orders_insert';
INSERT INTO orders VALUES (2, 'two'), (3, 'three');
-- Without the right to read, nothing is returned, seen or found.
SAVEPOINT s;
INSERT INTO orders VALUES (4, 'four') RETURNING id;
ROLLBACK TO s;
SET LOCAL app.token = :'orders_select';
INSERT INTO orders VALUES (4, 'four') RETURNING id;
UPDATE orders SET note = 'changed';
DELETE FROM orders;
COMMIT;
BEGIN;
SET LOCAL app.write_token = :'orders_update';
UPDATE orders SET note = 'changed' WHERE id = 1;
SET LOCAL app.token = :'orders_select';
UPDATE orders SET note = 'changed' WHERE id = 1;
DELETE FROM orders;
SAVEPOINT s;
INSERT INTO orders VALUES (5, 'five');
ROLLBACK TO s;
-- Both rights are asked for an upsert that updates.
INSERT INTO orders VALUES (1, 'upsert') ON CONFLICT (id) DO UPDATE SET note = excluded.note;
ROLLBACK TO s;
SET LOCAL app.write_token = :'orders_delete';
DELETE FROM orders WHERE id = 4;
SAVEPOINT t;
\copy orders FROM '/dev/null' WITH (DELIMITER ',')
ROLLBACK TO t;
SET LOCAL app.write_token = :'orders_insert';
COPY orders TO stdout WITH (DELIMITER ',');
COMMIT;
RESET ROLE;
SELECT * FROM orders ORDER BY id;
-- No policy is asked about TRUNCATE: the right to it is that of who has been granted it, with any token and without.
SET ROLE regress_hessra_app;
TRUNCATE orders;
RESET ROLE;
GRANT TRUNCATE ON orders TO regress_hessra_app;
SET ROLE regress_hessra_app;
TRUNCATE orders;
RESET ROLE;
SELECT count(*) FROM orders;
\set end :source/data/templates_end.psql
\i :end
