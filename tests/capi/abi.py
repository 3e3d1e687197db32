"""include/asherah.h taken apart: functions, constants, types and structs, in the order of the header."""
import re
from dataclasses import dataclass


@dataclass
class Item:
    kind: str  # function, constant, type, struct
    name: str
    text: str  # a function's prototype or a type without names of parameters; a constant's number
    comment: str  # what stands before it
    section: str  # the header's part
    members: tuple = ()  # of a struct: (name, type)


NUMBER = re.compile(r"\(?(?:\(size_t\))?(-?\d+)u?\)?")


def _squeeze(text):
    return re.sub(r"\s+", " ", text).strip()


def _comment(text):
    return _squeeze(re.sub(r"^\s*\*", "", text, flags=re.M))


def _split(parameters):
    """The parts between commas that are in no parentheses."""
    parts, depth, start = [], 0, 0
    for i, c in enumerate(parameters):
        depth += (c == "(") - (c == ")")
        if c == "," and depth == 0:
            parts.append(parameters[start:i])
            start = i + 1
    return [_squeeze(part) for part in parts + [parameters[start:]]]


def _type_of(declaration):
    """int x -> int, void (*f)(int x) -> void (*)(int), with the name beside it."""
    declaration = _squeeze(declaration)
    pointer = re.fullmatch(r"(.*?)\(\*(\w+)\)\((.*)\)", declaration)
    if pointer:
        result, name, parameters = pointer.groups()
        return f"{result.strip()}{'' if result.strip().endswith('*') else ' '}(*)({_types(parameters)})", name
    named = re.fullmatch(r"(.*[\s*])(\w+)", declaration)
    if not named:
        return declaration, None
    return named.group(1).strip(), named.group(2)


def _types(parameters):
    return ", ".join(_type_of(part)[0] for part in _split(parameters))


def _function(statement, **where):
    result, name, parameters = re.fullmatch(r"(.*?)(\w+)\((.*)\)", _squeeze(statement)).groups()
    return Item("function", name, f"{result}{name}({_types(parameters)})", **where)


def _statement(text, **where):
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    struct = re.fullmatch(r"\s*typedef struct (\w+) \{(.*)\} \1\s*", text, flags=re.S)
    if struct:
        members = tuple(tuple(reversed(_type_of(member))) for member in struct.group(2).split(";") if member.strip())
        return Item("struct", struct.group(1), "", members=members, **where)
    function = re.search(r"\bASHERAH_EXPORT\s+(.*)", text, flags=re.S)
    if function:
        return _function(function.group(1), **where)
    alias = re.fullmatch(r"\s*typedef (.*\(\*\w+\)\(.*\))\s*", text, flags=re.S)
    if alias:
        kind, name = _type_of(alias.group(1))
        return Item("type", name, kind, **where)
    return None


def _statements(text):
    """Ends of statements that are in no braces or comment, as (start, end)."""
    depth, start, i = 0, 0, 0
    while i < len(text):
        if text.startswith("/*", i):
            i = text.index("*/", i) + 1
        elif text[i] in "{}":
            depth += 1 if text[i] == "{" else -1
        elif text[i] == ";" and depth == 0:
            yield start, i
            start = i + 1
        i += 1


def parse(header):
    """The items of the header's text. What is not understood is not returned: symbols.py counts."""
    items = []
    body = header.replace('extern "C" {', "")
    pieces = re.split(r"/\* ---- (\S.*?) -+\s*\*/", body)
    for section, text in zip(pieces[1::2], pieces[2::2]):
        # The last comment before each thing is that thing's.
        for match in re.finditer(r"((?:/\*(?:(?!\*/).)*\*/\s*)?)^#define (ASHERAH_\w+) (\S+)$", text, flags=re.S | re.M):
            number = NUMBER.fullmatch(match.group(3))
            if number:
                comment = _comment(match.group(1).strip()[2:-2]) if match.group(1) else ""
                items.append(Item("constant", match.group(2), number.group(1), comment, section))
        plain = re.sub(r"^#.*$", "", text, flags=re.M)
        for start, end in _statements(plain):
            whole = plain[start:end]
            comments = re.findall(r"/\*(.*?)\*/", re.split(r"\b(?:typedef|ASHERAH_EXPORT)\b", whole)[0], flags=re.S)
            item = _statement(whole, comment=_comment(comments[-1]) if comments else "", section=section)
            if item:
                items.append(item)
    return items


def by_kind(items, kind):
    return {item.name: item for item in items if item.kind == kind}
