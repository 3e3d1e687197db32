-- What pgbench runs for each transaction of the storm: a token of one of three kinds, and what it must show.
\set kind random(1, 3)
BEGIN;
SELECT set_config('app.token', token, true) IS NULL FROM storm.tokens WHERE kind = :kind;
SELECT storm.expect(:kind, count(*)) FROM storm.orders;
SELECT storm.expect(:kind, count(*)) FROM storm.lines;
COMMIT;
