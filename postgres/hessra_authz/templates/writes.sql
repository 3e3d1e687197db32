-- Rights to write, beside wrapped.sql. A token has one right: the one to read stays in app.token, since UPDATE and
-- DELETE read the rows they look for, as does RETURNING; the one to write is in app.write_token.
CREATE POLICY orders_insert ON orders FOR INSERT
  WITH CHECK ((SELECT hessra.hessra_row_security(current_setting('app.write_token', true), 'orders', 'insert')));
-- USING says which rows may be changed, WITH CHECK what they may become.
CREATE POLICY orders_update ON orders FOR UPDATE
  USING ((SELECT hessra.hessra_row_security(current_setting('app.write_token', true), 'orders', 'update')))
  WITH CHECK ((SELECT hessra.hessra_row_security(current_setting('app.write_token', true), 'orders', 'update')));
CREATE POLICY orders_delete ON orders FOR DELETE
  USING ((SELECT hessra.hessra_row_security(current_setting('app.write_token', true), 'orders', 'delete')));
