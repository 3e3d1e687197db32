\set schema templates_views
\set source `echo "${PG_ABS_SRCDIR:-.}"`
\set setup :source/data/templates.psql
\i :setup
\set template :source/templates/wrapped.sql
\i :template
RESET SESSION AUTHORIZATION;
DROP ROLE IF EXISTS orders_view_owner;
\set template :source/templates/views.sql
\i :template
GRANT USAGE ON SCHEMA templates_views TO orders_view_owner;
GRANT SELECT ON order_notes TO regress_hessra_app;
INSERT INTO orders VALUES (1, 'one'), (2, '');
SET ROLE regress_hessra_app;
SELECT count(*) FROM order_notes;
-- It is not granted the table itself.
SELECT count(*) FROM orders;
BEGIN;
SET LOCAL app.token = :'orders_select';
SELECT * FROM order_notes;
SET LOCAL app.token = :'orders_forged';
SELECT count(*) FROM order_notes;
COMMIT;
RESET ROLE;
-- What the owner is for: a superuser's view shows all.
ALTER VIEW order_notes OWNER TO CURRENT_USER;
SET ROLE regress_hessra_app;
SELECT count(*) FROM order_notes;
\set end :source/data/templates_end.psql
\i :end
DROP ROLE orders_view_owner;
