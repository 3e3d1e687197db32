-- One right for a whole table. The call stands in a subquery of its own, so that it is made once for a statement.
CREATE TABLE orders (id int PRIMARY KEY, note text NOT NULL);
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
-- Without this line the policy does not bind the table's owner. Superusers and roles with BYPASSRLS are never bound.
ALTER TABLE orders FORCE ROW LEVEL SECURITY;
CREATE POLICY orders_select ON orders FOR SELECT
  USING ((SELECT hessra.hessra_row_security(current_setting('app.token', true), 'orders', 'select')));
