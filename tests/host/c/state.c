/* state LIB TEXT: the library's own account of its state contains TEXT; "ok" for all is well. */
#define _GNU_SOURCE
#include "lib.h"

int main(int argc, char **argv) {
  if (argc != 3)
    fail("usage: state LIB TEXT");
  struct lib lib = lib_load(argv[1]);
  char text[4096] = "";
  if (lib.real) {
    int (*stats)(AsherahBuffer *);
    AsherahBuffer buffer;
    lib_symbol(&lib, &stats, "asherah_stats");
    if (stats(&buffer) != ASHERAH_OK)
      fail("asherah_stats");
    snprintf(text, sizeof text, "%.*s", (int)buffer.len, (const char *)buffer.data);
    lib.buffer_free(&buffer);
    const char *host = strstr(text, "\"host\":");
    if (host == NULL)
      fail("no host in %s", text);
    memmove(text, host, strlen(host) + 1);
  } else {
    int (*state)(char *, size_t);
    lib_symbol(&lib, &state, "guest_state");
    if (state(text, sizeof text) != GUEST_OK)
      fail("guest_state");
  }
  puts(text);
  return strstr(text, argv[2]) != NULL ? 0 : 1;
}
