/* syscall(), dl_iterate_phdr() */
#define _GNU_SOURCE
#include "runtime_table.h"
#include "host.h"

#include <string.h>

_Static_assert(sizeof((struct host_runtime_table *)0)->entries[0] == 24, "layout of runtime.sigTabT");

static bool inside(const struct host_range *image, const char *text, intptr_t len) {
  uintptr_t low = (uintptr_t)text;
  return len > 0 && host_range_holds(image, low) && (uintptr_t)len <= image->high - low;
}

static bool starts_with(const char *text, intptr_t len, const char *prefix) {
  size_t n = strlen(prefix);
  return (size_t)len >= n && memcmp(text, prefix, n) == 0;
}

static bool is_table(const struct host_range *image, const struct host_runtime_table *table) {
  static const char first[] = "SIGNONE: no trap";
  /* The length comes first: it sorts out nearly every place with one comparison. */
  if (table->entries[0].name_len != sizeof first - 1 || table->entries[0].flags != 0 ||
      !inside(image, table->entries[0].name, table->entries[0].name_len) ||
      memcmp(table->entries[0].name, first, sizeof first - 1) != 0)
    return false;
  for (int i = 1; i < HOST_SIGNALS; i++) {
    const char *name = table->entries[i].name;
    intptr_t len = table->entries[i].name_len;
    if (!inside(image, name, len) || (!starts_with(name, len, "SIG") && !starts_with(name, len, "signal ")))
      return false;
  }
  return true;
}

static struct host_runtime_table *search(const struct host_range *image, uintptr_t low, uintptr_t high) {
  low = (low + 7) & ~(uintptr_t)7;
  for (uintptr_t at = low; at + sizeof(struct host_runtime_table) <= high; at += 8)
    if (is_table(image, (struct host_runtime_table *)at))
      return (struct host_runtime_table *)at;
  return NULL;
}

struct host_runtime_table *host_find_runtime_table(const struct host_library *library) {
#ifdef HOST_NO_TABLE
  (void)library;
  (void)search;
  return NULL;
#else
  struct host_range relro = {0, 0};
  for (int i = 0; i < library->header_count; i++)
    if (library->headers[i].p_type == PT_GNU_RELRO) {
      relro.low = library->base + library->headers[i].p_vaddr;
      relro.high = relro.low + library->headers[i].p_memsz;
    }
  for (int i = 0; i < library->header_count; i++) {
    const ElfW(Phdr) *segment = &library->headers[i];
    if (segment->p_type != PT_LOAD || !(segment->p_flags & PF_W))
      continue;
    uintptr_t low = library->base + segment->p_vaddr;
    uintptr_t high = low + segment->p_filesz;
    /* What is read-only after relocation stands at the start of its segment. */
    if (host_range_holds(&relro, low))
      low = relro.high;
    struct host_runtime_table *table = search(&library->image, low, high);
    if (table != NULL)
      return table;
  }
  return NULL;
#endif
}
