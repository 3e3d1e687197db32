-- From PostgreSQL 15: the view asks for the rights, and the policies, of who queries it.
CREATE VIEW order_list WITH (security_invoker, security_barrier) AS SELECT id, note FROM orders;
