"""The part of include/asherah.h that the Python tests need, over ctypes, which lets other threads run during a call."""
import ctypes


class Buffer(ctypes.Structure):
    _fields_ = [("data", ctypes.POINTER(ctypes.c_uint8)), ("len", ctypes.c_size_t), ("capacity", ctypes.c_size_t)]


class Failure(Exception):
    """A call of the library failed. status is the name, such as "METASTORE"."""

    def __init__(self, status, message):
        super().__init__(f"{status}: {message}")
        self.status = status
        self.message = message


class Library:
    def __init__(self, path):
        self.dll = ctypes.CDLL(path)
        pointer, text, size = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t
        for name, result, arguments in [
                ("status_name", text, [ctypes.c_int]),
                ("last_error_message", text, []),
                ("last_error_code", ctypes.c_int, []),
                ("factory_new_with_config", pointer, [text]),
                ("factory_free", None, [pointer]),
                ("factory_get_session_n", pointer, [pointer, text, size]),
                ("session_free", None, [pointer]),
                ("encrypt_to_json", ctypes.c_int, [pointer, text, size, ctypes.POINTER(Buffer)]),
                ("decrypt_from_json", ctypes.c_int, [pointer, text, size, ctypes.POINTER(Buffer)]),
                ("buffer_free", None, [ctypes.POINTER(Buffer)]),
                ("stats", ctypes.c_int, [ctypes.POINTER(Buffer)])]:
            function = getattr(self.dll, "asherah_" + name)
            function.restype, function.argtypes = result, arguments
            setattr(self, "_" + name, function)

    def _fail(self):
        message = self._last_error_message()
        raise Failure(self._status_name(self._last_error_code()).decode(), message.decode() if message else None)

    def _take(self, status, buffer):
        if status != 0:
            self._fail()
        data = ctypes.string_at(buffer.data, buffer.len)
        self._buffer_free(ctypes.byref(buffer))
        return data

    def factory(self, config):
        return self._factory_new_with_config(config.encode()) or self._fail()

    def session(self, factory, partition):
        name = partition.encode()
        return self._factory_get_session_n(factory, name, len(name)) or self._fail()

    def encrypt(self, session, plaintext):
        buffer = Buffer()
        return self._take(self._encrypt_to_json(session, plaintext, len(plaintext), ctypes.byref(buffer)), buffer)

    def decrypt(self, session, record):
        buffer = Buffer()
        return self._take(self._decrypt_from_json(session, record, len(record), ctypes.byref(buffer)), buffer)

    def free_session(self, session):
        self._session_free(session)

    def free_factory(self, factory):
        self._factory_free(factory)

    def stats(self):
        """The text of asherah_stats()."""
        buffer = Buffer()
        return self._take(self._stats(ctypes.byref(buffer)), buffer).decode()
