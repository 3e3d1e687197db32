#!/usr/bin/env python3
"""asherah_stats() is the JSON object that the header describes, and holds no secret: stats.py LIBRARY"""
import ctypes
import json
import sys

from binding import Library

KEY = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
COUNTS = ["abi_version", "live_secrets", "locked_bytes", "unlocked_bytes", "lock_failures", "damaged_canaries",
          "heap_ciphers", "log_dropped", "metrics_dropped", "warnings"]
NESTED = {"handles": ["factories", "sessions", "metastores", "kms", "calls", "secrets"],
          "async": ["waiting", "running"], "callbacks": ["running", "abandoned", "timed_out"],
          "caches": ["system_keys", "intermediate_keys", "sessions", "evictions"]}


def problems_of(stats):
    def is_count(value):
        return type(value) is int and value >= 0

    problems = [f"{name} is {stats.get(name)!r}" for name in COUNTS if not is_count(stats.get(name))]
    for name, members in NESTED.items():
        problems += [f"{name}.{member} is {stats.get(name, {}).get(member)!r}" for member in members
                     if not is_count(stats.get(name, {}).get(member))]
    if not isinstance(stats.get("version"), str):
        problems.append(f"version is {stats.get('version')!r}")
    host = stats.get("host", {})
    if host.get("state") not in ("ok", "degraded") or not isinstance(host.get("reasons"), list):
        problems.append(f"host is {host}")
    return problems


def own_handles(library):
    """A metastore, a KMS and a secret, each with the function that frees it."""
    handles = []
    for name, arguments in [("metastore", [b'{"Metastore":"memory"}']),
                            ("kms", [json.dumps({"KMS": "static", "StaticMasterKeyHex": KEY}).encode()]),
                            ("secret", [ctypes.c_size_t(32), ctypes.byref(ctypes.c_void_p())])]:
        make, free = getattr(library.dll, f"asherah_{name}_new"), getattr(library.dll, f"asherah_{name}_free")
        make.restype, free.restype, free.argtypes = ctypes.c_void_p, None, [ctypes.c_void_p]
        handles.append((free, make(*arguments)))
    return handles


def main():
    library = Library(sys.argv[1])
    factory = library.factory(json.dumps({"ServiceName": "s", "ProductID": "p", "Metastore": "memory", "KMS": "static",
                                          "StaticMasterKeyHex": KEY}))
    session = library.session(factory, "partition-name")
    library.encrypt(session, b"plaintext")
    own = own_handles(library)
    text = library.stats()
    stats = json.loads(text)
    problems = problems_of(stats)
    if stats["handles"] != {"factories": 1, "sessions": 1, "metastores": 1, "kms": 1, "calls": 0, "secrets": 1}:
        problems.append(f"handles are {stats['handles']}")
    if stats["caches"]["intermediate_keys"] != 1 or stats["caches"]["system_keys"] != 1:
        problems.append(f"caches are {stats['caches']}")
    problems += [f"it holds {secret}" for secret in (KEY, "plaintext", "partition-name") if secret in text]
    for free, handle in own:
        free(handle)
    library.free_session(session)
    library.free_factory(factory)
    after = json.loads(library.stats())
    if any(after["handles"].values()) or after["live_secrets"] != 0:
        problems.append(f"when all is freed: {after['handles']}, {after['live_secrets']} live secrets")
    print(f"FAIL stats: {'; '.join(problems)}" if problems else "ok stats: members of asherah_stats")
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
