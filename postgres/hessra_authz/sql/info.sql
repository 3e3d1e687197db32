-- What an administrator is told about a token.
SELECT name, i->'well_formed' AS well_formed, i->'genuine' AS genuine, split_part(i->>'reason', ':', 1) AS reason,
    jsonb_array_length(i->'revocation_ids') AS ids, i->'revocation_ids'->>0 ~ '^[0-9a-f]{100,}$' AS hex
  FROM tokens, hessra_token_info(token) AS i ORDER BY name;
SELECT i->'well_formed' AS well_formed, i ? 'genuine' AS genuine, split_part(i->>'reason', ':', 1) AS reason,
    i ? 'revocation_ids' AS ids
  FROM (VALUES (''), ('x'), (E'"\n\\'), (repeat('A', 2000000))) AS t(token), hessra_token_info(token) AS i;
SELECT hessra_token_info(NULL) IS NULL AS nothing;
-- The token itself is not in it.
SELECT bool_or(position(left(token, 40) IN hessra_token_info(token)::text) > 0) AS token FROM tokens;
