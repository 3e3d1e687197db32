#!/usr/bin/env python3
"""Measures both extensions on the server in the environment, which bench.sql has prepared, and prints a table.

bench.py [PART...] does wrapped, rows, first, memory or crypt alone. The last is asherah_crypt, the others hessra_authz.
Times are medians with the quartiles beside them, in sessions that do the two things that are compared by turns.
"""
import re
import statistics
import subprocess
import sys

SESSION = ["psql", "-XAtq", "-U", "bench", "-v", "ON_ERROR_STOP=1", "postgres"]
BEGIN = "SELECT set_config('app.token', token, false) IS NULL FROM tokens WHERE kind = '%s';\n"


def timed(script):
    """Milliseconds of each statement after \\timing on."""
    out = subprocess.run(SESSION, input=script, capture_output=True, text=True, check=True).stdout
    return [float(t) for t in re.findall(r"^Time: ([\d.]+) ms", out, re.M)]


def spread(times):
    low, middle, high = statistics.quantiles(times, n=4)
    return middle, low, high


def compared(ours, other, token, rounds, settings=""):
    """Milliseconds of two tables, scanned by turns, warmed up."""
    scan = "SELECT count(*) FROM %s;\n"
    times = timed(settings + BEGIN % token + (scan % ours + scan % other) * 2 + "\\timing on\n" + (scan % ours + scan % other) * rounds)
    return spread(times[0::2]), spread(times[1::2])


def line(what, text, target=""):
    print("  %-52s %s%s" % (what, text, "  (target %s)" % target if target else ""))


def wrapped():
    print("A policy that is judged once in a statement, against one of a constant function")
    for size, rows, rounds in ("few", "10 000", 101), ("many", "200 000", 31):
        for token in "valid", "expired", "forged":
            # With a token that is refused no row is read: the other policy, which has it pass, is nothing to compare with.
            (ours, low, high), (constant, _, _) = compared(size + "_wrapped", size + "_wrapped_constant", token, rounds)
            text = "%.2f ms (%.2f to %.2f)" % (ours, low, high)
            if token == "valid":
                text += ", constant %.2f ms, ratio %.3f" % (constant, ours / constant)
            line("%s rows, %s token" % (rows, token), text, "1.1" if (size, token) == ("many", "valid") else "")


def rows():
    print("A policy that is judged for each row, less a constant function: microseconds for a call")
    for what, table, count, rounds, settings in (
        ("the same request", "many", 200_000, 7, ""),
        ("another request each time", "many", 200_000, 5, ""),
        ("the same request, no cache", "few", 10_000, 5, "SET hessra.token_cache_size = 0;\n"),
    ):
        ours = table + ("_rows_own" if what.startswith("another") else "_rows")
        for token in "valid", "expired", "forged":
            (middle, low, high), (constant, _, _) = compared(ours, table + "_rows_constant", token, rounds, settings)
            each = [(t - constant) * 1000 / count for t in (middle, low, high)]
            line("%s, %s token" % (what, token), "%.2f (%.2f to %.2f)" % tuple(each),
                 "2" if (what, token) == ("the same request", "valid") else "")


def first():
    print("The first call of a session, which loads the library and reads the configuration")
    call = "SELECT hessra_row_security(token, 'orders', 'select') FROM tokens WHERE kind = 'valid';\n"
    plain = "SELECT constant(token, 'E', 'select') FROM tokens WHERE kind = 'valid';\n"
    times = [timed(plain * 2 + "\\timing on\n" + plain + call + call) for _ in range(21)]
    for what, at, target in ("first", 1, "10 ms"), ("second", 2, ""), ("a constant function", 0, ""):
        line(what, "%.2f ms (%.2f to %.2f)" % spread([t[at] for t in times]), target)


def used(pid):
    """KiB that a process has for itself (a library's file is not among them), its share of what it has with others, its
    address space, and its threads."""
    text = open("/proc/%d/smaps_rollup" % pid).read() + open("/proc/%d/status" % pid).read()
    return [int(re.search(r"^%s:\s*(\d+)" % name, text, re.M).group(1)) for name in ("Anonymous", "Pss", "VmSize", "Threads")]


def after(statement):
    """What a session uses that has done this."""
    session = subprocess.Popen(SESSION, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
    session.stdin.write(statement + "SELECT 'pid ' || pg_backend_pid();\n")
    pid = next(int(text[4:]) for text in session.stdout if text.startswith("pid "))
    figures = used(pid)
    session.communicate("\\q\n")
    return figures


def over(ours, plain):
    """What a session uses over another one."""
    return "%.1f MB private, %.1f MB Pss over %.1f and %.1f; address space %.1f GB; %d threads, over %d" % (
        (ours[0] - plain[0]) / 1024, (ours[1] - plain[1]) / 1024, plain[0] / 1024, plain[1] / 1024,
        (ours[2] - plain[2]) / 1024 ** 2, ours[3], plain[3])


def memory():
    print("Memory of a backend, over one that does the same with the constant function")
    scan = {
        "after the first call": "SELECT {}(token, 'E', 'select') FROM tokens WHERE kind = 'valid';\n",
        "after 100 000 calls, one token": "SELECT count({}(token, 'E' || n, 'select')) FROM tokens, generate_series(1, 100000) n WHERE kind = 'valid';\n",
        "after 20 000 calls, a new token each": "SELECT count({}(token || n, 'E', 'select')) FROM tokens, generate_series(1, 20000) n WHERE kind = 'valid';\n",
    }
    for what, statement in scan.items():
        plain, ours = (after(statement.format(function)) for function in ("constant", "hessra_row_security"))
        line(what, over(ours, plain), "5 MB" if what == "after the first call" else "")


def crypt():
    print("Memory of a backend that encrypts, over one that calls the constant function")
    ours = "SELECT count(asherah_encrypt('p' || n %% %d, 'data')) FROM generate_series(1, %d) n;\n"
    plain = "SELECT count(constant('p' || n %% %d, 'E', 'data')) FROM generate_series(1, %d) n;\n"
    for what, partitions, calls in (
        ("after the first call", 1, 1),
        ("after 100 000 calls, one partition", 1, 100_000),
        ("after 100 000 calls, 300 partitions", 300, 100_000),
    ):
        line(what, over(after(ours % (partitions, calls)), after(plain % (partitions, calls))))
    print("Encryption and decryption with cached keys, less two calls of a constant function: microseconds")
    rows, rounds = 10_000, 7
    both = "SELECT count(asherah_decrypt('p', asherah_encrypt('p', 'data' || n::text::bytea))) FROM generate_series(1, %d) n;\n" % rows
    none = "SELECT count(constant('p', n::text, '') OR constant('p', n::text, '')) FROM generate_series(1, %d) n;\n" % rows
    times = timed((both + none) * 2 + "\\timing on\n" + (both + none) * rounds)
    constant = statistics.median(times[1::2])
    line("both", "%.2f (%.2f to %.2f)" % tuple((t - constant) * 1000 / rows for t in spread(times[0::2])))


for part in sys.argv[1:] or ["wrapped", "rows", "first", "memory", "crypt"]:
    {"wrapped": wrapped, "rows": rows, "first": first, "memory": memory, "crypt": crypt}[part]()
