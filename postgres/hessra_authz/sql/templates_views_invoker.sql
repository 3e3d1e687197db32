\set schema templates_views_invoker
\set source `echo "${PG_ABS_SRCDIR:-.}"`
\set setup :source/data/templates.psql
\i :setup
\set template :source/templates/wrapped.sql
\i :template
RESET SESSION AUTHORIZATION;
-- The view is a superuser's, and asks for the rights of who queries it all the same.
\set template :source/templates/views_invoker.sql
\i :template
INSERT INTO orders VALUES (1, 'one');
GRANT SELECT ON order_list TO regress_hessra_app;
SET ROLE regress_hessra_app;
SELECT count(*) FROM order_list;
RESET ROLE;
GRANT SELECT ON orders TO regress_hessra_app;
SET ROLE regress_hessra_app;
SELECT count(*) FROM order_list;
BEGIN;
SET LOCAL app.token = :'orders_select';
SELECT * FROM order_list;
COMMIT;
RESET ROLE;
-- What the option is for.
ALTER VIEW order_list RESET (security_invoker);
SET ROLE regress_hessra_app;
SELECT count(*) FROM order_list;
\set end :source/data/templates_end.psql
\i :end
