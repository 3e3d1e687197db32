#!/usr/bin/env python3
"""A binding for asherah-ffi, written by us, on our library: ffi.py LIBRARY"""
import ctypes
import json
import os
import pathlib
import sys
import tempfile
import threading
import time

import native
import results
from results import expect, in_threads

KEY = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
CONFIG = json.dumps({"ServiceName": "service", "ProductID": "product", "Metastore": "memory", "KMS": "static",
                     "StaticMasterKeyHex": KEY, "EnableSessionCaching": True})
asherah = native.Asherah(sys.argv[1])
c = asherah.c


class Opened:
    """A factory with a session."""

    def __init__(self, config=CONFIG, partition="partition"):
        self.factory = asherah.factory(config)
        self.session = asherah.session(self.factory, partition)

    def __enter__(self):
        return self.session

    def __exit__(self, *_):
        c.asherah_session_free(self.session)
        c.asherah_factory_free(self.factory)


def fails(call, *words):
    try:
        call()
    except native.AsherahError as problem:
        expect(all(word in str(problem) for word in words), str(problem))
        return
    expect(False, "no failure")


def test_round_trips():
    with Opened(partition="pärtition 字") as session:
        for size in [*range(70), 1000, 65536, 1 << 20]:
            data = os.urandom(size)
            record = asherah.encrypt(session, data)
            expect(set(json.loads(record)) == {"Key", "Data"}, record[:100])
            expect(asherah.decrypt(session, record) == data, size)


def test_configuration_of_every_binding():
    """All fields that a binding writes are known here; StrictConfig would refuse others."""
    fields = {
        "ServiceName": "service", "ProductID": "product", "ExpireAfter": 86400, "CheckInterval": 600,
        "Metastore": "test-debug-memory", "ConnectionString": None, "ReplicaReadConsistency": None,
        "SQLMetastoreDBType": "mysql", "DynamoDBEndpoint": None, "DynamoDBRegion": None, "DynamoDBSigningRegion": None,
        "DynamoDBTableName": None, "SessionCacheMaxSize": 10, "SessionCacheDuration": 60, "KMS": "test-debug-static",
        "RegionMap": None, "PreferredRegion": None, "AwsProfileName": None, "EnableRegionSuffix": False,
        "EnableSessionCaching": True, "Verbose": False, "DisableZeroCopy": True, "NullDataCheck": True,
        "EnableCanaries": True, "PoolMaxOpen": 5, "PoolMaxIdle": 1, "PoolMaxLifetime": 60, "PoolMaxIdleTime": 60,
        "StaticMasterKeyHex": None, "KmsKeyId": None, "SecretsManagerSecretId": None, "VaultAddr": None,
        "VaultToken": None, "VaultAuthMethod": None, "VaultAuthRole": None, "VaultAuthMount": None,
        "VaultApproleRoleId": None, "VaultApproleSecretId": None, "VaultClientCert": None, "VaultClientKey": None,
        "VaultK8sTokenPath": None, "VaultTransitKey": None, "VaultTransitMount": None, "StrictConfig": True,
    }
    with Opened(json.dumps(fields)) as session:
        expect(asherah.decrypt(session, asherah.encrypt(session, b"data")) == b"data")
    fails(lambda: asherah.factory(json.dumps({**fields, "NoSuchField": 1})), "NoSuchField")


def set_environment(values):
    """What C sees, which is what the process has."""
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def test_configuration_from_the_environment():
    with tempfile.TemporaryDirectory() as directory:
        path = str(pathlib.Path(directory) / "keys.db")
        names = {"SERVICE_NAME": "service", "PRODUCT_ID": "product", "Metastore": "sqlite", "SQLITE_PATH": path,
                 "KMS": "static", "STATIC_MASTER_KEY_HEX": KEY, "EXPIRE_AFTER_SECS": "86400",
                 "REVOKE_CHECK_INTERVAL_SECS": "600", "SESSION_CACHE": "1", "SESSION_CACHE_MAX_SIZE": "10",
                 "SESSION_CACHE_DURATION_SECS": "60"}
        set_environment(names)
        try:
            of_environment = Opened(None)
            of_json = Opened(json.dumps({"ServiceName": "service", "ProductID": "product", "Metastore": "sqlite",
                                         "ConnectionString": path, "KMS": "static", "StaticMasterKeyHex": KEY}))
            with of_environment as one, of_json as other:
                expect(asherah.decrypt(other, asherah.encrypt(one, b"to JSON")) == b"to JSON")
                expect(asherah.decrypt(one, asherah.encrypt(other, b"and back")) == b"and back")
            set_environment({"SERVICE_NAME": None})
            fails(lambda: asherah.factory(), "ServiceName")
        finally:
            set_environment(dict.fromkeys(names))


def test_configuration_applied():
    expect(c.asherah_apply_config_json(CONFIG.encode()) == 0)
    with Opened(None) as session:
        expect(asherah.decrypt(session, asherah.encrypt(session, b"data")) == b"data")
    expect(c.asherah_apply_config_json(b"{") != 0)
    expect(b"JSON" in c.asherah_last_error_message(), c.asherah_last_error_message())
    expect(c.asherah_apply_config_json(None) == 0)
    fails(lambda: asherah.factory())


def test_failures():
    fails(lambda: asherah.factory("{}"), "ServiceName")
    fails(lambda: asherah.session(None, "partition"))
    with Opened() as session, Opened(partition="other") as other:
        fails(lambda: asherah.decrypt(session, b"no record"))
        fails(lambda: asherah.decrypt(session, b""))
        fails(lambda: asherah.decrypt(other, asherah.encrypt(session, b"data")), "partition")
        fails(lambda: asherah.encrypt(None, b"data"))
        buffer = native.Buffer()
        expect(c.asherah_encrypt_to_json(session, None, 4, ctypes.byref(buffer)) != 0)
        expect(c.asherah_encrypt_to_json(session, None, 0, ctypes.byref(buffer)) == 0, "no data is data too")
        c.asherah_buffer_free(ctypes.byref(buffer))
        c.asherah_buffer_free(ctypes.byref(buffer))
        expect(c.asherah_encrypt_to_json(session, b"data", 4, None) != 0)
    for free in (c.asherah_factory_free, c.asherah_session_free, c.asherah_buffer_free):
        free(None)


def test_a_buffer_used_again_and_again():
    """Some bindings keep one for each thread, and free what is in it only after a success."""
    buffer = native.Buffer()
    with Opened() as session:
        for i in range(200):
            record = asherah.encrypt(session, b"data", buffer)
            fails(lambda: asherah.decrypt(session, b"no record", buffer))
            expect(asherah.decrypt(session, record, buffer) == b"data", i)
            expect(not buffer.data and buffer.len == 0 and buffer.capacity == 0, i)


def test_results_in_a_whole_register():
    """A binding that declares 64 bits where C has an int must see 0 for success."""
    wide = ctypes.CDLL(sys.argv[1])
    with Opened() as session:
        buffer = native.Buffer()
        for name, arguments in [
                ("asherah_encrypt_to_json", [ctypes.c_void_p(session), b"x", ctypes.c_size_t(1), ctypes.byref(buffer)]),
                ("asherah_apply_config_json", [None]), ("asherah_clear_log_hook", []),
                ("asherah_clear_metrics_hook", [])]:
            function = getattr(wide, name)
            function.restype = ctypes.c_int64
            expect(function(*arguments) == 0, name)
        c.asherah_buffer_free(ctypes.byref(buffer))


def test_handles_survive_a_double():
    with Opened() as session:
        expect(int(float(session)) == session, hex(session))
        expect(asherah.encrypt(int(float(session)), b"data"))


def test_threads():
    """Sessions of their own, one that all share, and failures whose words are the thread's."""
    factory = asherah.factory(CONFIG)
    shared = asherah.session(factory, "shared")

    def work(index):
        own = asherah.session(factory, f"partition {index % 3}")
        for i in range(300):
            data = f"{index} {i}".encode()
            expect(asherah.decrypt(own, asherah.encrypt(own, data)) == data)
            expect(asherah.decrypt(shared, asherah.encrypt(shared, data)) == data)
            if i % 10 == 0:
                if index % 2:
                    fails(lambda: asherah.factory('{"ServiceName":1}'), "ServiceName")
                else:
                    fails(lambda: asherah.decrypt(own, b"{}"), "record")
        c.asherah_session_free(own)

    in_threads(8, work)
    c.asherah_factory_free(factory)
    expect(asherah.decrypt(shared, asherah.encrypt(shared, b"after its factory")) == b"after its factory")
    c.asherah_session_free(shared)


def test_asynchronous_calls():
    """From several threads; each answers once, failures too, also when session and factory are freed meanwhile."""
    opened = Opened()
    record = asherah.encrypt(opened.session, b"data")
    lock, answers, done, wanted = threading.Lock(), {}, threading.Event(), 4 * 150

    @native.COMPLETION
    def complete(user_data, data, size, error):
        result = error if error is not None else ctypes.string_at(data, size)
        with lock:
            answers.setdefault(user_data, []).append((error is None, result))
            if len(answers) == wanted:
                done.set()

    def start(function, text, tag):
        while (code := function(opened.session, text, len(text), complete, tag)) != 0:
            expect(b"try again" in c.asherah_last_error_message(), code, c.asherah_last_error_message())
            time.sleep(0.001)

    def work(index):
        for i in range(50):
            tag = 1 + index * 150 + i * 3
            start(c.asherah_encrypt_to_json_async, b"data", tag)
            start(c.asherah_decrypt_from_json_async, record, tag + 1)
            start(c.asherah_decrypt_from_json_async, b"no record", tag + 2)

    in_threads(4, work)
    opened.__exit__()
    expect(done.wait(60), f"{len(answers)} of {wanted} answers")
    time.sleep(0.05)
    for tag, got in answers.items():
        expect(len(got) == 1, tag, "was answered", len(got), "times")
        good, result = got[0]
        kind = (tag - 1) % 3
        expect(good == (kind != 2) and (kind != 1 or result == b"data") and (kind != 0 or result[:1] == b"{"), got)
    expect(c.asherah_encrypt_to_json_async(None, b"x", 1, complete, None) != 0)


def until(condition, what):
    limit = time.monotonic() + 20
    while not condition():
        expect(time.monotonic() < limit, "never:", what)
        time.sleep(0.001)


def provoke_a_warning():
    c.asherah_factory_free(asherah.factory(CONFIG[:-1] + ',"NoSuchField":1}'))


def test_log_hooks():
    lines = []

    @native.LOG
    def log(user_data, level, target, message):
        lines.append((threading.get_ident(), user_data, level, target, message))

    def noticed(*, own_thread):
        expect(any(line[1] == 77 and line[2] == 3 and b"NoSuchField" in line[4] and
                   (line[0] == threading.get_ident()) == own_thread for line in lines), lines)

    expect(c.asherah_clear_log_hook() == 0)
    for install in (lambda: c.asherah_set_log_hook(log, 77),
                    lambda: c.asherah_set_log_hook_with_config(log, 77, 0, 0),
                    lambda: c.asherah_set_log_hook_with_config(log, 77, 10, 3)):
        expect(install() == 0)
        lines.clear()
        provoke_a_warning()
        until(lambda: any(b"NoSuchField" in line[4] for line in lines), "the line")
        noticed(own_thread=False)
    expect(c.asherah_set_log_hook_with_config(log, 77, 10, 5) == 0)
    lines.clear()
    provoke_a_warning()
    expect(c.asherah_set_log_hook_sync(log, 77, 3) == 0)
    lines.clear()
    provoke_a_warning()
    noticed(own_thread=True)
    expect(c.asherah_clear_log_hook() == 0)
    lines.clear()
    provoke_a_warning()
    expect(not lines, lines)
    expect(isinstance(c.asherah_log_dropped_count(), int))


def test_metrics_hooks():
    seen = []

    @native.METRICS
    def measure(user_data, kind, nanoseconds, name):
        seen.append((user_data, kind, nanoseconds, name))

    for install in (lambda: c.asherah_set_metrics_hook(measure, 78),
                    lambda: c.asherah_set_metrics_hook_with_config(measure, 78, 100),
                    lambda: c.asherah_set_metrics_hook_sync(measure, 78)):
        expect(install() == 0)
        seen.clear()
        with Opened() as session:
            record = asherah.encrypt(session, b"data")
            asherah.decrypt(session, record)
        until(lambda: {0, 1, 2, 3} <= {kind for _, kind, _, _ in seen}, "encrypt, decrypt, store and load")
        expect(all(user_data == 78 for user_data, *_ in seen), seen)
        expect(all(nanoseconds > 0 and not name for _, kind, nanoseconds, name in seen if kind < 4), seen)
        expect(all(name for _, kind, _, name in seen if kind >= 4), seen)
        expect(any(kind == 5 for _, kind, _, _ in seen), "no cache miss")
    expect(c.asherah_clear_metrics_hook() == 0)
    seen.clear()
    with Opened() as session:
        asherah.encrypt(session, b"data")
    expect(not seen, seen)
    expect(isinstance(c.asherah_metrics_dropped_count(), int))


def test_hooks_while_threads_call():
    """Python takes the interpreter's lock in each hook, and gives it up in each call."""
    counted = [0, 0]

    @native.LOG
    def log(user_data, level, target, message):
        counted[0] += 1

    @native.METRICS
    def measure(user_data, kind, nanoseconds, name):
        counted[1] += 1

    factory = asherah.factory(CONFIG)

    def work(index):
        session = asherah.session(factory, f"partition {index}")
        for i in range(100):
            if index == 0:
                install = (c.asherah_set_metrics_hook, c.asherah_set_metrics_hook_sync)[i % 2]
                expect(install(measure, None) == 0 and c.asherah_set_log_hook(log, None) == 0)
                provoke_a_warning()
                if i % 5 == 0:
                    expect(c.asherah_clear_metrics_hook() == 0 and c.asherah_clear_log_hook() == 0)
            expect(asherah.decrypt(session, asherah.encrypt(session, b"data")) == b"data")
        c.asherah_session_free(session)

    in_threads(6, work)
    expect(c.asherah_clear_metrics_hook() == 0 and c.asherah_clear_log_hook() == 0)
    c.asherah_factory_free(factory)
    expect(min(counted) > 0, counted)


if __name__ == "__main__":
    results.main(sys.modules[__name__], "python")
