/*
 * limits POLICY LIMIT: with LockedMemory = POLICY, in a process that may lock LIMIT bytes ("none", "some" or "enough")
 * and has no CAP_IPC_LOCK. run.sh sets both up; the program makes sure that they are.
 */
#define _DEFAULT_SOURCE
#include "check.h"

#include <sys/mman.h>
#include <sys/resource.h>

static const char *policy, *limit;

static bool may_lock(size_t size) {
  void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  bool locked = memory != MAP_FAILED && mlock(memory, size) == 0;
  if (memory != MAP_FAILED)
    munmap(memory, size);
  return locked;
}

/* VmLck, which the library must not believe but the kernel. */
static long locked_kib(void) {
  FILE *status = fopen("/proc/self/status", "r");
  char line[256];
  long kib = -1;
  while (status && fgets(line, sizeof line, status))
    if (sscanf(line, "VmLck: %ld", &kib) == 1)
      break;
  if (status)
    fclose(status);
  return kib;
}

/* Uses a factory with as many keys as partitions. Returns the status of the first call that fails. */
static int use(size_t partitions, long *locked, long long *live) {
  char config[512];
  snprintf(config, sizeof config, CHECK_CONFIG_WITH(",\"LockedMemory\":\"%s\""), policy);
  AsherahFactory *factory = asherah_factory_new_with_config(config);
  int status = asherah_last_error_code();
  for (size_t i = 0; factory && i < partitions && status == ASHERAH_OK; i++) {
    char name[32];
    snprintf(name, sizeof name, "p%zu", i);
    AsherahSession *session = asherah_factory_get_session(factory, name);
    AsherahBuffer record = {0}, text = {0};
    status = asherah_encrypt_to_json(session, (const uint8_t *)"text", 4, &record);
    if (status == ASHERAH_OK)
      status = asherah_decrypt_from_json(session, record.data, record.len, &text);
    if (status == ASHERAH_OK)
      CHECK(text.len == 4 && memcmp(text.data, "text", 4) == 0, "another plaintext");
    asherah_buffer_free(&record);
    asherah_buffer_free(&text);
    asherah_session_free(session);
  }
  if (status != ASHERAH_OK) {
    const char *message = asherah_last_error_message();
    CHECK(message && strstr(message, "lock"), "the message does not say what to do: %s", message ? message : "none");
  }
  *locked = locked_kib();
  *live = check_stat("live_secrets");
  asherah_factory_free(factory);
  return status;
}

static void test_locked_memory(void) {
  bool none = strcmp(limit, "none") == 0, some = strcmp(limit, "some") == 0;
  bool may_lock_a_page = may_lock(4096), may_lock_much = may_lock(1 << 20);
  REQUIRE(may_lock_a_page == !none, "a page can %sbe locked", may_lock_a_page ? "" : "not ");
  REQUIRE(may_lock_much == !(none || some), "1 MiB can %sbe locked", may_lock_much ? "" : "not ");
  long locked_before = locked_kib(), locked = 0;
  long long live = 0;
  /* 900 cached keys do not fit into 64 KiB. */
  int status = use(some ? 900 : 20, &locked, &live);
  long long failures = check_stat("lock_failures"), unlocked = check_stat("unlocked_bytes");
  if (strcmp(policy, "off") == 0) {
    CHECK(status == ASHERAH_OK, "%s", asherah_status_name(status));
    CHECK(locked == locked_before && failures == 0, "%ld KiB locked, %lld failures", locked, failures);
  } else if (strcmp(limit, "enough") == 0) {
    CHECK(status == ASHERAH_OK, "%s", asherah_status_name(status));
    CHECK(locked > locked_before && failures == 0 && unlocked == 0, "%ld KiB locked, %lld failures", locked, failures);
    CHECK(live > 0, "no live secrets");
  } else if (strcmp(policy, "prefer") == 0) {
    CHECK(status == ASHERAH_OK, "%s", asherah_status_name(status));
    CHECK(failures > 0, "no lock failure was counted");
    CHECK(check_stat("warnings") >= 1, "no warning");
    CHECK(none ? locked == 0 : locked > 0 && locked <= 64, "%ld KiB locked", locked);
  } else {
    CHECK(status == ASHERAH_ERROR_LOCKED_MEMORY, "%s", asherah_status_name(status));
    CHECK(unlocked == 0, "%lld bytes in memory that is not locked", unlocked);
  }
  CHECK(check_stat("live_secrets") == 0, "%lld secrets after the last free", check_stat("live_secrets"));
}

int main(int argc, char **argv) {
  if (argc != 3)
    return 2;
  policy = argv[1];
  limit = argv[2];
  char name[64];
  snprintf(name, sizeof name, "limits: %s, %s", policy, limit);
  check_run(name, test_locked_memory);
  FINISH();
}
