#!/usr/bin/env python3
"""Writes C# source that declares what a list PUBLIC_API.<assembly>.txt says, with bodies that throw.

    reference.py LIST OUT.cs

A list has one line for each public or protected type, and below it, indented, one for each of its members; all names are
full. Compiled, the source is a reference assembly: programs compile against it, and what they call exists by the list.
"""

import re
import sys
from pathlib import Path

KINDS = ("class", "struct", "interface", "enum")


class Type:
    def __init__(self, line):
        self.attributes, text = split_attributes(line)
        match = re.match(r"((?:[a-z]+ )+?)(%s) (.*)" % "|".join(KINDS), text)
        self.modifiers, self.kind, rest = match.groups()
        rest, _, self.constraint = rest.partition(" where ")
        self.name, _, self.bases = rest.partition(" : ")
        self.members = []
        self.nested = []

    @property
    def bare(self):
        return self.name.split("<")[0]

    @property
    def simple(self):
        return last(self.name)


def split_attributes(line):
    match = re.match(r"((?:\[.*?\)\] )*)(.*)", line)
    return match.groups()


def last(name):
    """The name behind the last dot that is not inside of <>."""
    depth = 0
    for i in range(len(name) - 1, -1, -1):
        depth += {">": 1, "<": -1}.get(name[i], 0)
        if name[i] == "." and depth == 0:
            return name[i + 1 :]
    return name


def read(path):
    types = []
    for line in open(path, encoding="utf-8"):
        line = line.rstrip("\n")
        if not line or line.startswith("#"):
            continue
        if line.startswith("    "):
            types[-1].members.append(line.strip())
        else:
            types.append(Type(line))
    return types


def nest(types):
    by_name = {t.name: t for t in types}
    top = []
    for t in types:
        outer = by_name.get(t.name[: -len(t.simple) - 1])
        (outer.nested if outer else top).append(t)
    return top


def parameters(member):
    """The types of a constructor's parameters."""
    text = member[member.index("(") + 1 : member.rindex(")")]
    found, depth, start = [], 0, 0
    for i, c in enumerate(text + ","):
        depth += {"<": 1, ">": -1}.get(c, 0)
        if c == "," and depth == 0:
            words = text[start:i].strip()
            if words:
                found.append(words.split(" = ")[0].rsplit(" ", 1)[0])
            start = i + 1
    return found


def base_call(t, everything):
    """What a constructor passes to its base class, if that has no constructor without parameters."""
    base = next((b for b in everything if t.bases.split(", ")[0] == b.name and b.kind == "class"), None)
    ctors = [m for m in base.members if is_constructor(base, m)] if base else []
    if not ctors or any(not parameters(m) for m in ctors):
        return ""
    return " : base(%s)" % ", ".join("default(%s)" % p for p in parameters(ctors[0]))


def is_constructor(t, member):
    return re.search(r"(?:public|protected|internal) %s\.%s\(" % (re.escape(t.name), re.escape(t.bare_simple)), member)


def render_member(t, member, everything):
    attributes, member = split_attributes(member)
    text = member.replace(t.name + ".", "", 1) if not is_constructor(t, member) else member.replace(t.name + ".", "")
    # The first name of the member itself stands last among equal ones where a method returns its own type.
    head = member.split("(")[0] if "{" not in member.split("(")[0] else member.split(" {")[0]
    at = head.rfind(t.name + ".")
    text = member[:at] + member[at + len(t.name) + 1 :]
    if t.kind == "enum":
        return attributes + text + ","
    if " const " in text or "static readonly" in text or re.match(r"public [\w.?<>\[\]]+ \w+$", text):
        return attributes + text + ";"
    if text.endswith("}"):
        if t.kind == "interface" or " abstract " in text:
            return attributes + text
        return attributes + text.replace("get;", "get { throw null; }").replace("set;", "set { throw null; }")
    if " extern " in text:
        return attributes + '[System.Runtime.InteropServices.DllImport("none")] ' + text + ";"
    if "~" in text:
        return attributes + text[text.index("~") :] + " { }"
    if t.kind == "interface" or re.match(r"(protected internal|public|protected|internal) abstract ", text):
        return attributes + text + ";"
    if is_constructor(t, member):
        return attributes + text + base_call(t, everything) + " { throw null; }"
    if " where " in text and " override " in text:
        text = text.split(" where ")[0]
    outs = "".join("%s = default(%s); " % (n, k) for k, n in re.findall(r"\bout ([\w.]+) (\w+)", text))
    return attributes + text + " { " + outs + "throw null; }"


def render(t, everything, indent, out):
    pad = "    " * indent
    bases = " : " + t.bases if t.bases else ""
    constraint = " where " + t.constraint if t.constraint else ""
    out.append("%s%s%s%s %s%s%s" % (pad, t.attributes, t.modifiers, t.kind, t.simple, bases, constraint))
    out.append(pad + "{")
    for member in t.members:
        out.append(pad + "    " + render_member(t, member, everything))
    if t.kind == "class" and "static" not in t.modifiers and not any(is_constructor(t, m) for m in t.members):
        out.append("%s    internal %s()%s { }" % (pad, t.bare_simple, base_call(t, everything)))
    for inner in t.nested:
        render(inner, everything, indent + 1, out)
    out.append(pad + "}")


def source(types, others):
    everything = types + others
    out = ["// <auto-generated />", "#pragma warning disable", "using System;"]
    if any("[JsonPropertyName(" in m for t in types for m in t.members):
        out.append("using System.Text.Json.Serialization;")
    out.append("")
    for t in nest(types):
        out += ["namespace " + t.name[: -len(t.simple) - 1], "{"]
        render(t, everything, 1, out)
        out += ["}", ""]
    return "\n".join(out)


Type.bare_simple = property(lambda t: t.simple.split("<")[0])

if __name__ == "__main__":
    path = Path(sys.argv[1])
    # Base classes may be in a list beside this one.
    others = [t for p in sorted(path.parent.glob("PUBLIC_API.*.txt")) if p != path for t in read(p)]
    with open(sys.argv[2], "w", encoding="utf-8") as f:
        f.write(source(read(path), others))
