#!/usr/bin/env python3
"""Compares the built library, include/asherah.h and internal/envelope/error.go: symbols.py LIBRARY REPOSITORY"""
import ctypes
import pathlib
import re
import subprocess
import sys

import abi

failed = False


def report(name, problems):
    global failed
    if problems:
        failed = True
        print(f"FAIL {name}: {'; '.join(problems)}")
    else:
        print(f"ok {name}")


def exported(library):
    out = subprocess.run(["nm", "-D", "--defined-only", "--format=posix", library], check=True, capture_output=True,
                         text=True)
    return {line.split()[0].split("@")[0] for line in out.stdout.splitlines() if line}


def differences(ours, theirs, what):
    return [f"only in {what}: {name}" for name in sorted(theirs - ours)] + \
           [f"not in {what}: {name}" for name in sorted(ours - theirs)]


def go_codes(source):
    """BUFFER_TOO_SMALL -> -13, from the Go names. Two Go names differ from the statuses' by more than their case."""
    spelled = {"MetastoreFailed": "METASTORE", "KMSFailed": "KMS"}
    found = {}
    for name, value in re.findall(r"^\t(\w+)\s+Code = (-?\d+)$", source, flags=re.M):
        snake = spelled.get(name) or re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).upper()
        found[snake] = int(value)
    return found


def main():
    library, repository = sys.argv[1], pathlib.Path(sys.argv[2])
    header = (repository / "include/asherah.h").read_text(encoding="utf-8")
    items = abi.parse(header)
    functions = set(abi.by_kind(items, "function"))
    numbers = {name: int(item.text) for name, item in abi.by_kind(items, "constant").items()}
    statuses = {name.removeprefix("ASHERAH_ERROR_").removeprefix("ASHERAH_"): value for name, value in numbers.items()
                if name.startswith("ASHERAH_ERROR_") or name == "ASHERAH_OK"}
    exports = len(re.findall(r"^ASHERAH_EXPORT ", header, flags=re.M))
    assert len(functions) == exports > 60 and len(statuses) > 15, "abi.py no longer understands the header"

    symbols = exported(library)
    report("symbols: nm -D against the header", differences(functions, symbols, "the library"))
    # The comparison sees one too many and one too few.
    blind = [name for name in functions if not differences(functions - {name}, symbols, "the library")
             or not differences(functions, symbols - {name}, "the library")]
    report("symbols: one missing or one more shows", [f"not {name}" for name in blind])

    codes = go_codes((repository / "internal/envelope/error.go").read_text(encoding="utf-8"))
    report("symbols: statuses of the header and of error.go",
           [f"{name} is {statuses.get(name)} in the header, {codes.get(name)} in Go"
            for name in sorted(statuses.keys() | codes.keys()) if statuses.get(name) != codes.get(name)])

    dll = ctypes.CDLL(library)
    dll.asherah_version.restype = ctypes.c_char_p
    dll.asherah_status_name.restype = ctypes.c_char_p
    version = re.search(r'#define ASHERAH_VERSION "([^"]+)"', header).group(1)
    problems = []
    if dll.asherah_version().decode() != version:
        problems.append(f"asherah_version() is {dll.asherah_version().decode()}, ASHERAH_VERSION {version}")
    if dll.asherah_abi_version() != numbers["ASHERAH_ABI_VERSION"]:
        problems.append(f"asherah_abi_version() is {dll.asherah_abi_version()}")
    report("symbols: versions of library and header", problems)

    names = {value: name for name, value in statuses.items()}
    expected = {number: names.get(number, "UNKNOWN") for number in (*range(-40, 40), 2**31 - 1, -2**31)}
    report("symbols: asherah_status_name", [f"{number} is {dll.asherah_status_name(number).decode()}, not {name}"
                                            for number, name in expected.items()
                                            if dll.asherah_status_name(number).decode() != name])

    sys.exit(failed)


if __name__ == "__main__":
    main()
