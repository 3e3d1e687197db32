#!/usr/bin/env python3
"""A binding for asherah-cobhan, written by us, on our library: cobhan.py LIBRARY"""
import base64
import ctypes
import json
import os
import struct
import sys
import threading
import time

import results
from results import expect, in_threads

NOT_INITIALIZED, ALREADY_INITIALIZED, BUFFER_TOO_SMALL, DECRYPT_FAILED, BAD_CONFIG = -100, -101, -3, -104, -105
HEADER = 8
CONFIG = json.dumps({"ServiceName": "service", "ProductID": "product", "Metastore": "test-debug-memory",
                     "KMS": "test-debug-static"})

c = ctypes.CDLL(sys.argv[1])
P, I32, I64 = ctypes.c_void_p, ctypes.c_int32, ctypes.c_int64
for name, result, arguments in [
        ("SetupJson", I32, [P]), ("Shutdown", None, []), ("SetEnv", I32, [P]), ("EstimateBuffer", I32, [I32, I32]),
        ("Encrypt", I32, [P] * 7), ("Decrypt", I32, [P, P, P, I64, P, I64, P]), ("EncryptToJson", I32, [P] * 3),
        ("DecryptFromJson", I32, [P] * 3)]:
    function = getattr(c, name)
    function.restype, function.argtypes = result, arguments

CANARY = b"\x00\x00\x00\x00\xef\xbe\xad\xde"  # behind each output, as the binding for Node.js has it


def room(capacity):
    return ctypes.create_string_buffer(struct.pack("<ii", capacity, 0) + bytes(capacity) + CANARY,
                                       HEADER + capacity + len(CANARY))


def buffer_of(data):
    data = data.encode() if isinstance(data, str) else data
    return ctypes.create_string_buffer(struct.pack("<ii", len(data), 0) + data, HEADER + len(data))


def content(buffer):
    expect(buffer.raw[-len(CANARY):] == CANARY, "written past the end")
    return buffer.raw[HEADER:HEADER + struct.unpack_from("<i", buffer)[0]]


def setup(config=CONFIG):
    return c.SetupJson(buffer_of(config))


def estimate_of_ruby(data, partition):
    """What the bindings for Ruby and Node.js reckon for themselves."""
    return int(185 + len("service") + len("product") + len(partition.encode()) + (len(data) + 48) * 1.34)


def encrypt(partition, data, capacity=None):
    out = room(capacity or c.EstimateBuffer(len(data), len(partition.encode())))
    code = c.EncryptToJson(buffer_of(partition), buffer_of(data), out)
    return code or content(out)


def decrypt(partition, record):
    out = room(len(record))
    code = c.DecryptFromJson(buffer_of(partition), buffer_of(record), out)
    return code or content(out)


class Started:
    def __enter__(self):
        code = setup()
        expect(code == 0, code)

    def __exit__(self, *_):
        c.Shutdown()


def test_round_trips():
    with Started():
        for size in [*range(70), 1000, 65536, 1 << 20]:
            data = os.urandom(size)
            record = encrypt("pärtition 字", data)
            expect(sorted(json.loads(record)) == ["Data", "Key"], record[:100])
            expect(decrypt("pärtition 字", record) == data, size)


def test_estimates_of_bindings():
    with Started():
        for size in [0, 1, 2, 100, 1 << 16, 1 << 20]:
            data = bytes(size)
            record = encrypt("partition", data, estimate_of_ruby(data, "partition"))
            expect(isinstance(record, bytes) and decrypt("partition", record) == data, record)
        expect(encrypt("partition", b"data", 10) == BUFFER_TOO_SMALL)


def test_states():
    expect(encrypt("partition", b"data") == NOT_INITIALIZED)
    expect(setup("{}") == BAD_CONFIG)
    expect(setup('{"ServiceName":"s","ProductID":"p","Metastore":"none","KMS":"none"}') == BAD_CONFIG)
    for _ in range(3):
        with Started():
            expect(setup() == ALREADY_INITIALIZED)
            expect(decrypt("other", encrypt("partition", b"data")) == DECRYPT_FAILED)
    expect(encrypt("partition", b"data") == NOT_INITIALIZED)


def test_members_one_by_one():
    """Encrypt and Decrypt have the members of the record that EncryptToJson writes."""
    with Started():
        data, key, parent = room(100), room(100), room(100)
        created, parent_created = ctypes.create_string_buffer(8), ctypes.create_string_buffer(8)
        expect(c.Encrypt(buffer_of("partition"), buffer_of(b"plaintext"), data, key, created, parent,
                         parent_created) == 0)
        times = [struct.unpack("<q", t.raw)[0] for t in (created, parent_created)]
        record = json.dumps({"Data": base64.b64encode(content(data)).decode(),
                             "Key": {"Created": times[0], "Key": base64.b64encode(content(key)).decode(),
                                     "ParentKeyMeta": {"KeyId": content(parent).decode(), "Created": times[1]}}})
        expect(decrypt("partition", record.encode()) == b"plaintext")
        back = json.loads(encrypt("partition", b"and back"))
        out = room(50)
        meta = back["Key"]["ParentKeyMeta"]
        expect(c.Decrypt(buffer_of("partition"), buffer_of(base64.b64decode(back["Data"])),
                         buffer_of(base64.b64decode(back["Key"]["Key"])), back["Key"]["Created"],
                         buffer_of(meta["KeyId"]), meta["Created"], out) == 0)
        expect(content(out) == b"and back", content(out))


def test_environment():
    expect(c.SetEnv(buffer_of(json.dumps({"AWS_REGION": "us-west-2", "OTHER": ""}))) == 0)
    expect("AWS_REGION" not in os.environ)
    expect(c.SetEnv(buffer_of("{")) == -5)
    expect(c.SetEnv(buffer_of(json.dumps({"AWS_REGION": None, "OTHER": None}))) == 0)


def test_threads():
    stop = threading.Event()
    done = [0, 0]

    def work(index):
        if index == 0:
            for _ in range(30):
                expect(setup() == 0)
                time.sleep(0.02)
                c.Shutdown()
            stop.set()
            return
        while not stop.is_set():
            data = os.urandom(index * 10)
            record = encrypt(f"partition {index % 2}", data)
            # The next memory metastore does not have the keys of the one before.
            result = decrypt(f"partition {index % 2}", record) if isinstance(record, bytes) else record
            if result in (NOT_INITIALIZED, DECRYPT_FAILED):
                done[1] += 1
            else:
                expect(result == data, result)
                done[0] += 1

    in_threads(6, work)
    expect(done[0] > 0, done)


if __name__ == "__main__":
    results.main(sys.modules[__name__], "python, Cobhan")
