/* asherah_secret_new() and asherah_secret_free(): where the memory is, that it is wiped, and bad arguments. */
#define _GNU_SOURCE
#include "check.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { KIB = 1024, MIB = 1 << 20 };

static const size_t lengths[] = {
    1, 16, 32, 48, 49, 100, 815, 816, 817, 4096, 8176, 8177, 65536, 100000, MIB, 5000000, ASHERAH_MAX_SECRET};
enum { LENGTHS = sizeof lengths / sizeof *lengths };

/* Whether the byte at an address can be read, as the kernel sees it. */
static bool readable(const uint8_t *address) {
  int pipes[2];
  if (pipe(pipes) != 0)
    abort();
  bool read = write(pipes[1], address, 1) == 1;
  CHECK(read || errno == EFAULT, "%s", strerror(errno));
  close(pipes[0]);
  close(pipes[1]);
  return read;
}

/* The kernel's flags of the mapping that has an address, "" if none has. */
static void flags_of(const uint8_t *address, char *flags, size_t room) {
  FILE *smaps = fopen("/proc/self/smaps", "r");
  char line[512];
  bool inside = false;
  flags[0] = '\0';
  while (smaps && fgets(line, sizeof line, smaps)) {
    unsigned long low, high;
    if (sscanf(line, "%lx-%lx ", &low, &high) == 2)
      inside = (uintptr_t)address >= low && (uintptr_t)address < high;
    else if (inside && strncmp(line, "VmFlags:", 8) == 0)
      snprintf(flags, room, "%s", line + 8);
  }
  CHECK(smaps, "no smaps");
  if (smaps)
    fclose(smaps);
}

static bool all(const uint8_t *data, size_t len, uint8_t value) {
  for (size_t i = 0; i < len; i++)
    if (data[i] != value)
      return false;
  return true;
}

static void test_memory_of_each_length(void) {
  for (size_t i = 0; i < LENGTHS; i++) {
    size_t len = lengths[i];
    uint8_t *data = NULL;
    char first[256], last[256];
    AsherahSecret *secret = asherah_secret_new(len, &data);
    REQUIRE(secret && data, "%zu bytes: %s", len, asherah_last_error_message());
    CHECK(all(data, len, 0), "%zu bytes are not zero", len);
    memset(data, 0xa5, len);
    CHECK(check_stat_in("handles", "secrets") == 1, "%lld handles", check_stat_in("handles", "secrets"));
    flags_of(data, first, sizeof first);
    flags_of(data + len - 1, last, sizeof last);
    /* dd: not in core dumps; wf: zero in children; lo: locked, which the limit of the process may forbid. */
    CHECK(strcmp(first, last) == 0 && strstr(first, " dd") && strstr(first, " wf"), "%zu bytes: %s", len, first);
    CHECK(strstr(first, " lo") || check_stat("lock_failures") > 0, "%zu bytes are not locked: %s", len, first);
    asherah_secret_free(secret);
    CHECK(check_stat_in("handles", "secrets") == 0, "%lld handles", check_stat_in("handles", "secrets"));
    asherah_secret_free(secret);
  }
  CHECK(check_stat("live_secrets") == 0 && check_stat("locked_bytes") == 0 && check_stat("unlocked_bytes") == 0,
        "%lld secrets, %lld bytes", check_stat("live_secrets"),
        check_stat("locked_bytes") + check_stat("unlocked_bytes"));
}

/* Freed memory is looked at where another secret keeps its pages; where none does the pages are gone. */
static void test_freed_memory_is_wiped(void) {
  for (size_t i = 0; i < LENGTHS; i++) {
    size_t len = lengths[i];
    uint8_t *kept = NULL, *data = NULL;
    AsherahSecret *neighbour = asherah_secret_new(len, &kept), *secret = asherah_secret_new(len, &data);
    REQUIRE(neighbour && secret, "%s", asherah_last_error_message());
    memset(kept, 'k', len);
    memset(data, 0xa5, len);
    asherah_secret_free(secret);
    if (readable(data))
      CHECK(all(data, len, 0), "%zu bytes are not wiped", len);
    else
      CHECK(len > 4096, "%zu bytes have pages of their own", len);
    CHECK(all(kept, len, 'k'), "the other %zu bytes were changed", len);
    asherah_secret_free(neighbour);
    CHECK(!readable(data) && !readable(kept), "pages of %zu bytes are left", len);
  }
}

static void test_guard_pages(void) {
  for (size_t i = 0; i < LENGTHS; i++) {
    uint8_t *data = NULL;
    AsherahSecret *secret = asherah_secret_new(lengths[i], &data);
    REQUIRE(secret, "%s", asherah_last_error_message());
    size_t before = 0, after = 0;
    const size_t page = (size_t)sysconf(_SC_PAGESIZE), most = 20 * KIB;
    while (before < most && readable(data - before - 1))
      before++;
    while (after < most && readable(data + lengths[i] + after))
      after++;
    CHECK(before < most && after < most, "%zu bytes: no guard page within %zu and %zu bytes", lengths[i], before,
          after);
    CHECK(lengths[i] < 8177 || after < 128, "%zu bytes end %zu bytes before the guard page", lengths[i], after);
    CHECK(((uintptr_t)data - before) % page == 0, "%zu bytes", lengths[i]);
    asherah_secret_free(secret);
  }
}

/* An overrun is noticed when the secret is freed. */
static void test_canary(void) {
  const size_t sizes[] = {1, 31, 32, 48, 100, 816, 8177};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    uint8_t *kept = NULL, *data = NULL;
    AsherahSecret *neighbour = asherah_secret_new(sizes[i], &kept), *secret = asherah_secret_new(sizes[i], &data);
    REQUIRE(neighbour && secret, "%s", asherah_last_error_message());
    long long damaged = check_stat("damaged_canaries");
    data[sizes[i]] ^= 1;
    asherah_secret_free(secret);
    CHECK(check_stat("damaged_canaries") == damaged + 1, "%zu bytes: an overrun was not noticed", sizes[i]);
    asherah_secret_free(neighbour);
    CHECK(check_stat("damaged_canaries") == damaged + 1, "the neighbour's canary");
  }
}

static void test_zero_in_children(void) {
  for (size_t i = 0; i < LENGTHS; i++) {
    uint8_t *data = NULL;
    AsherahSecret *secret = asherah_secret_new(lengths[i], &data);
    REQUIRE(secret, "%s", asherah_last_error_message());
    memset(data, 0xa5, lengths[i]);
    pid_t child = fork();
    if (child == 0)
      _exit(!all(data, lengths[i], 0));
    int status = -1;
    CHECK(child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0,
          "a child sees the %zu bytes", lengths[i]);
    CHECK(all(data, lengths[i], 0xa5), "the parent's own");
    asherah_secret_free(secret);
  }
}

/* A key in a secret, used by address. */
static void test_cipher_with_a_secret(void) {
  uint8_t *key = NULL, nonce[ASHERAH_AES_NONCE_SIZE] = {7}, sealed[32], text[16];
  size_t written = 0;
  AsherahSecret *secret = asherah_secret_new(ASHERAH_AES_KEY_SIZE, &key);
  REQUIRE(secret, "%s", asherah_last_error_message());
  memset(key, 'k', ASHERAH_AES_KEY_SIZE);
  CHECK_STATUS(asherah_aes_gcm_seal(key, nonce, (const uint8_t *)"sixteen bytes...", 16, sealed, 32, &written),
               ASHERAH_OK);
  CHECK_STATUS(asherah_aes_gcm_open(key, nonce, sealed, written, text, 16, &written), ASHERAH_OK);
  CHECK(memcmp(text, "sixteen bytes...", 16) == 0, "another plaintext");
  asherah_secret_free(secret);
}

static AsherahFactory *factory;
static AsherahSession *session;

static void arguments(size_t index, void *argument) {
  const size_t bad[] = {0, ASHERAH_MAX_SECRET + 1, (size_t)1 << 32, (size_t)1 << 47, SIZE_MAX / 2, SIZE_MAX};
  uint8_t *data = (uint8_t *)1;
  uint64_t random = index + 1;
  (void)argument;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    data = (uint8_t *)1;
    CHECK(asherah_secret_new(bad[i], &data) == NULL && data == NULL, "a secret of %zu bytes", bad[i]);
    CHECK(asherah_last_error_code() == ASHERAH_ERROR_INVALID_ARGUMENT, "%d", asherah_last_error_code());
  }
  CHECK(asherah_secret_new(32, NULL) == NULL, "a secret without an address");
  CHECK(asherah_last_error_code() == ASHERAH_ERROR_INVALID_ARGUMENT, "%d", asherah_last_error_code());
  asherah_secret_free(NULL);
  asherah_secret_free((AsherahSecret *)session);
  asherah_secret_free((AsherahSecret *)factory);
  AsherahSecret *secret = asherah_secret_new(32, &data);
  REQUIRE(secret && data, "%s", asherah_last_error_message());
  memset(data, 's', 32);
  for (int i = 0; i < 10000; i++)
    asherah_secret_free((AsherahSecret *)(uintptr_t)(check_random(&random) >> i % 2 * 17));
  for (int bit = 22; bit < 64; bit++) /* those below tell secrets from each other */
    asherah_secret_free((AsherahSecret *)((uintptr_t)secret ^ (uintptr_t)1 << bit));
  /* A secret is nothing else. */
  AsherahBuffer buffer;
  CHECK_STATUS(asherah_encrypt_to_json((AsherahSession *)secret, data, 1, &buffer), ASHERAH_ERROR_CLOSED_HANDLE);
  CHECK_STATUS(asherah_call_cancel((AsherahCall *)secret), ASHERAH_ERROR_CLOSED_HANDLE);
  CHECK(!asherah_factory_get_session((AsherahFactory *)secret, "p"), "a session");
  asherah_session_free((AsherahSession *)secret);
  asherah_factory_free((AsherahFactory *)secret);
  asherah_metastore_free((AsherahMetastore *)secret);
  asherah_kms_free((AsherahKms *)secret);
  CHECK(all(data, 32, 's'), "it was freed");
  asherah_secret_free(secret);
  asherah_secret_free(secret);
  CHECK_STATUS(asherah_encrypt_to_json(session, (const uint8_t *)"x", 1, &buffer), ASHERAH_OK);
  asherah_buffer_free(&buffer);
}

static void test_arguments(void) { arguments(0, NULL); }
static void test_arguments_in_8_threads(void) { check_threads(8, arguments, NULL); }

static void churn(size_t index, void *argument) {
  enum { HELD = 20 };
  AsherahSecret *held[HELD] = {0};
  uint8_t *data[HELD];
  size_t len[HELD];
  uint64_t random = index + 1;
  (void)argument;
  for (int i = 0; i < 2000; i++) {
    size_t slot = check_random(&random) % HELD;
    if (held[slot]) {
      CHECK(all(data[slot], len[slot], (uint8_t)(index + slot)), "%zu bytes were changed by others", len[slot]);
      asherah_secret_free(held[slot]);
    }
    len[slot] = lengths[check_random(&random) % 13];
    held[slot] = asherah_secret_new(len[slot], &data[slot]);
    REQUIRE(held[slot], "%s", asherah_last_error_message());
    memset(data[slot], (int)(index + slot), len[slot]);
  }
  for (size_t i = 0; i < HELD; i++)
    asherah_secret_free(held[i]);
}

static void test_churn_in_8_threads(void) { check_threads(8, churn, NULL); }

/* With an argument without the tests that look where nothing is, which valgrind takes for faults, and that need a
 * kernel below the process. */
int main(int argc, char **argv) {
  (void)argv;
  RUN(test_memory_of_each_length);
  if (argc == 1) {
    RUN(test_freed_memory_is_wiped);
    RUN(test_guard_pages);
    RUN(test_zero_in_children);
  }
  RUN(test_cipher_with_a_secret);
  factory = asherah_factory_new_with_config(CHECK_CONFIG);
  session = asherah_factory_get_session(factory, "partition");
  RUN(test_arguments);
  RUN(test_arguments_in_8_threads);
  RUN(test_churn_in_8_threads);
  asherah_session_free(session);
  asherah_factory_free(factory);
  if (check_stat("live_secrets") != 0 || check_stat("damaged_canaries") != 0) {
    printf("FAIL locked: %lld live secrets, %lld damaged canaries\n", check_stat("live_secrets"),
           check_stat("damaged_canaries"));
    return 1;
  }
  RUN(test_canary);
  FINISH();
}
