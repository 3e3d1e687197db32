-- A view asks for its owner's rights. Where security_invoker cannot be had (before PostgreSQL 15), it belongs to a role
-- that policies bind: no superuser, no BYPASSRLS, and not the owner of a table without FORCE ROW LEVEL SECURITY.
-- security_barrier keeps a function in the condition of a query from seeing rows that the view leaves out.
CREATE ROLE orders_view_owner NOLOGIN NOBYPASSRLS;
GRANT SELECT ON orders TO orders_view_owner;
CREATE VIEW order_notes WITH (security_barrier) AS SELECT id, note FROM orders WHERE note <> '';
ALTER VIEW order_notes OWNER TO orders_view_owner;
