#!/usr/bin/env python3
"""Runs the cases of tests/hessra/vectors through the C functions: cases.py LIBRARY.

Each token is parsed and judged as its case says; where a case has no time of its own, once by the clock and, for the
kind that hessra_token_verify() serves, through that. Prints the cases that come out otherwise; the status is 1 then.
"""
import base64
import ctypes
import json
import pathlib
import sys
import tempfile
import threading
import time

VECTORS = pathlib.Path(__file__).parent / "vectors"
RESULTS = {"ok": 0, "INVALID_TOKEN": 1, "INVALID_KEY": 2, "VERIFICATION_FAILED": 3, "CONFIG_INVALID": 4, "IO": 6}
KINDS = {
    "verify": 1,
    "verify_operation": 2,
    "verify_service_chain": 3,
    "verify_capability": 4,
    "row_security": 4,
    "verify_identity": 5,
}
NOW_SET, SUBJECT_IN_DOMAIN = 1, 2
TEXTS = ["subject", "resource", "operation", "domain", "prefix", "identity", "service_nodes_json", "component"]


class Request(ctypes.Structure):
    _fields_ = (
        [("size", ctypes.c_uint32), ("kind", ctypes.c_uint32)]
        + [(name, ctypes.c_char_p) for name in TEXTS]
        + [("flags", ctypes.c_uint32), ("reserved", ctypes.c_uint32), ("now", ctypes.c_int64)]
    )


class Error(ctypes.Structure):
    _fields_ = [("result", ctypes.c_int32), ("message", ctypes.c_void_p)]


class Library:
    def __init__(self, path):
        self.c = ctypes.CDLL(path)
        for name in ("public_key_from_string", "token_parse", "config_from_file", "config_get_public_key"):
            getattr(self.c, "hessra_" + name).restype = ctypes.c_int32
        handle, text = ctypes.c_void_p, ctypes.c_char_p
        self.c.hessra_config_get_public_key.argtypes = [handle, text, ctypes.POINTER(handle)]
        self.c.hessra_token_verify.argtypes = [handle, handle, text, text]
        self.c.hessra_token_authorize.argtypes = [handle, handle, ctypes.POINTER(Request)]
        for name in ("revocation_ids", "describe"):
            getattr(self.c, "hessra_token_" + name).argtypes = [handle, ctypes.POINTER(handle)]
        self.c.hessra_error_free.argtypes = [handle]
        self.c.hessra_error_free.restype = None
        for kind in ("token", "public_key", "config"):
            free = getattr(self.c, "hessra_%s_free" % kind)
            free.argtypes, free.restype = [handle], None

    def make(self, function, text):
        """Calls a function that makes a handle of a text: its result, the handle and the words of a failure."""
        handle = ctypes.c_void_p(1)
        result = getattr(self.c, "hessra_" + function)(text.encode(), ctypes.byref(handle))
        return result, handle, self.words(result)

    def words(self, result):
        error = Error()
        assert self.c.hessra_last_error(ctypes.byref(error)) == 0 and error.result == result, "last error"
        if not error.message:
            assert result == 0, "a failure without words"
            return ""
        words = ctypes.string_at(error.message).decode()
        self.c.hessra_error_free(error.message)
        return words

    def take(self, pointer):
        text = ctypes.string_at(pointer).decode()
        self.c.hessra_error_free(pointer)
        return text


def request_of(case):
    args = dict(case["args"])
    if case["kind"] == "row_security":
        args["resource"] = args.pop("table")
    request = Request(size=ctypes.sizeof(Request), kind=KINDS[case["kind"]])
    if args.pop("ensure_subject_in_domain", False):
        request.flags |= SUBJECT_IN_DOMAIN
    if "service_nodes" in args:
        args["service_nodes_json"] = json.dumps(args.pop("service_nodes"))
    for name, value in args.items():
        assert name in TEXTS, name
        if value is not None:
            setattr(request, name, value.encode())
    if "now" in case:
        request.flags |= NOW_SET
        request.now = case["now"]
    return request


def judge(library, case):
    """The results of a case, one for each way to ask."""
    results = []
    key_result, key = 0, ctypes.c_void_p()
    if "public_key" in case:
        key_result, key, _ = library.make("public_key_from_string", case["public_key"])
    if case["kind"] == "public_key" or key_result != 0:
        return [key_result]
    parsed, token, words = library.make("token_parse", case["token"])
    if parsed != 0 or case["kind"] == "parse":
        assert parsed == 0 or (token.value is None and words), "output of a failure"
        results = [parsed]
    else:
        request = request_of(case)
        results.append(library.c.hessra_token_authorize(token, key, ctypes.byref(request)))
        again = library.c.hessra_token_authorize(token, key, ctypes.byref(request))
        assert again == results[0], "another answer the second time"
        if case["kind"] == "verify" and "now" not in case:
            results.append(library.c.hessra_token_verify(token, key, request.subject, request.resource))
        ids = ctypes.c_void_p()
        assert library.c.hessra_token_revocation_ids(token, ctypes.byref(ids)) == 0
        ids = json.loads(library.take(ids))
        assert ids == case.get("revocation_ids", ids), "revocation ids"
        text = ctypes.c_void_p()
        assert library.c.hessra_token_describe(token, ctypes.byref(text)) == 0
        blocks = json.loads(library.take(text))["blocks"]
        assert [block["revocation_id"] for block in blocks] == ids, "description"
    library.c.hessra_token_free(token)
    library.c.hessra_public_key_free(key)
    return results


def run_tokens(library):
    for case in json.loads((VECTORS / "cases.json").read_text())["cases"]:
        begin = time.monotonic()
        try:
            results = judge(library, case)
        except AssertionError as error:
            yield case["name"], False, str(error)
            continue
        ms = (time.monotonic() - begin) * 1000 / (2 * len(results))
        wanted = RESULTS[case["expect"]]
        good = all(result == wanted for result in results) and ms <= case.get("max_ms", 10_000)
        yield case["name"], good, "%s in %.0f ms, want %s: %s" % (results, ms, case["expect"], case["why"])


def run_configurations(library):
    for case in json.loads((VECTORS / "config-cases.json").read_text())["cases"]:
        with tempfile.TemporaryDirectory() as folder:
            content = base64.b64decode(case["text_base64"]) if "text_base64" in case else case["text"].encode()
            for name, data in {case["file"]: content, **{n: t.encode() for n, t in case.get("files", {}).items()}}.items():
                path = pathlib.Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
            result, config, words = library.make("config_from_file", str(pathlib.Path(folder, case["file"])))
        good = result == RESULTS[case["expect"]]
        key = ctypes.c_void_p()
        for name in case.get("keys", {}) if result == 0 else ():
            good &= library.c.hessra_config_get_public_key(config, name.encode(), ctypes.byref(key)) == 0
            library.c.hessra_public_key_free(key)
        for name in case.get("missing") or () if result == 0 else ():
            good &= library.c.hessra_config_get_public_key(config, name.encode(), ctypes.byref(key)) == 2 and not key
        library.c.hessra_config_free(config)
        yield case["name"], good, "%d, want %s: %s" % (result, case["expect"], words)


def main():
    library = Library(sys.argv[1])
    failures, ran = [], []

    def run(cases):
        for name, good, detail in cases(library):
            ran.append(name)
            if not good:
                failures.append("%s: %s" % (name, detail))

    run(run_tokens)
    run(run_configurations)
    threads = [threading.Thread(target=run, args=(run_tokens,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for failure in failures:
        print("FAIL", failure)
    print("%s %d cases through C" % ("FAIL" if failures else "ok", len(ran)))
    sys.exit(bool(failures) or len(ran) < 1300)


if __name__ == "__main__":
    main()
