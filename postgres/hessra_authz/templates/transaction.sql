-- The token is set for a transaction and is gone at its end, commit or rollback: the next user of a pooled connection
-- does not have it. It is a parameter of the protocol, which the driver sends beside the text: the text of a statement
-- goes to logs, statistics and pg_stat_activity, that of SET as well as that of EXECUTE in SQL.
BEGIN;
SELECT pg_catalog.set_config('app.token', $1, true);
SELECT * FROM orders;
COMMIT;
