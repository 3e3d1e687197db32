/*
 * load LIBRARY: what loading and using the library costs and changes. The program is not linked with it.
 */
#define _GNU_SOURCE
#include <asherah.h>

#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static bool failed;

#define EXPECT(condition, name, ...)                                                                                   \
  do {                                                                                                                 \
    if (condition) {                                                                                                   \
      printf("ok load: %s\n", name);                                                                                   \
    } else {                                                                                                           \
      failed = true;                                                                                                   \
      printf("FAIL load: %s: ", name);                                                                                 \
      printf(__VA_ARGS__);                                                                                             \
      putchar('\n');                                                                                                   \
    }                                                                                                                  \
  } while (0)

static AsherahFactory *(*factory_new)(const char *);
static AsherahSession *(*get_session)(AsherahFactory *, const char *);
static int (*encrypt_to_json)(AsherahSession *, const uint8_t *, size_t, AsherahBuffer *);
static const char *(*last_error)(void);
static int (*stats)(AsherahBuffer *);

static void find(void *library, const char *name, void *function) {
  *(void **)function = dlsym(library, name);
  if (!*(void **)function) {
    printf("FAIL load: no %s\n", name);
    exit(1);
  }
}

static double milliseconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void read_limits(struct rlimit limits[RLIM_NLIMITS]) {
  memset(limits, 0, RLIM_NLIMITS * sizeof *limits);
  for (int i = 0; i < RLIM_NLIMITS; i++)
    getrlimit(i, &limits[i]);
}

static void compare_limits(const struct rlimit *before, const struct rlimit *after) {
  int changed = -1;
  for (int i = 0; i < RLIM_NLIMITS; i++)
    if (memcmp(&before[i], &after[i], sizeof *before) != 0)
      changed = i;
  EXPECT(changed < 0, "resource limits are as before", "limit %d is %llu, was %llu", changed,
         (unsigned long long)after[changed < 0 ? 0 : changed].rlim_cur,
         (unsigned long long)before[changed < 0 ? 0 : changed].rlim_cur);
}

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: load LIBRARY\n");
    return 2;
  }
  /* A core limit that memguard and its like would set to 0. */
  struct rlimit core;
  getrlimit(RLIMIT_CORE, &core);
  core.rlim_cur = core.rlim_max == RLIM_INFINITY ? 1 << 20 : core.rlim_max;
  setrlimit(RLIMIT_CORE, &core);
  struct rlimit before[RLIM_NLIMITS], after[RLIM_NLIMITS];
  read_limits(before);

  double begin = milliseconds();
  void *library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    printf("FAIL load: %s\n", dlerror());
    return 1;
  }
  double loaded = milliseconds();
  find(library, "asherah_factory_new_with_config", &factory_new);
  find(library, "asherah_factory_get_session", &get_session);
  find(library, "asherah_encrypt_to_json", &encrypt_to_json);
  find(library, "asherah_last_error_message", &last_error);
  find(library, "asherah_stats", &stats);
  AsherahFactory *factory =
      factory_new("{\"ServiceName\":\"s\",\"ProductID\":\"p\",\"Metastore\":\"memory\",\"KMS\":\"static\","
                  "\"StaticMasterKeyHex\":\"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\"}");
  AsherahSession *session = factory ? get_session(factory, "p") : NULL;
  AsherahBuffer record = {0};
  int status = session ? encrypt_to_json(session, (const uint8_t *)"x", 1, &record) : -1;
  double first = milliseconds();
  EXPECT(status == 0, "first record", "%s", last_error() ? last_error() : "no message");
  printf("# dlopen %.2f ms, first record after %.2f ms\n", loaded - begin, first - begin);
  /* The goal is 20 ms, which make bench reports; this bound is only against something going wrong. */
  EXPECT(first - begin < 500, "first record in time", "%.2f ms", first - begin);

  read_limits(after);
  compare_limits(before, after);

  struct stat file;
  stat(argv[1], &file);
  printf("# library: %.2f MiB\n", (double)file.st_size / (1 << 20));
  EXPECT(file.st_size <= 24 << 20, "the library is at most 24 MiB", "%lld bytes", (long long)file.st_size);

  EXPECT(dlclose(library) == 0 && get_session(factory, "p") != NULL, "dlclose has no effect", "it does not work on");
  AsherahBuffer json = {0};
  status = stats(&json);
  bool ok = status == 0 && memmem(json.data, json.len, "\"state\":\"ok\"", 12);
  EXPECT(ok, "the host is in order", "%.*s", (int)json.len, (const char *)json.data);
  return failed;
}
