/* Results of the host's functions are wiped before their memory is freed, whatever becomes of the call. */
#define _GNU_SOURCE
#include "host.h"

#include <dlfcn.h>
#include <stdint.h>

enum { MAX_WATCHED = 16 };

/* Memory that free() must find wiped. */
static struct {
  _Atomic(uint8_t *) data;
  size_t len;
} watched[MAX_WATCHED];
static atomic_int watching, wiped, dirty;

static void watch(uint8_t *data, size_t len) {
  int i = atomic_fetch_add(&watching, 1);
  if (i >= MAX_WATCHED)
    abort();
  memset(data, 'k', len);
  watched[i].len = len;
  watched[i].data = data;
}

/* In place of the C library's, for the whole process. */
void free(void *memory) {
  static void (*real_free)(void *);
  if (!real_free)
    *(void **)&real_free = dlsym(RTLD_NEXT, "free");
  for (int i = 0; memory && i < watching && i < MAX_WATCHED; i++) {
    uint8_t *data = memory;
    if (!atomic_compare_exchange_strong(&watched[i].data, &data, NULL))
      continue;
    bool zero = true;
    for (size_t j = 0; j < watched[i].len; j++)
      zero = zero && ((uint8_t *)memory)[j] == 0;
    atomic_fetch_add(zero ? &wiped : &dirty, 1);
  }
  real_free(memory);
}

static struct host host;
static int32_t answer_with;
static atomic_bool go_on;

/* Answers with two results, of which the second takes the place of the first. */
static bool results(struct host *own, const char *function, AsherahReply *reply, int32_t *answer) {
  (void)own, (void)function;
  watch(reply->allocate(reply, 100), 100);
  watch(reply->allocate(reply, 64), 64);
  while (!go_on)
    host_pause(1);
  *answer = answer_with;
  return true;
}

static void check_wiped(const char *what) {
  for (int i = 0; i < 10000 && wiped + dirty < watching; i++)
    host_pause(1);
  CHECK(watching > 0 && wiped == watching && dirty == 0, "%s: %d results, %d wiped, %d freed as they were", what,
        watching, wiped, dirty);
  watching = wiped = dirty = 0;
}

static void call_each(const char *what) {
  AsherahBuffer out = {0};
  int32_t stored;
  uint8_t key[32] = {1};
  static const char record[] = "{\"Created\":5,\"Key\":\"AA==\"}";
  (void)asherah_metastore_load(host.metastore, key, 1, 5, &out);
  asherah_buffer_free(&out);
  check_wiped(what);
  (void)asherah_metastore_store(host.metastore, key, 1, 5, (const uint8_t *)record, sizeof record - 1, &stored);
  check_wiped(what);
  (void)asherah_kms_encrypt_key(host.kms, key, sizeof key, 5, 0, &out);
  asherah_buffer_free(&out);
  check_wiped(what);
  CHECK(asherah_kms_decrypt_key(host.kms, key, sizeof key, 5, 0, &out) != ASHERAH_OK, "a key of 64 bytes");
  check_wiped(what);
}

static void test_results_are_wiped(void) {
  host_open(&host);
  host.fault = results;
  go_on = true;
  answer_with = 0;
  call_each("an answer");
  answer_with = -1;
  call_each("a failure");
  answer_with = ASHERAH_ABSENT;
  call_each("an absence");
  host_close(&host);
}

static void test_results_that_come_too_late(void) {
  host_open(&host);
  host.fault = results;
  answer_with = 0;
  go_on = false;
  AsherahFactory *factory = host_factory(&host, HOST_CONFIG_WITH(",\"CallbackTimeoutMs\":50"));
  CHECK_STATUS(host_use_partition(factory, "partition"), ASHERAH_ERROR_TIMED_OUT);
  asherah_factory_free(factory);
  go_on = true;
  host_free_handles(&host);
  CHECK(host_released(&host), "no release");
  check_wiped("a late answer");
  host_close(&host);
}

int main(void) {
  RUN(test_results_are_wiped);
  RUN(test_results_that_come_too_late);
  FINISH();
}
