/*
 * Eight threads at once in what has more than one input, comes back later or belongs to the whole process: batches,
 * asynchronous calls, statistics and the setters of hooks. Refused calls go between calls that must succeed.
 */
#define _GNU_SOURCE
#include "check.h"

#include <time.h>

enum { THREADS = 8, ROUNDS = 40, ITEMS = 6 };

static AsherahFactory *factory;
static AsherahSession *session;
static AsherahSession *freed_session;
static uint8_t one_byte; /* given with lengths that nothing may be read with */

static const int refused = ASHERAH_ERROR_INVALID_ARGUMENT;
static const int closed = ASHERAH_ERROR_CLOSED_HANDLE;

static void bad_sessions(void *bad[5]) {
  bad[0] = NULL;
  bad[1] = (void *)1;
  bad[2] = freed_session;
  bad[3] = factory;
  bad[4] = (void *)((uintptr_t)session ^ (uintptr_t)1 << 40);
}

typedef int (*batch_function)(AsherahSession *, const AsherahSlice *, size_t, AsherahResult *, uint32_t);

/* A batch that is refused as a whole leaves results alone. */
static void refused_batches(batch_function batch, const AsherahSlice *inputs) {
  const size_t counts[] = {ASHERAH_MAX_BATCH + 1, SIZE_MAX / sizeof(AsherahResult) + 2, (size_t)1 << 32, SIZE_MAX};
  AsherahResult results[ITEMS], before[ITEMS];
  void *bad[5];
  memset(results, 0xa5, sizeof results);
  memset(before, 0xa5, sizeof before);
  for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
    CHECK_STATUS(batch(session, inputs, counts[i], results, 0), refused);
    CHECK_STATUS(batch(session, NULL, counts[i], NULL, 0), refused);
  }
  CHECK_STATUS(batch(session, NULL, ITEMS, results, 0), refused);
  CHECK_STATUS(batch(session, inputs, ITEMS, NULL, 0), refused);
  CHECK_STATUS(batch(session, NULL, ITEMS, NULL, 0), refused);
  CHECK_STATUS(batch(session, inputs, ITEMS, results, 2), refused);
  CHECK_STATUS(batch(session, inputs, ITEMS, results, UINT32_MAX), refused);
  bad_sessions(bad);
  for (size_t i = 0; i < 5; i++)
    CHECK_STATUS(batch(bad[i], inputs, ITEMS, results, 0), closed);
  CHECK(memcmp(results, before, sizeof results) == 0, "results of a refused batch were written");
}

/* Items that are refused do not hinder the others: every other one of ITEMS is bad. */
static void check_mixed(batch_function batch, const AsherahSlice *inputs, AsherahResult *results) {
  memset(results, 0xa5, ITEMS * sizeof *results);
  CHECK_STATUS(batch(session, inputs, ITEMS, results, 0), refused);
  for (size_t i = 0; i < ITEMS; i++) {
    int expected = i % 2 ? refused : ASHERAH_OK;
    const AsherahBuffer *buffer = &results[i].buffer;
    CHECK(results[i].status == expected && results[i].reserved == 0, "item %zu: %d", i, results[i].status);
    CHECK(i % 2 ? !buffer->data && !buffer->len && !buffer->capacity : buffer->data != NULL, "the buffer of %zu", i);
  }
}

static void batches(size_t index, void *argument) {
  (void)argument;
  char texts[ITEMS][32];
  AsherahSlice inputs[ITEMS];
  AsherahResult sealed[ITEMS], opened[ITEMS];
  for (size_t i = 0; i < ITEMS; i++)
    inputs[i] = (AsherahSlice){(uint8_t *)texts[i], (size_t)snprintf(texts[i], 32, "item %zu of thread %zu", i, index)};
  for (int round = 0; round < ROUNDS; round++) {
    AsherahSlice mixed[ITEMS], records[ITEMS];
    refused_batches(asherah_encrypt_batch, inputs);
    memcpy(mixed, inputs, sizeof mixed);
    mixed[1] = (AsherahSlice){NULL, 1};
    mixed[3] = (AsherahSlice){&one_byte, SIZE_MAX};
    mixed[5] = (AsherahSlice){&one_byte, ASHERAH_MAX_INPUT + 1};
    check_mixed(asherah_encrypt_batch, mixed, sealed);
    memcpy(records, mixed, sizeof records);
    for (size_t i = 0; i < ITEMS; i += 2)
      records[i] = (AsherahSlice){sealed[i].buffer.data, sealed[i].buffer.len};
    refused_batches(asherah_decrypt_batch, records);
    check_mixed(asherah_decrypt_batch, records, opened);
    for (size_t i = 0; i < ITEMS; i++) {
      const AsherahBuffer *text = &opened[i].buffer;
      CHECK(i % 2 || (text->len == inputs[i].len && memcmp(text->data, texts[i], text->len) == 0), "item %zu", i);
      asherah_buffer_free(&sealed[i].buffer);
      asherah_buffer_free(&opened[i].buffer);
    }
    /* Texts that are no records, among them an empty one and one at NULL. */
    records[0] = (AsherahSlice){NULL, 0};
    records[1] = (AsherahSlice){(const uint8_t *)"", 0};
    records[2] = (AsherahSlice){(const uint8_t *)"{}", 2};
    CHECK_STATUS(asherah_decrypt_batch(session, records, 3, opened, 0), ASHERAH_ERROR_MALFORMED_RECORD);
    for (size_t i = 0; i < 3; i++)
      CHECK(opened[i].status == ASHERAH_ERROR_MALFORMED_RECORD && !opened[i].buffer.data, "%d", opened[i].status);
  }
}

static void statistics(size_t index, void *argument) {
  (void)index, (void)argument;
  for (int round = 0; round < ROUNDS; round++) {
    AsherahBuffer buffer = {(uint8_t *)0xdead, 5, 7};
    CHECK_STATUS(asherah_stats(NULL), refused);
    CHECK_STATUS(asherah_stats(&buffer), ASHERAH_OK);
    CHECK(buffer.len > 2 && buffer.data[0] == '{' && buffer.data[buffer.len - 1] == '}', "%zu bytes", buffer.len);
    asherah_buffer_free(&buffer);
    asherah_buffer_free(&buffer);
    CHECK(check_stat("live_secrets") > 0 && check_stat("damaged_canaries") == 0, "the keys in use are not counted");
  }
}

struct call {
  atomic_int callbacks;
  bool fails;
  uint8_t data[1024];
  size_t len;
};

static void completed(void *user_data, const uint8_t *data, size_t len, const char *error) {
  struct call *call = user_data;
  CHECK(call->fails ? error && *error && !data && !len : !error && data && len <= sizeof call->data, "%s",
        error ? error : "it succeeded");
  if (data && len <= sizeof call->data) {
    memcpy(call->data, data, len);
    call->len = len;
  }
  atomic_fetch_add(&call->callbacks, 1);
}

static void unexpected(void *user_data, const uint8_t *data, size_t len, const char *error) {
  (void)user_data, (void)data, (void)len, (void)error;
  CHECK(false, "a completion for a call that was refused");
}

static void pause_for(long milliseconds) {
  struct timespec time = {0, milliseconds * 1000000};
  nanosleep(&time, NULL);
}

static bool came(struct call *call) {
  for (int i = 0; i < 20000 && atomic_load(&call->callbacks) == 0; i++)
    pause_for(1);
  return atomic_load(&call->callbacks) != 0;
}

typedef int (*async_function)(AsherahSession *, const uint8_t *, size_t, AsherahCompletionFn, void *);

static void refused_calls(async_function start) {
  const uint8_t *x = (const uint8_t *)"x";
  void *bad[5];
  bad_sessions(bad);
  for (size_t i = 0; i < 5; i++)
    CHECK_STATUS(start(bad[i], x, 1, unexpected, NULL), closed);
  CHECK_STATUS(start(session, NULL, 1, unexpected, NULL), refused);
  CHECK_STATUS(start(session, x, 1, NULL, NULL), refused);
  CHECK_STATUS(start(session, &one_byte, ASHERAH_MAX_INPUT + 1, unexpected, NULL), refused);
  CHECK_STATUS(start(session, &one_byte, SIZE_MAX, unexpected, NULL), refused);
}

/* Each thread encrypts, frees its session while the calls are under way, and has the records decrypted. */
static void asynchronous(size_t index, void *argument) {
  (void)argument;
  enum { CALLS = 32 };
  struct call *calls = calloc(3 * CALLS, sizeof *calls); /* kept where a callback may still come */
  AsherahSession *own = asherah_factory_get_session(factory, "partition");
  char text[32];
  REQUIRE(calls && own, "no session");
  size_t len = (size_t)snprintf(text, sizeof text, "thread %zu", index);
  for (size_t i = 0; i < CALLS; i++) {
    refused_calls(asherah_encrypt_to_json_async);
    CHECK_STATUS(asherah_encrypt_to_json_async(own, (uint8_t *)text, len, completed, &calls[i]), ASHERAH_OK);
  }
  asherah_session_free(own);
  for (size_t i = 0; i < CALLS; i++) {
    struct call *sealed = &calls[i], *opened = &calls[CALLS + i], *bad = &calls[2 * CALLS + i];
    REQUIRE(came(sealed), "no callback for encryption %zu", i);
    bad->fails = true;
    refused_calls(asherah_decrypt_from_json_async);
    CHECK_STATUS(asherah_decrypt_from_json_async(session, sealed->data, sealed->len, completed, opened), ASHERAH_OK);
    CHECK_STATUS(asherah_decrypt_from_json_async(session, sealed->data, sealed->len / 2, completed, bad), ASHERAH_OK);
  }
  for (size_t i = CALLS; i < 3 * CALLS; i++)
    REQUIRE(came(&calls[i]), "no callback for decryption %zu", i);
  pause_for(50);
  for (size_t i = 0; i < 3 * CALLS; i++)
    CHECK(atomic_load(&calls[i].callbacks) == 1, "%d callbacks", atomic_load(&calls[i].callbacks));
  for (size_t i = CALLS; i < 2 * CALLS; i++)
    CHECK(calls[i].len == len && memcmp(calls[i].data, text, len) == 0, "another plaintext");
  free(calls);
}

/* Two hooks of each kind, each with user data of its own: one must never be called with the other's. */
static int first_data, second_data;
static atomic_long hook_calls;

static void called(void *user_data, int *own, const char *text) {
  CHECK(user_data == own && text, "user data %p, not %p", user_data, (void *)own);
  atomic_fetch_add(&hook_calls, 1);
}

static void first_log(void *user_data, int32_t level, const char *target, const char *message) {
  CHECK(level >= ASHERAH_LOG_TRACE && level < ASHERAH_LOG_OFF && message, "level %d", level);
  called(user_data, &first_data, target);
}

static void second_log(void *user_data, int32_t level, const char *target, const char *message) {
  CHECK(level >= ASHERAH_LOG_TRACE && level < ASHERAH_LOG_OFF && message, "level %d", level);
  called(user_data, &second_data, target);
}

static void first_metric(void *user_data, int32_t type, uint64_t duration, const char *name) {
  CHECK(type >= ASHERAH_METRIC_ENCRYPT && type <= ASHERAH_METRIC_CACHE_STALE, "type %d", type);
  (void)duration;
  called(user_data, &first_data, name);
}

static void second_metric(void *user_data, int32_t type, uint64_t duration, const char *name) {
  CHECK(type >= ASHERAH_METRIC_ENCRYPT && type <= ASHERAH_METRIC_CACHE_STALE, "type %d", type);
  (void)duration;
  called(user_data, &second_data, name);
}

/* Sets hook number i in the ways there are, also the ways that are refused. */
static void set_hooks(size_t i) {
  AsherahLogFn log = i % 2 ? first_log : second_log;
  AsherahMetricsFn metric = i % 2 ? first_metric : second_metric;
  void *data = i % 2 ? &first_data : &second_data;
  CHECK_STATUS(asherah_set_log_hook_sync(log, data, ASHERAH_LOG_OFF + 1), refused);
  CHECK_STATUS(asherah_set_log_hook_with_config(log, data, 8, INT32_MIN), refused);
  CHECK_STATUS(asherah_set_log_hook_with_config(log, data, SIZE_MAX, ASHERAH_LOG_INFO), refused);
  CHECK_STATUS(asherah_set_metrics_hook_with_config(metric, data, SIZE_MAX), refused);
  switch (i / 2 % 4) {
  case 0:
    CHECK_STATUS(asherah_set_log_hook(log, data), ASHERAH_OK);
    CHECK_STATUS(asherah_set_metrics_hook(metric, data), ASHERAH_OK);
    return;
  case 1:
    CHECK_STATUS(asherah_set_log_hook_sync(log, data, ASHERAH_LOG_TRACE), ASHERAH_OK);
    CHECK_STATUS(asherah_set_metrics_hook_sync(metric, data), ASHERAH_OK);
    return;
  case 2:
    CHECK_STATUS(asherah_set_log_hook_with_config(log, data, i % 16, ASHERAH_LOG_TRACE), ASHERAH_OK);
    CHECK_STATUS(asherah_set_metrics_hook_with_config(metric, data, i % 16), ASHERAH_OK);
    return;
  default:
    CHECK_STATUS(asherah_clear_log_hook(), ASHERAH_OK);
    CHECK_STATUS(asherah_clear_metrics_hook(), ASHERAH_OK);
  }
}

static void setters(size_t index, void *argument) {
  (void)argument;
  for (size_t round = 0; round < ROUNDS; round++) {
    set_hooks(index + round);
    /* A new factory makes keys, which is logged, and every call is measured. */
    AsherahFactory *own = asherah_factory_new_with_config(CHECK_CONFIG);
    AsherahSession *opened = asherah_factory_get_session(own, "p");
    AsherahBuffer record_of_own = {0};
    CHECK_STATUS(asherah_encrypt_to_json(opened, (const uint8_t *)"x", 1, &record_of_own), ASHERAH_OK);
    asherah_buffer_free(&record_of_own);
    asherah_session_free(opened);
    asherah_factory_free(own);
    (void)asherah_log_dropped_count();
    (void)asherah_metrics_dropped_count();
  }
}

static void clear_hooks(void) {
  CHECK_STATUS(asherah_clear_log_hook(), ASHERAH_OK);
  CHECK_STATUS(asherah_clear_metrics_hook(), ASHERAH_OK);
}

static void test_batches_in_8_threads(void) { check_threads(THREADS, batches, NULL); }
static void test_statistics_in_8_threads(void) { check_threads(THREADS, statistics, NULL); }
static void test_asynchronous_in_8_threads(void) { check_threads(THREADS, asynchronous, NULL); }

static void test_setters_in_8_threads(void) {
  check_threads(THREADS, setters, NULL);
  clear_hooks();
  long calls = atomic_load(&hook_calls);
  CHECK(calls > 0, "no hook was called");
  AsherahBuffer buffer = {0};
  CHECK_STATUS(asherah_encrypt_to_json(session, (const uint8_t *)"x", 1, &buffer), ASHERAH_OK);
  asherah_buffer_free(&buffer);
  pause_for(50);
  CHECK(atomic_load(&hook_calls) == calls, "called after it was cleared");
}

static void everything(size_t index, void *argument) {
  void (*const functions[])(size_t, void *) = {batches, statistics, asynchronous, setters};
  functions[index % 4](index, argument);
}

static void test_all_of_them_in_8_threads(void) {
  check_threads(THREADS, everything, NULL);
  clear_hooks();
}

int main(void) {
  factory = asherah_factory_new_with_config(CHECK_CONFIG);
  session = asherah_factory_get_session(factory, "partition");
  freed_session = asherah_factory_get_session(factory, "partition");
  asherah_session_free(freed_session);
  AsherahBuffer record = {0};
  if (asherah_encrypt_to_json(session, (const uint8_t *)"text", 4, &record) != ASHERAH_OK) {
    printf("FAIL crowd: set-up: %s\n", asherah_last_error_message());
    return 1;
  }
  RUN(test_batches_in_8_threads);
  RUN(test_statistics_in_8_threads);
  RUN(test_asynchronous_in_8_threads);
  RUN(test_setters_in_8_threads);
  RUN(test_all_of_them_in_8_threads);
  asherah_buffer_free(&record);
  asherah_session_free(session);
  asherah_factory_free(factory);
  FINISH();
}
