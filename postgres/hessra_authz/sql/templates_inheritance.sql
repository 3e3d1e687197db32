\set schema templates_inheritance
\set source `echo "${PG_ABS_SRCDIR:-.}"`
\set setup :source/data/templates.psql
\i :setup
\set template :source/templates/inheritance.sql
\i :template
GRANT SELECT ON animals, cats TO regress_hessra_app;
RESET SESSION AUTHORIZATION;
INSERT INTO animals VALUES (1, 'dog');
INSERT INTO cats VALUES (2, 'cat', 9);
SET ROLE regress_hessra_app;
SELECT count(*) FROM animals;
SELECT count(*) FROM ONLY animals;
SELECT count(*) FROM cats;
BEGIN;
SET LOCAL app.token = :'animals_select';
SELECT * FROM animals ORDER BY id;
SELECT * FROM ONLY animals;
SELECT * FROM cats;
COMMIT;
RESET ROLE;
-- What the policy of the child is for.
ALTER TABLE cats DISABLE ROW LEVEL SECURITY;
SET ROLE regress_hessra_app;
SELECT count(*) FROM animals;
SELECT count(*) FROM cats;
\set end :source/data/templates_end.psql
\i :end
