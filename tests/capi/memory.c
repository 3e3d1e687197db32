/*
 * Resident memory: memory [PART] does 1 000 000 / PART operations of up to 64 KiB and 20 000 / PART of 1 MiB.
 * What is resident must stay under 40 MiB and must not grow.
 */
#define _DEFAULT_SOURCE
#include "check.h"

#include <limits.h>

enum { MAX_SIZE = 1 << 20, LIMIT_KIB = 40 << 10, GROWTH_KIB = 4 << 10, SAMPLES = 400 };

static AsherahSession *session;
static uint8_t *plaintext;
static long part = 1;

static long resident_kib(void) {
  FILE *status = fopen("/proc/self/status", "r");
  char line[256];
  long kib = -1;
  while (status && fgets(line, sizeof line, status))
    if (sscanf(line, "VmRSS: %ld", &kib) == 1)
      break;
  if (status)
    fclose(status);
  return kib;
}

/* An encryption and a decryption. */
static bool two_operations(size_t len) {
  AsherahBuffer record = {0}, text = {0};
  bool good = asherah_encrypt_to_json(session, plaintext, len, &record) == ASHERAH_OK &&
              asherah_decrypt_from_json(session, record.data, record.len, &text) == ASHERAH_OK && text.len == len &&
              (len == 0 || memcmp(text.data, plaintext, len) == 0);
  asherah_buffer_free(&record);
  asherah_buffer_free(&text);
  return good;
}

/* What was resident, in KiB: the least in each quarter of a test, and the most. */
typedef struct Resident {
  long least[4];
  long most;
} Resident;

static const Resident NOTHING_SEEN = {{LONG_MAX, LONG_MAX, LONG_MAX, LONG_MAX}, 0};

static void look(Resident *r, long done, long count) {
  long now = resident_kib(), *least = &r->least[done * 4 / count];
  if (now < *least)
    *least = now;
  if (now > r->most)
    r->most = now;
}

/* How much garbage there is at a time depends on what else the machine does: the least is what counts, and the most is
 * bounded loosely. The first quarter is for caches and heaps to fill. */
static void judge(const Resident *r, const char *what, long count) {
  printf("# %ld %s: resident %.1f MiB in the second quarter, %.1f MiB in the last, %.1f MiB at most\n", count, what,
         (double)r->least[1] / 1024, (double)r->least[3] / 1024, (double)r->most / 1024);
  CHECK(r->least[3] > 0, "no VmRSS in /proc/self/status");
  CHECK(r->least[3] <= LIMIT_KIB, "%ld KiB, limit %d KiB", r->least[3], LIMIT_KIB);
  CHECK(r->most <= 2 * LIMIT_KIB, "%ld KiB, limit %d KiB", r->most, 2 * LIMIT_KIB);
  CHECK(r->least[3] <= r->least[1] + GROWTH_KIB, "grew from %ld to %ld KiB", r->least[1], r->least[3]);
}

/* least is the smallest size; above it sizes are at random. */
static void operations(const char *what, long count, size_t least, size_t most) {
  Resident resident = NOTHING_SEEN;
  uint64_t random = 1;
  for (long n = 0; n < count / 2; n++) {
    size_t len = least + (most > least ? check_random(&random) % (most - least + 1) : 0);
    REQUIRE(two_operations(len), "plaintext of %zu: %s", len, asherah_last_error_message());
    if (n % (count / 2 / SAMPLES) == 0)
      look(&resident, n, count / 2);
  }
  judge(&resident, what, count);
}

static void test_memory_up_to_64_kib(void) { operations("operations, up to 64 KiB", 1000000 / part, 0, 65536); }

static void test_memory_1_mib(void) { operations("operations, of 1 MiB", 20000 / part, MAX_SIZE, MAX_SIZE); }

/* Many partitions, more than the key cache holds: keys come and go. */
static void test_memory_many_partitions(void) {
  AsherahFactory *factory = asherah_factory_new_with_config(
      CHECK_CONFIG_WITH(",\"IntermediateKeyCacheMaxSize\":100,\"SessionCacheMaxSize\":100"));
  AsherahSession *kept = session;
  const long count = 200000 / part;
  Resident resident = NOTHING_SEEN;
  for (long i = 0; i < count; i++) {
    char name[32];
    snprintf(name, sizeof name, "partition-%ld", i % 1000);
    session = asherah_factory_get_session(factory, name);
    REQUIRE(session && two_operations(100), "%s", asherah_last_error_message());
    asherah_session_free(session);
    if (i % (count / SAMPLES) == 0)
      look(&resident, i, count);
  }
  session = kept;
  asherah_factory_free(factory);
  judge(&resident, "sessions of 1000 partitions", count);
}

int main(int argc, char **argv) {
  if (argc > 1)
    part = strtol(argv[1], NULL, 10);
  AsherahFactory *factory = asherah_factory_new_with_config(CHECK_CONFIG);
  session = asherah_factory_get_session(factory, "partition");
  plaintext = malloc(MAX_SIZE);
  if (!session || !plaintext || part < 1) {
    printf("FAIL memory: no session: %s\n", asherah_last_error_message());
    return 1;
  }
  for (size_t i = 0; i < MAX_SIZE; i++)
    plaintext[i] = (uint8_t)(i * 7);
  RUN(test_memory_up_to_64_kib);
  RUN(test_memory_many_partitions);
  RUN(test_memory_1_mib);
  free(plaintext);
  asherah_session_free(session);
  asherah_factory_free(factory);
  FINISH();
}
