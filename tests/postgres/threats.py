#!/usr/bin/env python3
"""Checks docs/hessra-threat-model.md: each threat has its line, each line what stands against it, and each text in
quotes is in the file that is named before it. A line without a test says why: "no test: ...". Prints what is wrong.
"""
import pathlib
import re
import sys

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "hessra-threat-model.md"
# Words of the lines that must be there.
THREATS = """forged; altered; truncated; replayed; spliced; wrong key; user-chosen key; long transaction; prepared
statement; pooled client; logs; Datalog; huge arguments; crash in one backend; folds; pushes; error texts; search_path;
init and reload; configuration file; library path; parallel workers; subtransaction; fork; signals; dump; pg_upgrade;
standby; clock skew; revocation; cursor; EXPLAIN; TRUNCATE; old key; pg_stat_activity""".replace("\n", " ").split("; ")


def faults(text, folder):
    lines = [line for line in text.splitlines() if line.startswith("| ") and "threat |" not in line]
    rows = [line.strip("|").split(" | ") for line in lines]
    for threat in THREATS:
        if not any(threat in row[0] for row in rows):
            yield "no line about: " + threat
    for row in rows:
        if len(row) != 3 or not all(cell.strip() for cell in row):
            yield "not three cells: " + row[0]
            continue
        references = re.findall(r'\[[^\]]+\]\(([^)]+)\) "([^"]+)"', row[2])
        if not references and not re.match(r"no test: \S+ \S+", row[2].strip()):
            yield "neither a test nor a reason: " + row[0]
        for path, words in references:
            file = folder / path
            if not file.exists():
                yield "%s: no %s" % (row[0], path)
            elif words not in " ".join(re.sub(r"\n(#|--|//) ", " ", file.read_text()).split()):
                yield '%s: "%s" is not in %s' % (row[0], words, path)


def main():
    text = PAGE.read_text()
    found = list(faults(text, PAGE.parent))
    # What it must notice.
    for harm in [text.replace("| replayed token", "| another"), text.replace("block_replayed\" |", "stapled\" |"),
                 text.replace("verify.sql)", "verified.sql)"), text.replace("no test: not prevented", "")]:
        if not list(faults(harm, PAGE.parent)):
            found.append("a page with a fault passes")
    for fault in found:
        print(fault)
    print("FAIL threats" if found else "ok threats")
    return 1 if found else 0


sys.exit(main())
