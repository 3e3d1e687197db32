#!/usr/bin/env python3
"""Runs the cases of tests/hessra/vectors that SQL can ask through the functions of hessra_authz: hessra_cases.py.

The server is the one that psql finds in the environment, with the extension made in its database; the user is a
superuser. Each case is asked twice, by a session that keeps tokens, and once by one that keeps none. SQL has no
argument for the clock: cases with a time of their own are left out and counted, as are those whose token has no text in
the database. Tokens of other kinds that are malformed or not genuine must be refused by both functions. Prints the
cases that come out otherwise; the status is 1 then.
"""
import collections
import json
import pathlib
import subprocess
import sys

CASES = pathlib.Path(__file__).parent.parent / "hessra" / "vectors" / "cases.json"


def literal(text):
    return "E'%s'" % text.replace("\\", "\\\\").replace("'", "''")


def calls(case):
    """The calls that ask what the case does: expected answer and SQL."""
    args, token = case["args"], literal(case["token"])
    verify = "hessra_verify_token(%s, %s, %s)"
    capability = "hessra_row_security(%s, %s, %s)"
    given = {name for name, value in args.items() if value is not None}
    expected = "t" if case["expect"] == "ok" else "f"
    if case["kind"] == "verify" and given == {"subject", "resource"}:
        return [(expected, verify % (token, literal(args["subject"]), literal(args["resource"])))]
    if case["kind"] == "row_security" and given == {"table", "operation"}:
        return [(expected, capability % (token, literal(args["table"]), literal(args["operation"])))]
    if case["kind"] == "verify_capability" and given == {"resource", "operation"}:
        return [(expected, capability % (token, literal(args["resource"]), literal(args["operation"])))]
    if case["expect"] == "INVALID_TOKEN":
        texts = literal(args.get("subject") or "s"), literal(args.get("resource") or "r")
        return [("f", verify % ((token,) + texts)), ("f", capability % (token, texts[1], "'read'"))]
    return []


def script(by_key):
    yield "CREATE TEMP TABLE folder AS SELECT current_setting('data_directory') || '/hessra_cases.json' AS file;"
    for key, asked in by_key.items():
        configuration = json.dumps({"public_key": key}).encode().hex()
        yield "SELECT lo_from_bytea(0, decode('%s', 'hex')) AS object \\gset" % configuration
        yield "SELECT lo_export(:object, file) IS NULL, lo_unlink(:object) IS NULL FROM folder;"
        yield "SELECT hessra_init(file) IS NULL FROM folder;"
        for size in (32, 0):
            yield "SET hessra.token_cache_size = %d;" % size
            for name, _, call in asked:
                for _ in range(2 if size else 1):
                    yield "SELECT %s || ' ' || %s::text;" % (literal(name), call)


def main():
    by_key, counts = collections.OrderedDict(), collections.Counter()
    for case in json.loads(CASES.read_text())["cases"]:
        if "token" not in case or "public_key" not in case or case["expect"] == "INVALID_KEY":
            continue
        asked = calls(case)
        if not asked:
            continue
        if "now" in case or "\0" in case["token"]:
            counts["left out, kind %s" % case["kind"]] += 1
            continue
        counts["kind %s" % case["kind"]] += 1
        for i, (expected, call) in enumerate(asked):
            by_key.setdefault(case["public_key"], []).append(("%s/%d" % (case["name"], i), expected, call))
    run = subprocess.run(
        ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1"], input="\n".join(script(by_key)), capture_output=True, text=True
    )
    if run.returncode != 0:
        sys.exit("hessra_cases: psql: " + run.stderr[-600:])
    answers = collections.defaultdict(list)
    for line in run.stdout.splitlines():
        name, space, answer = line.rpartition(" ")
        if space:
            answers[name].append({"true": "t", "false": "f"}[answer])
    wrong = 0
    for asked in by_key.values():
        for name, expected, _ in asked:
            if answers[name] != [expected] * 3:
                wrong += 1
                print("FAIL %s: %s, not %s" % (name, answers[name], expected))
    for name, count in sorted(counts.items()):
        print("%d cases: %s" % (count, name))
    # Of the kinds that the functions are made for none may be missing without anybody noticing.
    assert counts["kind verify"] == 13 and counts["kind row_security"] == 3, counts
    sys.exit(wrong != 0)


if __name__ == "__main__":
    main()
