#!/usr/bin/env python3
"""Prints the first record of a file and the chain of keys above it: keychain.py DATABASE RECORDS

Nothing is decrypted: everything shown is stored in the clear.
"""
import base64
import datetime
import json
import sqlite3
import sys


def when(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")


def shorten(value):
    """Cuts long base64 members, so that the shape stays visible."""
    if isinstance(value, dict):
        return {name: shorten(member) for name, member in value.items()}
    if isinstance(value, str) and len(value) > 64:
        return value[:48] + f"... ({len(value)} characters)"
    return value


def key_record(database, key_id, created):
    """The row of a key. The column created is text in SQLite, so the record's own Created picks the row."""
    rows = database.execute("SELECT key_record FROM encryption_key WHERE id = ?", (key_id,))
    for (text,) in rows:
        record = json.loads(text)
        if record["Created"] == created:
            return record
    sys.exit(f"keychain: no row {key_id} of {when(created)}")


def show(relation, name, record):
    size = len(base64.b64decode(record["Key"]))
    print(f"  {relation:<20}{name}, {size} sealed bytes, made {when(record['Created'])}")


def main():
    database_path, records_path = sys.argv[1:]
    with open(records_path, encoding="utf-8") as records:
        partition, text = records.readline().rstrip("\n").split("\t", 1)
    record = json.loads(text)
    print(f"  partition {partition}")
    print("  " + json.dumps(shorten(record), indent=2).replace("\n", "\n  "))

    row_key = record["Key"]
    parent = row_key["ParentKeyMeta"]
    database = sqlite3.connect(f"file:{database_path}?mode=ro", uri=True)
    print(f"\n  data                {len(base64.b64decode(record['Data']))} sealed bytes")
    show("sealed by", "a key of its own", row_key)
    while parent:
        ekr = key_record(database, parent["KeyId"], parent["Created"])
        show("which is sealed by", parent["KeyId"], ekr)
        parent = ekr.get("ParentKeyMeta")
    print("  which is sealed by  the master key, which only the two programs have")


if __name__ == "__main__":
    main()
