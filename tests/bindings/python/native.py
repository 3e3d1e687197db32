"""The functions that bindings of godaddy/asherah-ffi call, over ctypes, declared as those declare them: handles are
addresses nobody looks behind, a result other than 0 is a failure, its words are the last error of the thread."""
import ctypes

POINTER, TEXT, SIZE, INT = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int


class Buffer(ctypes.Structure):
    _fields_ = [("data", ctypes.POINTER(ctypes.c_uint8)), ("len", SIZE), ("capacity", SIZE)]


COMPLETION = ctypes.CFUNCTYPE(None, POINTER, POINTER, SIZE, TEXT)
LOG = ctypes.CFUNCTYPE(None, POINTER, ctypes.c_int32, TEXT, TEXT)
METRICS = ctypes.CFUNCTYPE(None, POINTER, ctypes.c_int32, ctypes.c_uint64, TEXT)

SIGNATURES = {
    "asherah_last_error_message": (TEXT, []),
    "asherah_factory_new_from_env": (POINTER, []),
    "asherah_factory_new_with_config": (POINTER, [TEXT]),
    "asherah_apply_config_json": (INT, [TEXT]),
    "asherah_factory_free": (None, [POINTER]),
    "asherah_factory_get_session": (POINTER, [POINTER, TEXT]),
    "asherah_session_free": (None, [POINTER]),
    "asherah_encrypt_to_json": (INT, [POINTER, TEXT, SIZE, ctypes.POINTER(Buffer)]),
    "asherah_decrypt_from_json": (INT, [POINTER, TEXT, SIZE, ctypes.POINTER(Buffer)]),
    "asherah_encrypt_to_json_async": (INT, [POINTER, TEXT, SIZE, COMPLETION, POINTER]),
    "asherah_decrypt_from_json_async": (INT, [POINTER, TEXT, SIZE, COMPLETION, POINTER]),
    "asherah_buffer_free": (None, [ctypes.POINTER(Buffer)]),
    "asherah_set_log_hook": (INT, [LOG, POINTER]),
    "asherah_set_log_hook_with_config": (INT, [LOG, POINTER, SIZE, ctypes.c_int32]),
    "asherah_set_log_hook_sync": (INT, [LOG, POINTER, ctypes.c_int32]),
    "asherah_clear_log_hook": (INT, []),
    "asherah_log_dropped_count": (ctypes.c_uint64, []),
    "asherah_set_metrics_hook": (INT, [METRICS, POINTER]),
    "asherah_set_metrics_hook_with_config": (INT, [METRICS, POINTER, SIZE]),
    "asherah_set_metrics_hook_sync": (INT, [METRICS, POINTER]),
    "asherah_clear_metrics_hook": (INT, []),
    "asherah_metrics_dropped_count": (ctypes.c_uint64, []),
}


def load(path):
    library = ctypes.CDLL(path)
    for name, (result, arguments) in SIGNATURES.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


class AsherahError(Exception):
    pass


class Asherah:
    """A binding as others write it, in so far as they have classes."""

    def __init__(self, path):
        self.c = load(path)

    def fail(self):
        words = self.c.asherah_last_error_message()
        raise AsherahError(words.decode() if words else "unknown error")

    def factory(self, config=None):
        if config is None:
            return self.c.asherah_factory_new_from_env() or self.fail()
        return self.c.asherah_factory_new_with_config(config.encode()) or self.fail()

    def session(self, factory, partition):
        return self.c.asherah_factory_get_session(factory, partition.encode()) or self.fail()

    def _call(self, function, session, data, buffer=None):
        buffer = buffer or Buffer()
        if function(session, data, len(data), ctypes.byref(buffer)) != 0:
            self.fail()
        result = ctypes.string_at(buffer.data, buffer.len)
        self.c.asherah_buffer_free(ctypes.byref(buffer))
        return result

    def encrypt(self, session, data, buffer=None):
        return self._call(self.c.asherah_encrypt_to_json, session, data, buffer)

    def decrypt(self, session, record, buffer=None):
        return self._call(self.c.asherah_decrypt_from_json, session, record, buffer)
