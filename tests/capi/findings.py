#!/usr/bin/env python3
"""Prints what valgrind found, without what it cannot know: findings.py LOG...

Go's memory is a part of what the process has mapped, which memcheck takes for accessible and defined until a stack
pointer moves there. Goroutine stacks lie close together, and a switch from one to another is taken for calls and
returns: live parts of that memory then pass for unused, and what is near for a thread's stack. So three kinds are left
out: accesses, whoever makes them, to mapped memory that is neither a stack nor from malloc(), those of Go's own code to
what is taken for a stack, and Go's own use of values that pass for undefined because they were made there. What remains
are accesses to the C heap, to nothing, and of C code to stacks; undefined values in C code, which gets all results; and
leaks. The status is 1 if anything remains.
"""
import re
import sys

GO_MEMORY = re.compile(r"^ Address 0x\w+ is in a rw- anonymous segment$", re.M)
UNDEFINED = re.compile(r"\A(Conditional jump or move depends on uninitialised|Use of uninitialised value)")
STACK = re.compile(r"^ Address 0x\w+ is on thread \d+'s stack$", re.M)
# Go's functions have a package before a dot, but for some in assembly, whose files end in a small s. In C only the parts
# that the compiler makes of functions have dots, and files of assembly end in a capital S.
GO_CODE = re.compile(
    r"\A[^\n]*\n   at 0x\w+: (?:(?!\w+\.(?:part|cold|constprop|isra)\b)[^\s(]*\.|[^\n]*\(\w+\.(?:go|s):\d+\)$)", re.M
)
# Valgrind says once that it goes on in less detail, by itself and not as a finding.
NOTICE = re.compile(r"^More than \d+ errors detected\.  Subsequent errors\nwill still be recorded, .*\n", re.M)


def findings(log):
    """The paragraphs of a log, without the process number that begins each line."""
    text = re.sub(r"^==\d+== ?", "", log, flags=re.M)
    text = re.sub(r"^(get_Form|--\d+--).*\n", "", text, flags=re.M)  # about debug information
    text = re.sub(r"^Thread \d+.*:\n", "", text, flags=re.M)
    text = NOTICE.sub("", text)
    return [paragraph for paragraph in re.split(r"\n\s*\n", text) if paragraph.strip()]


def of_go(finding):
    not_known = UNDEFINED.match(finding) or STACK.search(finding)
    return GO_MEMORY.search(finding) or not_known and GO_CODE.match(finding)


def main():
    left = []
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8", errors="replace") as file:
            left += [finding for finding in findings(file.read()) if not of_go(finding)]
    for finding in left:
        print(finding, end="\n\n")
    sys.exit(bool(left))


if __name__ == "__main__":
    main()
