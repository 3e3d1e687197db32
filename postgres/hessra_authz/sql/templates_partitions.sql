\set schema templates_partitions
\set source `echo "${PG_ABS_SRCDIR:-.}"`
\set setup :source/data/templates.psql
\i :setup
\set template :source/templates/partitions.sql
\i :template
GRANT SELECT, INSERT ON events, events_2025, events_2026 TO regress_hessra_app;
SELECT relname, relrowsecurity, relforcerowsecurity, (SELECT count(*) FROM pg_policy WHERE polrelid = c.oid) AS policies
  FROM pg_class c WHERE relnamespace = 'templates_partitions'::regnamespace ORDER BY relname;
RESET SESSION AUTHORIZATION;
INSERT INTO events VALUES (1, '2025-05-01', 'first'), (2, '2026-05-01', 'second');
SET ROLE regress_hessra_app;
SELECT count(*) FROM events;
SELECT count(*) FROM events_2026;
BEGIN;
SET LOCAL app.token = :'events_select';
SELECT * FROM events ORDER BY id;
SELECT * FROM events_2026;
-- The subquery of the policy runs once, not once for a partition.
SELECT calls FROM pg_stat_xact_user_functions WHERE funcname = 'hessra_row_security';
SET LOCAL app.token = :'orders_select';
SELECT count(*) FROM events;
SELECT count(*) FROM events_2026;
COMMIT;
BEGIN;
SET LOCAL app.write_token = :'events_insert';
INSERT INTO events VALUES (3, '2026-06-01', 'third');
INSERT INTO events_2025 VALUES (4, '2025-06-01', 'fourth');
COMMIT;
INSERT INTO events VALUES (5, '2026-06-01', 'fifth');
INSERT INTO events_2025 VALUES (5, '2025-06-01', 'fifth');
RESET ROLE;
-- A partition that is added without policies is open to who has been granted it, until the statement runs again.
SET SESSION AUTHORIZATION regress_hessra_owner;
CREATE TABLE events_2027 PARTITION OF events FOR VALUES FROM ('2027-01-01') TO ('2028-01-01');
GRANT SELECT ON events_2027 TO regress_hessra_app;
-- So is one with a policy that is not in force.
CREATE TABLE events_2028 PARTITION OF events FOR VALUES FROM ('2028-01-01') TO ('2029-01-01');
CREATE POLICY positive ON events_2028 AS RESTRICTIVE USING (id > 0);
GRANT SELECT ON events_2028 TO regress_hessra_app;
RESET SESSION AUTHORIZATION;
INSERT INTO events VALUES (6, '2027-05-01', 'sixth'), (7, '2028-05-01', 'seventh');
SET ROLE regress_hessra_app;
SELECT count(*) FROM events_2027;
SELECT count(*) FROM events_2028;
SELECT count(*) FROM events;
RESET ROLE;
-- That statement is the DO of the template.
\set part `sed -n '/^DO /,$p' "${PG_ABS_SRCDIR:-.}/templates/partitions.sql"`
:part
SELECT relname, relrowsecurity, relforcerowsecurity, (SELECT count(*) FROM pg_policy WHERE polrelid = c.oid) AS policies
  FROM pg_class c WHERE relnamespace = 'templates_partitions'::regnamespace ORDER BY relname;
SET ROLE regress_hessra_app;
SELECT count(*) FROM events_2027;
SELECT count(*) FROM events_2028;
BEGIN;
SET LOCAL app.token = :'events_select';
SELECT * FROM events_2028;
COMMIT;
\set end :source/data/templates_end.psql
\i :end
