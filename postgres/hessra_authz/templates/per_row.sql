-- A right for some rows: the resource has a column in it, so that the call is made for each row. Conditions that an index
-- serves, and other policies of the table that are RESTRICTIVE, keep the rows few.
CREATE TABLE accounts (id int PRIMARY KEY, region text NOT NULL, balance numeric NOT NULL);
ALTER TABLE accounts ENABLE ROW LEVEL SECURITY;
ALTER TABLE accounts FORCE ROW LEVEL SECURITY;
CREATE POLICY accounts_select ON accounts FOR SELECT
  USING (hessra.hessra_row_security(current_setting('app.token', true), 'accounts/' || region, 'select'));
-- WITH CHECK is asked about the row as it will be: a row is neither made in nor moved to a region without a right.
CREATE POLICY accounts_insert ON accounts FOR INSERT
  WITH CHECK (hessra.hessra_row_security(current_setting('app.write_token', true), 'accounts/' || region, 'insert'));
CREATE POLICY accounts_update ON accounts FOR UPDATE
  USING (hessra.hessra_row_security(current_setting('app.write_token', true), 'accounts/' || region, 'update'))
  WITH CHECK (hessra.hessra_row_security(current_setting('app.write_token', true), 'accounts/' || region, 'update'));
