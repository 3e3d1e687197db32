#!/usr/bin/env python3
"""What bindings have been told, released-abi.txt, against a header:

    released.py HEADER LIST [BUILD_DIR]     is it all there, unchanged, and is nothing missing in the list?
    released.py --add HEADER LIST           adds what is new to the list, under the header's ABI version
    released.py --try HEADER LIST           does a change of the header show?

The list is compared with the header's text and, by a program that is generated from it, with what C11 and C++17
compilers see. A line of the list is one of
    function <prototype>                 without names of parameters
    type <name> <pointer to function>
    constant <name> <number>
    struct <name> <size>
    member <struct>.<name> <offset> <type>
"""
import pathlib
import re
import subprocess
import sys
import tempfile

import abi

COMPILERS = {"C11": ["gcc", "-x", "c", "-std=c11"], "C++17": ["g++", "-x", "c++", "-std=c++17"]}
FLAGS = ["-Wall", "-Wextra", "-pedantic", "-Werror", "-DASHERAH_COBHAN"]
OWN_VERSION = "ASHERAH_ABI_VERSION"  # grows

PRELUDE = """
#ifdef __cplusplus
#include <type_traits>
#include <utility>
#define ASSERT(condition, name) static_assert(condition, name)
#define HAS_TYPE(thing, ...) (std::is_same<std::decay<decltype(thing)>::type, __VA_ARGS__>::value)
#define MEMBER(type, member) std::declval<type &>().member
#else
#define ASSERT(condition, name) _Static_assert(condition, name)
#define HAS_TYPE(thing, ...) _Generic((thing), __VA_ARGS__: 1, default: 0)
#define MEMBER(type, member) ((type *)0)->member
#endif
"""


def without_layout(items):
    """The lines of a header but for sizes and offsets, which are a compiler's."""
    lines = {}
    for item in items:
        if item.kind == "function":
            lines[f"function {item.text}"] = item
        elif item.kind == "type":
            lines[f"type {item.name} {item.text}"] = item
        elif item.kind == "constant" and item.name != OWN_VERSION:
            lines[f"constant {item.name} {item.text}"] = item
        elif item.kind == "struct":
            lines[f"struct {item.name}"] = item
            lines.update({f"member {item.name}.{name} {kind}": item for name, kind in item.members})
    return lines


def released(text):
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def stripped(line):
    """A line of the list without the layout."""
    if line.startswith("struct "):
        return line.rsplit(" ", 1)[0]
    if line.startswith("member "):
        return re.sub(r"^(member \S+) \d+ ", r"\1 ", line)
    return line


def textual(items, lines):
    now = without_layout(items)
    known = {stripped(line) for line in lines}
    return [f"gone: {line}" for line in lines if stripped(line) not in now] + \
           [f"not in the list (released.py --add): {line}" for line in now if line not in known]


def assertion(line):
    kind, rest = line.split(" ", 1)
    name = f'"{line}"'
    if kind == "function":
        result, function, parameters = re.fullmatch(r"(.*?)(\w+)\((.*)\)", rest).groups()
        return f"ASSERT(HAS_TYPE(&{function}, {result}(*)({parameters})), {name});"
    first, *others = rest.split(" ")
    if kind == "type":
        return f"ASSERT(HAS_TYPE(({first})0, {' '.join(others)}), {name});"
    if kind == "constant":
        return f"ASSERT(({first}) == ({others[0]}), {name});"
    if kind == "struct":
        return f"ASSERT(sizeof({first}) == {others[0]}, {name});"
    struct, member = first.split(".")
    return f"ASSERT(offsetof({struct}, {member}) == {others[0]}, {name});\n" \
           f"ASSERT(HAS_TYPE(MEMBER({struct}, {member}), {' '.join(others[1:])}), {name});"


def program(lines):
    return f'#include "asherah.h"\n{PRELUDE}\n' + "\n".join(assertion(line) for line in lines) + "\n"


def compiled(header, lines, compilers=COMPILERS):
    """What compilers say of the list: a problem for each that is not content."""
    problems = []
    with tempfile.TemporaryDirectory() as directory:
        (pathlib.Path(directory) / "asherah.h").write_text(header, encoding="utf-8")
        source = pathlib.Path(directory) / "released.c"
        source.write_text(program(lines), encoding="utf-8")
        for language in compilers:
            command = [*COMPILERS[language], *FLAGS, f"-I{directory}", "-fsyntax-only", str(source)]
            run = subprocess.run(command, capture_output=True, text=True, timeout=120)
            if run.returncode:
                errors = [line.split("error: ", 1)[1] for line in run.stderr.splitlines() if "error: " in line]
                problems.append(f"{language}: {(errors or [run.stderr])[0]}")
    return problems


def check(header, lines):
    return textual(abi.parse(header), lines) or compiled(header, lines)


def layout(header, items):
    """Sizes and offsets as the C compiler sees them."""
    asked = []
    for item in items:
        if item.kind == "struct":
            asked.append((f"struct {item.name}", f"sizeof({item.name})"))
            asked += [(f"member {item.name}.{name} {kind}", f"offsetof({item.name}, {name})")
                      for name, kind in item.members]
    with tempfile.TemporaryDirectory() as directory:
        (pathlib.Path(directory) / "asherah.h").write_text(header, encoding="utf-8")
        source, binary = pathlib.Path(directory) / "layout.c", pathlib.Path(directory) / "layout"
        prints = "\n".join(f'printf("%zu\\n", {expression});' for _, expression in asked)
        source.write_text(f'#include "asherah.h"\n#include <stdio.h>\nint main(void) {{\n{prints}\n}}\n',
                          encoding="utf-8")
        subprocess.run(["gcc", f"-I{directory}", "-o", str(binary), str(source)], check=True)
        numbers = subprocess.run([str(binary)], check=True, capture_output=True, text=True).stdout.split()
    return {line: number for (line, _), number in zip(asked, numbers)}


def add(header, path):
    items = abi.parse(header)
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    known = {stripped(line) for line in released(text)}
    numbers = layout(header, items)
    new = []
    for line in without_layout(items):
        if line in known:
            continue
        if line.startswith("struct "):
            line = f"{line} {numbers[line]}"
        elif line.startswith("member "):
            line = re.sub(r"^(member \S+) ", rf"\1 {numbers[line]} ", line)
        new.append(line)
    heading = f"# ABI version {abi.by_kind(items, 'constant')[OWN_VERSION].text}"
    if new and heading not in text.splitlines():
        text = f"{text.rstrip()}\n\n{heading}\n"
    path.write_text(text.rstrip() + "\n" + "".join(f"{line}\n" for line in new), encoding="utf-8")
    print(f"{len(new)} lines added")


def changes(header):
    """Changed headers, with what was changed. None may pass."""
    def replaced(old, new):
        assert header.count(old) == 1, f"the header has {header.count(old)} times {old!r}"
        return header.replace(old, new)

    yield "a parameter that is narrower", replaced("*data, size_t len,\n                                           Asherah",
                                                   "*data, int len,\n                                           Asherah")
    yield "a result of another type", replaced("void asherah_session_free(", "int asherah_session_free(")
    yield "one parameter more", replaced("asherah_abi_version(void)", "asherah_abi_version(int of)")
    yield "another status", replaced("ASHERAH_ERROR_KMS (-10)", "ASHERAH_ERROR_KMS (-30)")
    yield "another code of Cobhan", replaced("BAD_CONFIG (-105)", "BAD_CONFIG (-107)")
    yield "a member more", replaced("  size_t capacity;\n}", "  size_t capacity;\n  size_t spare;\n}")
    yield "members that change places", replaced("  int32_t status;\n  int32_t reserved; /* 0 */",
                                                 "  int32_t reserved;\n  int32_t status;")
    yield "a member of another type", replaced("  int32_t reserved; /* 0 */", "  uint32_t reserved;")
    yield "a callback with other parameters", replaced("(*AsherahLogFn)(void *user_data, int32_t level",
                                                       "(*AsherahLogFn)(void *user_data, int64_t level")
    yield "a member function with other parameters", replaced("(*release)(void *user_data);\n} AsherahKmsCallbacks",
                                                              "(*release)(void);\n} AsherahKmsCallbacks")


def removals(header):
    for name in abi.by_kind(abi.parse(header), "function"):
        gone, n = re.subn(rf"\bASHERAH_EXPORT [^;]*?\b{name}\([^;]*;", "", header)
        assert n == 1, f"{name}: {n}"
        yield f"no {name}", gone
    for name in abi.by_kind(abi.parse(header), "constant"):
        if name != OWN_VERSION:
            yield f"no {name}", re.sub(rf"^#define {name} .*\n", "", header, flags=re.M)
    yield "a new function", header.replace("#ifdef ASHERAH_COBHAN\n", "ASHERAH_EXPORT int asherah_new(void);\n"
                                           "#ifdef ASHERAH_COBHAN\n")
    yield "a new constant", header.replace("#define ASHERAH_OK 0\n", "#define ASHERAH_OK 0\n#define ASHERAH_NEW 1\n")


def try_changes(header, lines):
    """What does not show: names that go or come in the text, other changes to each of the compilers by itself."""
    assert not check(header, lines), "the header itself does not pass"
    unseen, tried = [], 0
    for what, changed in removals(header):
        tried += 1
        if changed == header or not textual(abi.parse(changed), lines):
            unseen.append(what)
    for what, changed in changes(header):
        tried += 1
        unseen += [f"{what}: not seen by {language}" for language in COMPILERS
                   if not compiled(changed, lines, [language])]
    assert tried > 100, f"only {tried} changes were tried"
    return unseen


def report(name, problems):
    print(f"FAIL {name}: {'; '.join(problems[:5])}" if problems else f"ok {name}", flush=True)
    return not problems


def main():
    mode = sys.argv.pop(1) if sys.argv[1].startswith("--") else None
    header, path = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"), pathlib.Path(sys.argv[2])
    if mode == "--add":
        add(header, path)
        return 0
    lines = released(path.read_text(encoding="utf-8"))
    if mode == "--try":
        return not report("released: changes and removals show", try_changes(header, lines))
    return not report("released: the header against released-abi.txt, C11 and C++17", check(header, lines))


if __name__ == "__main__":
    sys.exit(main())
