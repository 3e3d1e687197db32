/* Cobhan buffers for tests. Each ends where a page ends that nobody may touch, at whatever address that gives. */
#ifndef CAPI_COBHAN_H
#define CAPI_COBHAN_H

#define ASHERAH_COBHAN
#include "check.h"

#include <sys/mman.h>
#include <unistd.h>

enum { COBHAN_HEADER = 8 };

struct cobhan {
  uint8_t *buffer; /* what the library gets */
  uint8_t *data;
  size_t size; /* bytes behind the header */
  void *map;
  size_t map_len;
};

static inline void cobhan_set(struct cobhan *c, int32_t len) { memcpy(c->buffer, &len, sizeof len); }

static inline int32_t cobhan_len(const struct cobhan *c) {
  int32_t len;
  memcpy(&len, c->buffer, sizeof len);
  return len;
}

static const uint8_t COBHAN_FILL = 0xa5;

/* An output of this capacity, filled with COBHAN_FILL. */
static inline struct cobhan cobhan_room(size_t capacity) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE), size = (COBHAN_HEADER + capacity + page - 1) / page * page;
  struct cobhan c = {.size = capacity, .map_len = size + page};
  c.map = mmap(NULL, c.map_len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (c.map == MAP_FAILED || mprotect((uint8_t *)c.map + size, page, PROT_NONE) != 0)
    abort();
  c.buffer = (uint8_t *)c.map + size - COBHAN_HEADER - capacity;
  c.data = c.buffer + COBHAN_HEADER;
  memset(c.buffer, COBHAN_FILL, COBHAN_HEADER + capacity);
  cobhan_set(&c, (int32_t)capacity);
  return c;
}

static inline struct cobhan cobhan_of(const void *data, size_t len) {
  struct cobhan c = cobhan_room(len);
  memcpy(c.data, data, len);
  return c;
}

static inline struct cobhan cobhan_text(const char *text) { return cobhan_of(text, strlen(text)); }

static inline void cobhan_free(struct cobhan *c) { munmap(c->map, c->map_len); }

/* Is an output as it was made? */
static inline bool cobhan_untouched(const struct cobhan *c) {
  if (cobhan_len(c) != (int32_t)c->size)
    return false;
  for (size_t i = 4; i < COBHAN_HEADER + c->size; i++) {
    if (c->buffer[i] != COBHAN_FILL)
      return false;
  }
  return true;
}

static inline int32_t cobhan_setup(const char *config) {
  struct cobhan c = cobhan_text(config);
  int32_t code = SetupJson(c.buffer);
  cobhan_free(&c);
  return code;
}

#define CHECK_CODE(call, expected)                                                                                     \
  do {                                                                                                                 \
    int32_t code_ = (call);                                                                                            \
    const char *message_ = asherah_last_error_message();                                                               \
    if (code_ != (expected))                                                                                           \
      check_fail(__FILE__, __LINE__, #call, "%d, not %d: %s", (int)code_, (int)(expected),                             \
                 message_ ? message_ : "no message");                                                                  \
  } while (0)

#endif
