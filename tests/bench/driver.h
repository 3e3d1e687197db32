/* What the benchmark asks of a library. One of these per kind: floor.c, ffi.c, cobhan.c. */
#ifndef BENCH_DRIVER_H
#define BENCH_DRIVER_H

#include <stddef.h>
#include <stdint.h>

/* The result of one operation. own is the driver's; data and len are what came out. */
struct output {
  uint8_t *data;
  size_t len;
  void *own[2];
};

struct driver {
  const char *name;

  /* One session; partition is NUL-terminated and outlives it. Sessions may be used by one thread at a time and by
   * several, as the run says. */
  void *(*session)(const char *partition);
  void (*close_session)(void *session);

  /* 0, or a failure. The output is given back with release() by the thread that got it. */
  int (*encrypt)(void *session, const uint8_t *data, size_t len, struct output *out);
  int (*decrypt)(void *session, const uint8_t *record, size_t len, struct output *out);
  void (*release)(struct output *out);

  /* As above into a buffer of the caller; NULL where a library has no such call. */
  int (*encrypt_into)(void *session, const uint8_t *data, size_t len, uint8_t *out, size_t capacity, size_t *written);
  int (*decrypt_into)(void *session, const uint8_t *record, size_t len, uint8_t *out, size_t capacity, size_t *written);

  const char *(*version)(void);
};

/* Load the library and make the one factory, with a memory metastore and a static key, or with a metastore and a KMS of
 * this program's functions. They print why and exit if they cannot. library is what dlopen() returned. A program has
 * either the floor or the others. */
const struct driver *floor_open(void);
const struct driver *ffi_open(void *library);
const struct driver *callbacks_open(void *library);
const struct driver *cobhan_open(void *library);

/* Room for the record of len bytes, whichever library writes it. */
static inline size_t record_room(size_t len) { return (len + 28 + 2) / 3 * 4 + 1024; }

#endif
