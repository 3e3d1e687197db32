/* two LIB LIB2: the dynamic linker took them for two libraries, each with its own functions; both work. */
#define _GNU_SOURCE
#include "lib.h"

#include <link.h>

int main(int argc, char **argv) {
  if (argc != 3)
    fail("usage: two LIB LIB2");
  struct lib libs[2] = {lib_load(argv[1]), lib_load(argv[2])};
  struct link_map *maps[2];
  for (int i = 0; i < 2; i++)
    if (dlinfo(libs[i].handle, RTLD_DI_LINKMAP, &maps[i]) != 0)
      fail("%s", dlerror());
  if (maps[0] == maps[1] || maps[0]->l_addr == maps[1]->l_addr || strcmp(maps[0]->l_name, maps[1]->l_name) == 0)
    fail("one link map for both");
  for (int i = 0; i < 2; i++)
    lib_open(&libs[i]);
  for (int i = 0; i < 2000; i++)
    if (lib_call(&libs[i % 2]) != 0)
      fail("a call failed");
  for (int i = 0; i < 2; i++)
    if (!libs[i].real && libs[i].fault() != 1)
      fail("a fault in library %d was not caught", i + 1);
  return 0;
}
