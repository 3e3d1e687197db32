/* lib.h: loads the library under test, either tests/host/guest or the real one, and calls it. */
#ifndef TESTS_HOST_LIB_H
#define TESTS_HOST_LIB_H

#include <dlfcn.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asherah.h"
#include "guest.h"

struct lib {
  void *handle;
  bool real; /* libasherah, not the guest */
  AsherahSession *session;
  int (*noop)(void);
  int (*alloc)(uint32_t kib);
  int (*block)(uint32_t ms);
  int (*spin)(uint32_t ms);
  int (*callback)(GuestFn fn, void *user_data, uint32_t count);
  int (*callback_async)(GuestFn fn, void *user_data, uint32_t count);
  int (*fault)(void);
  AsherahFactory *(*factory_new)(const char *config);
  AsherahSession *(*get_session)(AsherahFactory *factory, const char *partition);
  int (*encrypt)(AsherahSession *session, const uint8_t *data, size_t len, AsherahBuffer *out);
  int (*decrypt)(AsherahSession *session, const uint8_t *json, size_t len, AsherahBuffer *out);
  void (*buffer_free)(AsherahBuffer *buffer);
};

static inline void fail(const char *format, ...) {
  va_list args;
  va_start(args, format);
  fputs("failed: ", stderr);
  vfprintf(stderr, format, args);
  fputc('\n', stderr);
  va_end(args);
  exit(strncmp(format, "usage", 5) == 0 ? 2 : 1);
}

static inline void lib_symbol(struct lib *lib, void *to, const char *name) {
  void *address = dlsym(lib->handle, name);
  if (address == NULL)
    fail("no symbol %s", name);
  memcpy(to, &address, sizeof address);
}

/* Loads without a call. */
static inline struct lib lib_load(const char *path) {
  struct lib lib = {0};
  lib.handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (lib.handle == NULL)
    fail("%s", dlerror());
  lib.real = dlsym(lib.handle, "asherah_version") != NULL;
  if (lib.real) {
    lib_symbol(&lib, &lib.factory_new, "asherah_factory_new_with_config");
    lib_symbol(&lib, &lib.get_session, "asherah_factory_get_session");
    lib_symbol(&lib, &lib.encrypt, "asherah_encrypt_to_json");
    lib_symbol(&lib, &lib.decrypt, "asherah_decrypt_from_json");
    lib_symbol(&lib, &lib.buffer_free, "asherah_buffer_free");
    return lib;
  }
  lib_symbol(&lib, &lib.noop, "guest_noop");
  lib_symbol(&lib, &lib.alloc, "guest_alloc");
  lib_symbol(&lib, &lib.block, "guest_block");
  lib_symbol(&lib, &lib.spin, "guest_spin");
  lib_symbol(&lib, &lib.callback, "guest_callback");
  lib_symbol(&lib, &lib.callback_async, "guest_callback_async");
  lib_symbol(&lib, &lib.fault, "guest_fault");
  return lib;
}

/* Makes the first call. */
static inline void lib_open(struct lib *lib) {
  if (!lib->real) {
    if (lib->noop() != GUEST_OK)
      fail("guest_noop");
    return;
  }
  AsherahFactory *factory = lib->factory_new("{\"ServiceName\":\"s\",\"ProductID\":\"p\",\"Metastore\":\"memory\","
                                             "\"KMS\":\"test-debug-static\"}");
  lib->session = lib->get_session(factory, "c");
  if (lib->session == NULL)
    fail("no session");
}

/* One ordinary call; returns its status. */
static inline int lib_call(struct lib *lib) {
  if (!lib->real)
    return lib->noop();
  static const uint8_t data[256] = {1, 2, 3};
  AsherahBuffer record = {0}, back = {0};
  int status = lib->encrypt(lib->session, data, sizeof data, &record);
  if (status == ASHERAH_OK)
    status = lib->decrypt(lib->session, record.data, record.len, &back);
  if (status == ASHERAH_OK && (back.len != sizeof data || memcmp(back.data, data, sizeof data) != 0))
    fail("the plaintext came back changed");
  lib->buffer_free(&record);
  lib->buffer_free(&back);
  return status;
}

#endif
