-- The token is set for a transaction and is gone at its end, commit or rollback: the next user of a pooled connection
-- does not have it. It is a parameter of the statement, since the text of SET would go to logs and statistics.
PREPARE use_token(text) AS SELECT pg_catalog.set_config('app.token', $1, true) IS NOT NULL AS set;
