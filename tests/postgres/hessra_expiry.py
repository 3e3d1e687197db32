#!/usr/bin/env python3
"""Asks about a token until it has expired, in one transaction that began before: hessra_expiry.py TOKENS.

TOKENS is the program of tests/hessra/bench/tokens. Neither the cache of tokens nor the verdicts that a session keeps
for a second may answer after the token's end, nor may the transaction's clock. Prints ok or what was wrong.
"""
import base64
import json
import subprocess
import sys
import time

SCRIPT = """
SELECT lo_from_bytea(0, decode('{configuration}', 'hex')) AS object,
  current_setting('data_directory') || '/hessra_expiry.json' AS file \\gset
SELECT lo_export(:object, :'file'), lo_unlink(:object), hessra_init(:'file');
PREPARE asked AS SELECT hessra_row_security('{token}', 'orders', 'read');
SET plan_cache_mode = force_generic_plan;
EXECUTE asked;
DO $$
DECLARE
  the_end timestamptz := to_timestamp({expiry}); began timestamptz; ended timestamptz;
  answer boolean; allowed int := 0; refused int := 0;
BEGIN
  LOOP
    began := clock_timestamp();
    answer := hessra_verify_token('{token}', 'marta', 'orders');
    ended := clock_timestamp();
    IF answer AND began >= the_end THEN
      RAISE EXCEPTION 'allowed % after the end', began - the_end;
    ELSIF NOT answer AND ended < the_end THEN
      RAISE EXCEPTION 'refused % before the end', the_end - ended;
    END IF;
    IF answer THEN allowed := allowed + 1; ELSE refused := refused + 1; END IF;
    EXIT WHEN ended > the_end + interval '1.2 s';
  END LOOP;
  IF allowed < 2 OR refused < 2 OR now() >= the_end THEN
    RAISE EXCEPTION 'nothing was seen: % allowed, % refused', allowed, refused;
  END IF;
END
$$;
EXECUTE asked;
"""


def main():
    # Time for the session to begin; more where the machine is busy.
    for ahead in (3, 10, 30):
        expiry = int(time.time()) + ahead
        line = subprocess.run([sys.argv[1], str(expiry)], capture_output=True, text=True, check=True).stdout.split("\n")[0]
        _, _, key, token, _ = line.split(" ")
        configuration = json.dumps({"public_key": base64.b64decode(key).decode()}).encode().hex()
        text = SCRIPT.format(configuration=configuration, token=token, expiry=expiry)
        run = subprocess.run(
            ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1"], input=text, capture_output=True, text=True, timeout=120
        )
        if "nothing was seen" in run.stderr:
            continue
        # The prepared statement's plan is of before the end.
        if run.returncode != 0 or not run.stdout.endswith("t\nt\nf\n"):
            sys.exit("FAIL hessra_expiry: " + run.stderr[-600:] + run.stdout[-200:])
        print("ok hessra_expiry")
        return
    sys.exit("FAIL hessra_expiry: the machine is too busy: " + run.stderr[-600:])


if __name__ == "__main__":
    main()
