/* What the C and the Go side of the Cobhan functions share. Not public. */
#ifndef ASHERAH_COBHAN_PARTS_H
#define ASHERAH_COBHAN_PARTS_H

#include <stddef.h>
#include <stdint.h>

/* The members of a record: an input, or an output, where the lengths are capacities before the call. Addresses are
 * numbers, as in the other exports. */
struct cobhan_parts {
  uintptr_t data, key, parent_id;
  size_t data_len, key_len, parent_id_len;
  int64_t created, parent_created;
};

#endif
