/* What the public functions share on the C side. */
#ifndef ASHERAH_CALLS_H
#define ASHERAH_CALLS_H

#include "border.h"

#include <stdlib.h>
#include <string.h>

#include "_cgo_export.h"
#include "host.h"

#define ENTER_STATUS                                                                                                   \
  do {                                                                                                                 \
    if (!border_enter())                                                                                               \
      return ASHERAH_ERROR_UNSUPPORTED;                                                                                \
  } while (0)

#define ENTER_HANDLE                                                                                                   \
  do {                                                                                                                 \
    if (!border_enter())                                                                                               \
      return NULL;                                                                                                     \
  } while (0)

#define EMPTY_BUFFER ((AsherahBuffer){NULL, 0, 0})

/* For functions that are neither status nor handle: these leave the last error alone. */
static inline int enter_quietly(void) { return host_enter(); }

static inline int no_memory(void) { return lasterror_fail(ASHERAH_ERROR_INTERNAL, "out of memory"); }

/* What a sealed value has beyond its plaintext: tag and nonce. */
enum { SEAL_OVERHEAD = 28 };

static inline size_t base64_size(size_t n) { return (n + 2) / 3 * 4; }

/* The most that len characters of record can hold, sealed. */
static inline size_t sealed_bound(size_t len) { return len / 4 * 3; }

static inline int check_input(const uint8_t *data, size_t len) {
  if (data == NULL && len != 0)
    return lasterror_fail(ASHERAH_ERROR_INVALID_ARGUMENT, "the input is NULL and its length is not 0");
  if (len > ASHERAH_MAX_INPUT)
    return lasterror_fail(ASHERAH_ERROR_INVALID_ARGUMENT, "the input is longer than ASHERAH_MAX_INPUT");
  return ASHERAH_OK;
}

static inline int overlap(const void *a, size_t a_len, const void *b, size_t b_len) {
  uintptr_t x = (uintptr_t)a, y = (uintptr_t)b;
  return a_len != 0 && b_len != 0 && x < y + b_len && y < x + a_len;
}

static inline int check_flags(uint32_t flags) {
  return (flags & ~ASHERAH_ONLY_IF_CACHED) == 0 ? ASHERAH_OK
                                                : lasterror_fail(ASHERAH_ERROR_INVALID_ARGUMENT, "unknown flag");
}

#endif
