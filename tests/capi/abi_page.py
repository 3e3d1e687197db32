#!/usr/bin/env python3
"""The tables of docs/abi.md that follow from other files, between markers:

    abi_page.py REPOSITORY             are they up to date?
    abi_page.py --update REPOSITORY    brings them up to date

Statuses and codes come from include/asherah.h; the column "what to do" is written by hand in the page, and kept.
Functions come from the header and released-abi.txt, defaults from docs/configuration.md.
"""
import pathlib
import re
import sys

import abi

UNWRITTEN = "?"


def cell(text):
    return text.replace("|", "\\|")


def remedies(old):
    """Name of a status -> what to do, from the page as it is."""
    return dict(re.findall(r"^\| `(ASHERAH_\w+)` \| .* \| ([^|]*) \|$", old, flags=re.M))


def numbers(items, known, belongs):
    lines = ["| name | number | cause | what to do |", "|---|---|---|---|"]
    for item in items:
        if item.kind == "constant" and belongs(item.name):
            comment = item.comment if not item.name.endswith("_OK") else "Success."
            lines.append(f"| `{item.name}` | {item.text} | {cell(comment)} | {known.get(item.name, UNWRITTEN)} |")
    return lines


def versions(released):
    """Name of a function -> version of the ABI that brought it."""
    version, found = None, {}
    for line in released.splitlines():
        heading = re.fullmatch(r"# ABI version (\d+)", line)
        if heading:
            version = heading.group(1)
        elif line.startswith("function "):
            found[re.search(r"(\w+)\(", line).group(1)] = version
    return found


def functions(items, released):
    since = versions(released)
    lines, section = ["| function | since | part of the header |", "|---|---|---|"], None
    for item in items:
        if item.kind == "function":
            lines.append(f"| `{item.name}` | {since.get(item.name, UNWRITTEN)} | "
                         f"{item.section if item.section != section else ''} |")
            section = item.section
    return lines


def defaults(configuration):
    """The rows of the last table where an entry point has a default of its own."""
    rows = re.findall(r"^\| (`\w+`) \| [^|]* \| [^|]* \| ([^|]*) \| ([^|]*) \| ([^|]*) \|$", configuration, flags=re.M)
    lines = ["| field | `asherah_*` | Cobhan | C# |", "|---|---|---|---|"]
    return lines + [f"| {name} | {ours} | {cobhan} | {csharp} |" for name, ours, cobhan, csharp in rows
                    if cobhan.strip() or csharp.strip()]


def page(old, header, released, configuration):
    items, known = abi.parse(header), remedies(old)
    parts = {
        "statuses": numbers(items, known, lambda name: re.match("ASHERAH_(OK$|ERROR_|HOST_STATUS$)", name)),
        "codes": numbers(items, known, lambda name: name.startswith("ASHERAH_COBHAN_")),
        "functions": functions(items, released),
        "defaults": defaults(configuration),
    }
    new = old
    for name, lines in parts.items():
        assert len(lines) > 5, f"{name}: a source has changed its form"
        begin, end = f"<!-- {name}: tests/capi/abi_page.py --update -->\n", f"<!-- end of {name} -->"
        assert old.count(begin) == 1 and old.count(end) == 1, f"docs/abi.md has no place for {name}"
        head, rest = new.split(begin)
        new = head + begin + "".join(f"{line}\n" for line in lines) + end + rest.split(end, 1)[1]
    return new


def main():
    update = sys.argv[1] == "--update" and bool(sys.argv.pop(1))
    root = pathlib.Path(sys.argv[1])
    path = root / "docs/abi.md"
    old = path.read_text(encoding="utf-8")
    sources = [root / "include/asherah.h", root / "tests/capi/released-abi.txt", root / "docs/configuration.md"]
    new = page(old, *(source.read_text(encoding="utf-8") for source in sources))
    if update:
        path.write_text(new, encoding="utf-8")
    unwritten = re.findall(rf"^\| `(\w+)` \|.*\| {re.escape(UNWRITTEN)} \|", new, flags=re.M)
    problems = [f"nobody has written what to do about {name}" for name in unwritten]
    if new != (new if update else old):
        problems.append("run tests/capi/abi_page.py --update .")
    print(f"FAIL abi.md: {'; '.join(problems)}" if problems else "ok abi.md is up to date")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
