-- What the kernel knows of this backend's signals, before and after libasherah is in it. 32 and 33 are the C
-- library's, for threads, which handles them from the first thread on even where they were ignored.
CREATE FUNCTION test.signals(field text) RETURNS bit(64) LANGUAGE sql AS $$
  SELECT ('x' || substring(pg_read_file('/proc/self/status', 0, 10000) FROM field || ':\s*([0-9a-f]+)'))::bit(64)
    & ~(3::bit(64) << 31)
$$;
CREATE FUNCTION test.threads() RETURNS int LANGUAGE sql AS $$
  SELECT substring(pg_read_file('/proc/self/status', 0, 10000) FROM 'Threads:\s*([0-9]+)')::int
$$;
SELECT test.signals('SigBlk') AS blocked, test.signals('SigIgn') AS ignored, test.signals('SigCgt') AS caught, test.threads() AS threads \gset
SELECT asherah_encrypt('p', 'x') IS NOT NULL AS loaded;
SELECT test.threads() > :threads AS has_threads;
SELECT test.signals('SigBlk') = :'blocked' AS blocked, test.signals('SigIgn') = :'ignored' AS ignored;
-- SIGBUS and SIGSEGV, which had no handler.
SELECT array_agg(n ORDER BY n) AS caught_now FROM generate_series(1, 31) n
  WHERE substring(test.signals('SigCgt') # :'caught'::bit(64) FROM 65 - n FOR 1) = B'1';
