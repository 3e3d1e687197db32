-- What an administrator is told about a token.
SELECT name, i->'well_formed' AS well_formed, i->'genuine' AS genuine, split_part(i->>'reason', ':', 1) AS reason,
    i->'sealed' AS sealed, jsonb_array_length(i->'blocks') AS blocks,
    to_timestamp((i->'blocks'->0->>'expiry')::bigint) AT TIME ZONE 'UTC' AS expiry
  FROM tokens, hessra_token_info(token) AS i ORDER BY name;
SELECT b->>'version' AS version, b->>'signed_by' IS NULL AS own, b->>'revocation_id' ~ '^[0-9a-f]{100,}$' AS id
  FROM tokens, jsonb_array_elements(hessra_token_info(token)->'blocks') AS b WHERE name IN ('select', 'long');
SELECT i->'well_formed' AS well_formed, i ? 'genuine' AS genuine, split_part(i->>'reason', ':', 1) AS reason,
    i ? 'blocks' AS blocks
  FROM (VALUES (''), ('x'), (E'"\n\\'), (repeat('A', 2000000))) AS t(token), hessra_token_info(token) AS i;
SELECT hessra_token_info(NULL) IS NULL AS nothing;
-- The token itself is not in it.
SELECT bool_or(position(left(token, 40) IN hessra_token_info(token)::text) > 0) AS token FROM tokens;
