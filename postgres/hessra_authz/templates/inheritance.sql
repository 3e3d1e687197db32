-- A query of the parent shows rows of its children by the parent's policies; one of a child asks the child's. A child
-- without policies of its own is open to whoever has been granted it.
CREATE TABLE animals (id int, name text);
CREATE TABLE cats (lives int) INHERITS (animals);
ALTER TABLE animals ENABLE ROW LEVEL SECURITY;
ALTER TABLE animals FORCE ROW LEVEL SECURITY;
ALTER TABLE cats ENABLE ROW LEVEL SECURITY;
ALTER TABLE cats FORCE ROW LEVEL SECURITY;
CREATE POLICY animals_select ON animals FOR SELECT
  USING ((SELECT hessra.hessra_row_security(current_setting('app.token', true), 'animals', 'select')));
CREATE POLICY cats_select ON cats FOR SELECT
  USING ((SELECT hessra.hessra_row_security(current_setting('app.token', true), 'animals', 'select')));
