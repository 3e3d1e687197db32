-- The answers of the two functions that verify.
PREPARE verify(text, text, text) AS
  SELECT hessra_verify_token((SELECT token FROM tokens WHERE name = $1), $2, $3);

-- Genuine, for its subject and resource alone.
EXECUTE verify('read', 'uri:urn:test:marta', 'orders');
EXECUTE verify('read', 'uri:urn:test:jonas', 'orders');
EXECUTE verify('read', 'uri:urn:test:marta', 'invoices');
EXECUTE verify('read', 'URI:urn:test:marta', 'orders');
EXECUTE verify('read', '', '');

-- Refused quietly, the second time too, when the session has seen the token.
EXECUTE verify('altered', 'uri:urn:test:marta', 'orders');
EXECUTE verify('altered', 'uri:urn:test:marta', 'orders');
EXECUTE verify('resigned', 'uri:urn:test:marta', 'orders');
EXECUTE verify('resigned', 'uri:urn:test:marta', 'orders');
EXECUTE verify('cut', 'uri:urn:test:marta', 'orders');
EXECUTE verify('expired', 'uri:urn:test:marta', 'orders');
EXECUTE verify('other key', 'uri:urn:test:argo-cli1', 'resource2');
SELECT hessra_verify_token('', 's', 'r'), hessra_verify_token('no token', 's', 'r'),
  hessra_verify_token(repeat('A', 100000), 's', 'r'), hessra_verify_token(repeat('A', 2000000), 's', 'r');
EXECUTE verify('read', 'uri:urn:test:marta', 'orders');

-- The table is the resource, the operation is compared as given.
SELECT table_name, operation, hessra_row_security(token, table_name, operation)
  FROM tokens, (VALUES ('customers', 'select'), ('customers', 'SELECT'), ('customers', 'delete'),
    ('customers_old', 'select'), ('public.customers', 'select')) AS r(table_name, operation)
  WHERE name = 'select' ORDER BY 1, 2;

-- NULL in, NULL out: a policy hides the row.
SELECT hessra_verify_token(NULL, 's', 'r') IS NULL AS token, hessra_verify_token('t', NULL, 'r') IS NULL AS subject,
  hessra_verify_token('t', 's', NULL) IS NULL AS resource;
SELECT hessra_row_security(NULL, 't', 'o') IS NULL AS token, hessra_row_security('t', NULL, 'o') IS NULL AS table_name,
  hessra_row_security('t', 't', NULL) IS NULL AS operation;

-- What an argument says is no fault of the administrator's; what is too long to be judged is an error.
\set VERBOSITY sqlstate
SELECT hessra_verify_token(token, repeat('s', 2000000), 'orders') FROM tokens WHERE name = 'read';

-- Nothing is said to the client about a refusal, whatever it asks to be told.
SET hessra.log_refusals = on;
SET client_min_messages = log;
EXECUTE verify('expired', 'uri:urn:test:marta', 'orders');
RESET client_min_messages;
RESET hessra.log_refusals;
