-- The check of a foreign key sees all rows, so that an insert would tell which orders exist. The subquery is bound by the
-- policies of orders: an item can be added only to an order that its writer may see. ON DELETE CASCADE would delete items
-- whatever their policies say.
CREATE TABLE items (
  id int PRIMARY KEY,
  order_id int NOT NULL REFERENCES orders,
  note text
);
ALTER TABLE items ENABLE ROW LEVEL SECURITY;
ALTER TABLE items FORCE ROW LEVEL SECURITY;
CREATE POLICY items_insert ON items FOR INSERT
  WITH CHECK ((SELECT hessra.hessra_row_security(current_setting('app.write_token', true), 'items', 'insert'))
    AND EXISTS (SELECT FROM orders WHERE orders.id = order_id));
