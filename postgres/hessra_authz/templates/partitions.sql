-- A query of the parent is bound by the parent's policies alone, one of a partition by the partition's: each partition
-- gets both, or nobody gets rights on it. Here: both.
CREATE TABLE events (id int, day date NOT NULL, note text) PARTITION BY RANGE (day);
CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
-- Run it again after a partition was added: each part has row-level security in force and these two policies then.
-- Another policy of a part stays, and lets through what it did, unless it is RESTRICTIVE.
DO $$
DECLARE
  part regclass;
BEGIN
  FOR part IN SELECT relid FROM pg_catalog.pg_partition_tree('events') LOOP
    EXECUTE pg_catalog.format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', part);
    EXECUTE pg_catalog.format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', part);
    IF NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = part::oid AND polname = 'events_select') THEN
      EXECUTE pg_catalog.format($policy$CREATE POLICY events_select ON %s FOR SELECT USING
        ((SELECT hessra.hessra_row_security(current_setting('app.token', true), 'events', 'select')))$policy$, part);
    END IF;
    IF NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = part::oid AND polname = 'events_insert') THEN
      EXECUTE pg_catalog.format($policy$CREATE POLICY events_insert ON %s FOR INSERT WITH CHECK
        ((SELECT hessra.hessra_row_security(current_setting('app.write_token', true), 'events', 'insert')))$policy$,
        part);
    END IF;
  END LOOP;
END $$;
