#!/usr/bin/env python3
"""Searches core dumps and the memory of a process for its keys: coredump.py BIN_DIR WORK_DIR

BIN_DIR has the programs secrets, scan and unseal. What is searched for: the master key (raw and in hex), the system
key, the intermediate and the record keys, every part of their expanded forms, and the plaintext.

  dump    made by gcore: nothing may be in it, even while factories are open, since the pages with keys are left out
  memory  all mappings, read through /proc: while factories are open, keys only in pages that are locked and left out of
          dumps; after the last free, nowhere
"""
import base64
import json
import os
import pathlib
import secrets
import sqlite3
import struct
import subprocess
import sys

MARKER = b"planted-marker-7305"
HALF = 16

failed = False


def report(name, problems):
    global failed
    failed = failed or bool(problems)
    print(f"FAIL core-dump: {name}: {'; '.join(problems[:4])}" if problems else f"ok core-dump: {name}", flush=True)


def sbox():
    """The AES substitution, from inverses in GF(2^8)."""
    def times(a, b):
        product = 0
        while b:
            if b & 1:
                product ^= a
            a = (a << 1) ^ (0x11B if a & 0x80 else 0)
            b >>= 1
        return product

    inverse = [0] + [next(b for b in range(1, 256) if times(a, b) == 1) for a in range(1, 256)]

    def affine(x):
        result = 0x63
        for shift in range(5):
            result ^= ((x << shift) | (x >> (8 - shift))) & 0xFF
        return result
    return bytes(affine(x) for x in inverse)


SBOX = sbox()


def expanded(key):
    """The 15 round keys of AES-256, 16 bytes each. The first two are the key itself."""
    words = [key[i:i + 4] for i in range(0, 32, 4)]
    rcon = 1
    for i in range(8, 60):
        word = words[i - 1]
        if i % 8 == 0:
            word = bytes(SBOX[b] for b in word[1:] + word[:1])
            word = bytes([word[0] ^ rcon]) + word[1:]
            rcon <<= 1
        elif i % 8 == 4:
            word = bytes(SBOX[b] for b in word)
        words.append(bytes(a ^ b for a, b in zip(words[i - 8], word)))
    return [b"".join(words[i:i + 4]) for i in range(0, 60, 4)]


def patterns_of_key(name, key):
    """Round keys as bytes and as 32-bit words of this machine, which is how portable code keeps them."""
    found = {}
    for number, block in enumerate(expanded(key)):
        found[block] = f"{name}, round key {number}"
        found[b"".join(block[i:i + 4][::-1] for i in range(0, 16, 4))] = f"{name}, round key {number} as words"
    return found


def patterns_of_plaintext(plaintext):
    return {plaintext[at:at + HALF]: f"plaintext at {at}" for at in range(0, len(plaintext) - HALF, 64)}


def unseal(program, pairs):
    text = "".join(f"{key.hex()} {sealed.hex()}\n" for key, sealed in pairs)
    lines = subprocess.run([program], input=text, check=True, capture_output=True, text=True).stdout.split()
    if len(lines) != len(pairs) or "-" in lines:
        sys.exit("coredump: a key of the hierarchy cannot be unsealed")
    return [bytes.fromhex(line) for line in lines]


def hierarchy(program, master, database, records):
    """All keys below the master key, as name -> bytes."""
    rows = {}
    for key_id, text in sqlite3.connect(database).execute("SELECT id, key_record FROM encryption_key"):
        record = json.loads(text)
        rows[key_id, record["Created"]] = (base64.b64decode(record["Key"]), record.get("ParentKeyMeta"))
    names, pairs = [], []
    for (key_id, created), (sealed, parent) in rows.items():
        if not parent:
            names.append((key_id, created))
            pairs.append((master, sealed))
    keys = dict(zip(names, unseal(program, pairs)))
    children = {row: (keys[parent["KeyId"], parent["Created"]], sealed)
                for row, (sealed, parent) in rows.items() if parent}
    keys.update(zip(children, unseal(program, list(children.values()))))
    found = {key_id: key for (key_id, _), key in keys.items()}
    pairs = []
    for line in records:
        row_key = json.loads(line.split("\t")[1])["Key"]
        parent = row_key["ParentKeyMeta"]
        pairs.append((keys[parent["KeyId"], parent["Created"]], base64.b64decode(row_key["Key"])))
    found.update({f"record key {i}": key for i, key in enumerate(unseal(program, pairs))})
    return found


class Mapping:
    def __init__(self, line):
        addresses, self.mode, _, _, _, *name = line.split(maxsplit=5)
        self.start, self.end = (int(address, 16) for address in addresses.split("-"))
        self.name = name[0].strip() if name else "anonymous"
        self.flags = []


def mappings(pid):
    found = []
    for line in pathlib.Path(f"/proc/{pid}/smaps").read_text().splitlines():
        if line.startswith("VmFlags:"):
            found[-1].flags = line.split()[1:]
        elif "-" in line.split(maxsplit=1)[0] and not line.split()[0].endswith(":"):
            found.append(Mapping(line))
    return found


class Search:
    """Finds any of many byte strings in parts of a file, by the program scan."""

    def __init__(self, program, work, patterns):
        self.program, self.path = program, work / "patterns"
        self.names = list(patterns.values())
        self.path.write_text("".join(pattern.hex() + "\n" for pattern in patterns))

    def __call__(self, path, ranges):
        """(name, place) of everything found. What could not be read is named "unreadable"."""
        text = "".join(f"{start:x} {end:x}\n" for start, end in ranges)
        done = subprocess.run([self.program, self.path, path], input=text, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"coredump: scan: {done.stderr}")
        lines = [line.split() for line in done.stdout.splitlines()]
        return [(what if what == "unreadable" else self.names[int(what)], int(place, 16)) for what, place in lines]

    def memory(self, pid):
        """(name, mapping) of everything found in the memory of a process."""
        readable = [m for m in mappings(pid) if "r" in m.mode and not m.name.startswith(("[vvar", "[vsyscall"))]
        found = self(f"/proc/{pid}/mem", [(m.start, m.end) for m in readable])
        return [(name, next(m for m in readable if m.start <= place < m.end)) for name, place in found]

    def dump(self, pid, work):
        """(name, place) of everything found in a core dump, and its size. The notes hold all threads' registers."""
        subprocess.run(["gcore", "-o", str(work / "core"), str(pid)], check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        path = work / f"core.{pid}"
        size = path.stat().st_size
        notes = note_ranges(path)
        found = self(path, [(0, size)])
        path.unlink()
        return [(name, "registers" if any(start <= place < end for start, end in notes) else f"{place:x} of the dump")
                for name, place in found], size


def note_ranges(path):
    """Where the PT_NOTE segments of a 64-bit ELF file are."""
    with open(path, "rb") as file:
        header = file.read(64)
        offset, = struct.unpack_from("<Q", header, 32)
        entry_size, count = struct.unpack_from("<HH", header, 54)
        if header[:5] != b"\x7fELF\x02" or count in (0, 0xFFFF):
            sys.exit(f"coredump: {path} is not the core file this script understands")
        file.seek(offset)
        entries = [struct.unpack_from("<IIQQQQ", file.read(entry_size)) for _ in range(count)]
    return [(start, start + size) for kind, _, start, _, _, size in entries if kind == 4]


def report_dump(search, pid, work, stage):
    """A vector register may keep the last bytes that the processor copied, until it copies others: that is shown. A key
    is not allowed there either."""
    found, _ = search.dump(pid, work)
    left = [name for name, place in found if place == "registers" and name.startswith("plaintext")]
    if left:
        print(f"# {stage}: in a register: {', '.join(sorted(set(left)))}")
    report(f"no key and no plaintext in a dump, {stage}",
           [f"{name}: {place}" for name, place in found if name not in left or place != "registers"])


def describe(found):
    return [f"{name} in {mapping.name} {mapping.start:x} {mapping.mode} [{' '.join(mapping.flags)}]"
            for name, mapping in found]


def main():
    binaries, work = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    work.mkdir(parents=True, exist_ok=True)
    database = work / "keys.db"
    for old in work.glob("keys.db*"):
        old.unlink()
    master, plaintext = secrets.token_bytes(32), secrets.token_bytes(1500)
    config = {"ServiceName": "service", "ProductID": "product", "StrictConfig": True,
              "Metastore": "sqlite", "ConnectionString": str(database),
              "KMS": "static", "StaticMasterKeyHex": master.hex()}
    (work / "config.json").write_text(json.dumps(config))
    (work / "plaintext").write_bytes(plaintext)
    os.chmod(work / "config.json", 0o600)

    process = subprocess.Popen([binaries / "secrets", work / "config.json", work / "plaintext", work / "records"],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def reach(stage):
        if stage != "planted":
            process.stdin.write("\n")
            process.stdin.flush()
        line = process.stdout.readline().strip()
        if line != stage:
            sys.exit(f"coredump: the program said {line!r} instead of {stage!r}, status {process.wait()}")

    pid = process.pid
    hex_key = {master.hex().encode(): "master key in hex",
               master.hex().upper().encode(): "master key in upper-case hex"}
    planted = {MARKER: "marker", master.hex().encode(): "master key in hex", plaintext[:HALF]: "plaintext"}
    search = Search(binaries / "scan", work, planted)

    reach("planted")
    found, size = search.dump(pid, work)
    report("a planted marker, a held key and plaintext are found in a dump",
           [f"no {name} in {size} bytes" for name in planted.values() if not any(name == hit for hit, _ in found)])
    found = search.memory(pid)
    report("a planted marker, a held key and plaintext are found in memory",
           [] if {name for name, _ in found} == set(planted.values()) else describe(found))

    reach("working")
    keys = hierarchy(binaries / "unseal", master, database, (work / "records").read_text().splitlines())
    keys["master key"] = master
    if len(keys) != 1 + 1 + 12 + 12:
        sys.exit(f"coredump: {len(keys)} keys, not 26")
    patterns = {**hex_key, **patterns_of_plaintext(plaintext)}
    for name, key in keys.items():
        patterns.update(patterns_of_key(name, key))
    search = Search(binaries / "scan", work, patterns)
    print(f"# {len(patterns)} patterns of {len(keys)} keys and the plaintext")

    for stage in ("working", "failed"):
        if stage != "working":
            reach(stage)
        report_dump(search, pid, work, stage)
        found = search.memory(pid)
        stray = [hit for hit in found if "dd" not in hit[1].flags or "lo" not in hit[1].flags]
        report(f"keys only in locked pages, {stage}", describe(stray))
        names = {name for name, _ in found}
        held = {key for key in keys if any(name.startswith(key + ",") for name in names)}
        missing = [name for name in keys if not name.startswith("record key") and name not in held]
        if stage == "working":
            report("the search finds the keys in locked pages", [f"not found: {name}" for name in missing])
            report("record keys are gone", [name for name in sorted(held) if name.startswith("record key")])

    reach("closed")
    report_dump(search, pid, work, "closed")
    report("no key and no plaintext anywhere in memory, closed", describe(search.memory(pid)))
    process.stdin.write("\n")
    process.stdin.close()
    if process.wait() != 0:
        report("the program ends well", [str(process.returncode)])
    sys.exit(failed)


if __name__ == "__main__":
    main()
