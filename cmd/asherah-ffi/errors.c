#include "border.h"

#include "host.h"

int border_enter(void) {
  if (!host_enter()) {
    lasterror_fail(ASHERAH_ERROR_UNSUPPORTED,
                   "libasherah does not work in a child made by fork(): load it after fork, or exec");
    return 0;
  }
  if (__builtin_expect(lasterror_status != ASHERAH_OK, 0))
    lasterror_clear();
  return 1;
}

const char *asherah_last_error_message(void) { return lasterror_message(); }

int asherah_last_error_code(void) { return lasterror_status; }

const char *asherah_version(void) { return ASHERAH_VERSION; }

int asherah_abi_version(void) { return ASHERAH_ABI_VERSION; }

const char *asherah_status_name(int status) {
  switch (status) {
#define NAME(name)                                                                                                     \
  case ASHERAH_ERROR_##name:                                                                                           \
    return #name;
    NAME(INTERNAL)
    NAME(INVALID_ARGUMENT)
    NAME(CONFIGURATION)
    NAME(CLOSED_HANDLE)
    NAME(MALFORMED_RECORD)
    NAME(PARTITION_MISMATCH)
    NAME(METADATA_MISSING)
    NAME(AUTHENTICATION)
    NAME(METASTORE)
    NAME(KMS)
    NAME(LOCKED_MEMORY)
    NAME(TIMED_OUT)
    NAME(BUFFER_TOO_SMALL)
    NAME(UNSUPPORTED)
    NAME(HOST_CALLBACK)
    NAME(WOULD_BLOCK)
    NAME(QUEUE_FULL)
    NAME(CANCELLED)
#undef NAME
  case ASHERAH_OK:
    return "OK";
  default:
    return "UNKNOWN";
  }
}
