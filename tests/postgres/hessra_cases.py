#!/usr/bin/env python3
"""Runs the cases of tests/hessra/vectors that SQL can ask through the functions of hessra_authz: hessra_cases.py LOG

The server is the one that psql finds in the environment, with the extension made in its database; the user is a
superuser, and LOG the file of the server's log. Each case is asked twice, by a session that keeps tokens, and once by
one that keeps none. SQL has no argument for the clock: cases with a time of their own are left out and counted, as are
those whose token has no text in the database. Tokens that are malformed, not genuine must be refused by both functions,
whatever kind the case is of, and so must those that a limit or an error of an expression stops, for that reason. Prints
the cases that come out otherwise; the status is 1 then.
"""
import collections
import json
import pathlib
import re
import subprocess
import sys

CASES = pathlib.Path(__file__).parent.parent / "hessra" / "vectors" / "cases.json"
# hessra_row_security does not ask for the subject, hessra_verify_token not for the operation.
OF_SUBJECT = set(
    "wrong_subject empty_subject subject_prefix subject_case right_without_check no_unicode_normalisation"
    " argument_is_data_not_code block_cannot_add_subject published_argo_cli0_access_resource1".split()
)
OF_OPERATION = set(
    "wrong_operation empty_operation two_rights_not_crossed verify_custom_operation_by_name_ok sealed_wrong_operation"
    " attenuation_other_operation third_party_check_binds reject_if_ok".split()
)
# How many cases of each kind are asked: none may be lost without anybody noticing.
ASKED = {"verify": 13, "row_security": 3, "verify_capability": 7, "verify_operation": 165, "parse": 3}
# What ends any verification of a genuine token, in the word that the log has for it too.
REASONS = {"limit": 6, "expression": 11}


def literal(text):
    return "E'%s'" % text.replace("\\", "\\\\").replace("'", "''")


def calls(case):
    """The calls that ask what the case does: expected answer and SQL."""
    args = {name: value for name, value in case["args"].items() if value is not None}
    token, given = literal(case["token"]), set(args)
    verify = "hessra_verify_token(%s, %s, %s)"
    capability = "hessra_row_security(%s, %s, %s)"
    expected = "t" if case["expect"] == "ok" else "f"
    if case["kind"] == "verify" and given == {"subject", "resource"}:
        return [(expected, verify % (token, literal(args["subject"]), literal(args["resource"])))]
    if case["kind"] == "row_security" and given == {"table", "operation"}:
        return [(expected, capability % (token, literal(args["table"]), literal(args["operation"])))]
    if case["kind"] == "verify_capability" and given == {"resource", "operation"}:
        return [(expected, capability % (token, literal(args["resource"]), literal(args["operation"])))]
    operation = case["kind"] == "verify_operation" and given == {"subject", "resource", "operation"}
    if operation or case["expect"] == "INVALID_TOKEN" or case.get("detail") in REASONS:
        subject, resource = literal(args.get("subject", "s")), literal(args.get("resource", "r"))
        both = [
            (OF_OPERATION, verify % (token, subject, resource)),
            (OF_SUBJECT, capability % (token, resource, literal(args.get("operation", "read")))),
        ]
        return [(expected, call) for left_out, call in both if case["name"] not in left_out]
    return []


def script(by_key):
    yield "CREATE TEMP TABLE folder AS SELECT current_setting('data_directory') || '/hessra_cases.json' AS file;"
    # The longest takes milliseconds.
    yield "SET statement_timeout = '20s'; SET hessra.log_refusals = on;"
    for key, asked in by_key.items():
        configuration = json.dumps({"public_key": key}).encode().hex()
        yield "SELECT lo_from_bytea(0, decode('%s', 'hex')) AS object \\gset" % configuration
        yield "SELECT lo_export(:object, file) IS NULL, lo_unlink(:object) IS NULL FROM folder;"
        yield "SELECT hessra_init(file) IS NULL FROM folder;"
        for size in (32, 0):
            yield "SET hessra.token_cache_size = %d;" % size
            for name, _, _, call in asked:
                for _ in range(2 if size else 1):
                    yield "SELECT %s || ' ' || %s::text;" % (literal(name), call)


def ask(by_key, log):
    """The answers, each the name of a question and t or f, and the reasons of those that are f."""
    before = log.stat().st_size
    command, text = ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1"], "\n".join(script(by_key))
    try:
        run = subprocess.run(command, input=text, capture_output=True, text=True, timeout=180)
    except subprocess.TimeoutExpired as expired:
        sys.exit("hessra_cases: psql does not come back, after " + (expired.stdout or b"")[-60:].decode())
    if run.returncode != 0:
        sys.exit("hessra_cases: psql: " + run.stderr[-600:])
    answers = []
    for line in run.stdout.splitlines():
        name, space, answer = line.rpartition(" ")
        if space:
            answers.append((name, {"true": "t", "false": "f"}[answer]))
    lines = log.read_bytes()[before:].decode()
    return answers, re.findall(r"hessra_authz refused a token: .*?, reason (\w+)$", lines, re.M | re.S)


def main():
    by_key, counts, reasons = collections.OrderedDict(), collections.Counter(), collections.Counter()
    for case in json.loads(CASES.read_text())["cases"]:
        if "token" not in case or "public_key" not in case or case["expect"] == "INVALID_KEY":
            continue
        asked = calls(case)
        if not asked:
            continue
        if "now" in case or "\0" in case["token"]:
            counts["left out, " + case["kind"]] += 1
            continue
        counts[case["kind"]] += 1
        reasons[case.get("detail")] += 1
        for i, (expected, call) in enumerate(asked):
            question = ("%s/%d" % (case["name"], i), expected, case.get("detail"), call)
            by_key.setdefault(case["public_key"], []).append(question)
    answers, logged = ask(by_key, pathlib.Path(sys.argv[1]))
    refused = [name for name, answer in answers if answer == "f"]
    assert len(refused) == len(logged), "%d refusals, %d in the log" % (len(refused), len(logged))
    wrong = 0
    for name, expected, detail, _ in (question for asked in by_key.values() for question in asked):
        got = [answer for question, answer in answers if question == name]
        why = {word for question, word in zip(refused, logged) if question == name}
        if got != [expected] * 3 or detail in REASONS and why != {detail}:
            wrong += 1
            print("FAIL %s: %s %s, not %s %s" % (name, got, sorted(why), expected, detail or ""))
    # Tokens that are spliced of genuine blocks are among them.
    names = {name.rpartition("/")[0] for name, _ in answers}
    assert {"block_from_other_token", "third_party_block_replayed"} <= names
    for kind, count in sorted(counts.items()):
        print("%d cases: %s" % (count, kind))
    for what, asked, least in ("kind", counts, ASKED), ("reason", reasons, REASONS):
        for name, count in least.items():
            if asked[name] < count:
                wrong += 1
                print("FAIL %s %s: %d cases are asked, not %d" % (what, name, asked[name], count))
    sys.exit(wrong != 0)


if __name__ == "__main__":
    main()
