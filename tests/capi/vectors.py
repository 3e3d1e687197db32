#!/usr/bin/env python3
"""Runs the cases of tests/vectors through the C functions: vectors.py LIBRARY VECTORS_DIR BIN_DIR WORK_DIR

The rows of a file's metastore go into a SQLite file, each case gets a fresh factory and session. Then records that the
library writes are opened again by the rules of the vectors' README alone.
"""
import base64
import collections
import concurrent.futures
import datetime
import json
import pathlib
import re
import sqlite3
import subprocess
import sys

from binding import Failure, Library

CREATE_TABLE = ("CREATE TABLE encryption_key (id VARCHAR(255) NOT NULL, created TIMESTAMP NOT NULL, "
                "key_record TEXT NOT NULL, PRIMARY KEY (id, created))")
SELECT_KEYS = "SELECT id, CAST(strftime('%s', created) AS INTEGER), key_record FROM encryption_key"

# The files whose cases are required and need no AWS, with how many have a plaintext and how many an error.
NORMATIVE = {
    "static-payloads": (18, 0),
    "static-partitions": (23, 5),
    "static-region-suffix": (8, 6),
    "static-rotation": (9, 4),
    "static-revoked": (13, 0),
    "static-record-shapes": (15, 0),
    "static-negative": (4, 101),
    "static-csharp": (12, 0),
    "dynamodb-wire": (16, 10),
}

# The classes of failure that fit what the canonical SDK said, first match. Where it goes on until something else fails,
# a stricter reader notices earlier.
CLASSES = [
    (r"^kms_setup", {"CONFIGURATION"}),
    (r"^get_session", {"INVALID_ARGUMENT"}),
    (r"^parse_drr", {"MALFORMED_RECORD"}),
    (r"shorter than", {"MALFORMED_RECORD"}),
    (r"KeyId (missing|empty)", {"MALFORMED_RECORD", "METADATA_MISSING", "PARTITION_MISMATCH"}),
    (r"Created (missing|zero|negative)", {"MALFORMED_RECORD", "METADATA_MISSING"}),
    (r"panic:|cannot be empty", {"MALFORMED_RECORD", "METADATA_MISSING"}),
    (r"key_record is the JSON text null|unable to unmarshal key", {"MALFORMED_RECORD"}),
    (r"unable to decrypt record", {"PARTITION_MISMATCH"}),
    (r"error loading", {"METADATA_MISSING"}),
    (r"parent of another service", {"AUTHENTICATION", "MALFORMED_RECORD", "METADATA_MISSING", "PARTITION_MISMATCH"}),
    (r"(Data|Key): (12 bytes|27 bytes|last byte cut off)", {"AUTHENTICATION", "MALFORMED_RECORD"}),
    (r"message authentication failed", {"AUTHENTICATION"}),
]

failed = False


def report(name, problems):
    global failed
    failed = failed or bool(problems)
    more = f" (and {len(problems) - 4} more)" if len(problems) > 4 else ""
    print(f"FAIL vectors: {name}: {'; '.join(problems[:4])}{more}" if problems else f"ok vectors: {name}", flush=True)


def expected_classes(case):
    described = f"{case['error_stage']} {case.get('error_hint', '')} {case['name']}"
    for pattern, classes in CLASSES:
        if re.search(pattern, described):
            return classes
    sys.exit(f"vectors: no class for {described!r}")


def fill(database, rows):
    for old in database.parent.glob(database.name + "*"):
        old.unlink()
    connection = sqlite3.connect(database)
    connection.execute(CREATE_TABLE)
    connection.executemany("INSERT INTO encryption_key VALUES (?, ?, ?)",
                           [(row["id"], row["created_utc"], row["key_record"]) for row in rows])
    connection.commit()
    connection.close()


def configuration(database, service, product, suffix, key_hex):
    config = {"ServiceName": service, "ProductID": product, "Metastore": "sqlite", "ConnectionString": str(database),
              "SQLiteCreate": False, "KMS": "static", "StrictConfig": True}
    if key_hex is not None:
        config["StaticMasterKeyHex"] = key_hex
    if suffix:
        config["RegionSuffix"] = suffix
    return json.dumps(config)


def run_case(library, vectors, database, case):
    """Problems of one case, in a fresh factory."""
    setting = {**vectors, **case.get("override", {})}
    config = configuration(database, setting["service"], setting["product"], setting.get("region_suffix"),
                           setting["kms"].get("key_hex"))
    factory = session = None
    try:
        factory = library.factory(config)
        session = library.session(factory, case["partition"])
        plaintext = library.decrypt(session, case["drr"].encode())
        if case["expect"] == "error":
            return [f"{case['name']}: decrypted"]
        if plaintext != base64.b64decode(case["plaintext_base64"]):
            return [f"{case['name']}: another plaintext"]
    except Failure as failure:
        if case["expect"] == "ok":
            return [f"{case['name']}: {failure}"]
        classes = expected_classes(case)
        if failure.status not in classes:
            return [f"{case['name']}: {failure}, not {' or '.join(sorted(classes))}"]
    finally:
        if session:
            library.free_session(session)
        if factory:
            library.free_factory(factory)
    return []


def item_row(item):
    """The row of the table encryption_key that holds what an item of a DynamoDB table does."""
    def plain(attribute):
        (kind, value), = attribute.items()
        if kind == "M":
            return {name: plain(member) for name, member in value.items()}
        return int(value) if kind == "N" else value

    item = plain({"M": item})
    created = datetime.datetime.fromtimestamp(item["Created"], datetime.timezone.utc)
    return {"id": item["Id"], "created_utc": created.strftime("%Y-%m-%d %H:%M:%S"),
            "key_record": json.dumps(item["KeyRecord"])}


def scenarios(whole):
    """What a file tries: its scenarios if it has some, whose items become rows, else itself."""
    for scenario in whole.get("scenarios", []):
        yield {**whole, **scenario, "metastore": [item_row(item) for item in scenario["items"]]}
    if "scenarios" not in whole:
        yield whole


def known_answers(library, name, path, work, pool):
    runs = []
    count = collections.Counter()
    for number, vectors in enumerate(scenarios(json.loads(path.read_text(encoding="utf-8")))):
        database = work / f"{name}-{number}.db"
        fill(database, vectors["metastore"])
        for case in vectors["cases"]:
            count[case["expect"], case.get("normative", True), vectors["kms"]["type"]] += 1
            runs.append((library, vectors, database, case))
    problems = [problem for run in runs for problem in run_case(*run)]
    ok, errors = NORMATIVE[name]
    if count != collections.Counter({("ok", True, "static"): ok, ("error", True, "static"): errors}):
        problems.append(f"ran {dict(count)}, not {ok} that open and {errors} that do not")
    report(f"{name}, {len(runs)} cases", problems)
    again = pool.map(lambda run: run_case(*run), runs * 4)
    report(f"{name}, eight threads at once", [problem for problems in again for problem in problems])


CREATED_AND_KEY = r'"Created":(?P<created>[1-9]\d*),"Key":"(?P<key>[A-Za-z0-9+/]+={0,2})"'
PARENT = r',"ParentKeyMeta":\{"KeyId":"(?P<parent>(?:[^"\\]|\\.)*)","Created":(?P<parent_created>[1-9]\d*)\}'
RECORD = re.compile(r'\{"Key":\{' + CREATED_AND_KEY + PARENT + r'\},"Data":"(?P<data>[A-Za-z0-9+/]+={0,2})"\}')
KEY_RECORD = re.compile(r'\{' + CREATED_AND_KEY + '(?:' + PARENT + r')?\}')


class Rules:
    """Opens records as the README says, with OpenSSL and without the library."""

    def __init__(self, program, database, master):
        self.program, self.master = program, master
        connection = sqlite3.connect(database)
        self.rows = {(key_id, created): text for key_id, created, text in connection.execute(SELECT_KEYS)}

    def unseal(self, key, sealed):
        out = subprocess.run([self.program], input=f"{key.hex()} {sealed.hex()}\n", check=True, capture_output=True,
                             text=True).stdout
        if out.strip() == "-":
            raise ValueError("does not authenticate")
        return bytes.fromhex(out.strip())

    def key(self, key_id, created):
        match = KEY_RECORD.fullmatch(self.rows[key_id, created])
        if not match or int(match["created"]) != created or created % 60:
            raise ValueError(f"the key record of {key_id} is not as documented: {self.rows[key_id, created]}")
        parent = self.master
        if match["parent"] is not None:
            parent = self.key(json.loads(f'"{match["parent"]}"'), int(match["parent_created"]))
        return self.unseal(parent, base64.b64decode(match["key"]))

    def open(self, record, expected_parent):
        match = RECORD.fullmatch(record)
        if not match:
            raise ValueError(f"not as documented: {record[:200]}")
        parent = json.loads(f'"{match["parent"]}"')
        if parent != expected_parent:
            raise ValueError(f"parent {parent}, not {expected_parent}")
        row_key = self.unseal(self.key(parent, int(match["parent_created"])), base64.b64decode(match["key"]))
        return self.unseal(row_key, base64.b64decode(match["data"]))


def written_records(library, program, work):
    """What the library writes is what the rules describe."""
    master = bytes(range(100, 132))
    partitions = ["plain", "with blank ", "quote\" and \\", "<&>", "\u2028", "tab\t", "größe/тест", "🔑", "a_b"]
    payloads = [b"", b"x", bytes(range(256)), b"text" * 2000]
    for suffix in (None, "eu-west-1"):
        database = work / f"written-{suffix}.db"
        fill(database, [])
        factory = library.factory(configuration(database, "serv<ice", "prod&uct", suffix, master.hex()))
        written, problems = [], []
        for partition in partitions:
            session = library.session(factory, partition)
            written += [(partition, payload, library.encrypt(session, payload).decode()) for payload in payloads]
            library.free_session(session)
        library.free_factory(factory)
        rules = Rules(program, database, master)
        for partition, payload, record in written:
            parent = f"_IK_{partition}_serv<ice_prod&uct" + (f"_{suffix}" if suffix else "")
            try:
                if rules.open(record, parent) != payload:
                    problems.append(f"{partition!r}: another plaintext")
            except (ValueError, KeyError) as error:
                problems.append(f"{partition!r}: {error}")
        report(f"{len(written)} records of ours by the rules alone, suffix {suffix}", problems)


def main():
    library = Library(sys.argv[1])
    vectors, binaries, work = map(pathlib.Path, sys.argv[2:])
    work.mkdir(parents=True, exist_ok=True)
    others = {path.stem for path in vectors.glob("static-*.json")} - set(NORMATIVE)
    report("every file of static keys is run", [f"{name} is not" for name in sorted(others)])
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for name in NORMATIVE:
            known_answers(library, name, vectors / f"{name}.json", work, pool)
    written_records(library, binaries / "unseal", work)
    stats = json.loads(library.stats())
    report("no secret lives in the end", [f"{stats['live_secrets']} secrets"] if stats["live_secrets"] else [])
    sys.exit(failed)


if __name__ == "__main__":
    main()
