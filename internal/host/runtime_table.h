/* The Go runtime's table of signals, found in this library's own data. */
#ifndef ASHERAH_HOST_RUNTIME_TABLE_H
#define ASHERAH_HOST_RUNTIME_TABLE_H

#include <link.h>
#include <stdbool.h>
#include <stdint.h>

#include "sigaction.h"

struct host_range {
  uintptr_t low, high; /* [low, high) */
};

static inline bool host_range_holds(const struct host_range *range, uintptr_t address) {
  return address >= range->low && address < range->high;
}

static inline void host_range_extend(struct host_range *range, uintptr_t low, uintptr_t high) {
  if (low < range->low)
    range->low = low;
  if (high > range->high)
    range->high = high;
}

/* A loaded ELF object. */
struct host_library {
  uintptr_t base;
  struct host_range image, text;
  const ElfW(Phdr) * headers;
  int header_count;
};

/* runtime.sigtable: [65]struct{ flags int32; name string }. An entry without flags is a signal that the runtime leaves
 * alone: no handler, no SA_ONSTACK, no unblocking. */
struct host_runtime_table {
  struct {
    int32_t flags;
    const char *name;
    intptr_t name_len;
  } entries[HOST_SIGNALS];
};

/* Returns the table in the writable data of library, or NULL if there is no such thing, as in a Go release that has it
 * otherwise. No symbols are needed. */
struct host_runtime_table *host_find_runtime_table(const struct host_library *library);

#endif
