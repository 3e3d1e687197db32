/*
 * What a host may do to the library without being wrong: user data that is no address, empty batches with addresses of
 * nothing, threads without a free thread-local key, and too little memory for a large input.
 */
#define _GNU_SOURCE
#include "check.h"

#include <sys/resource.h>
#include <unistd.h>

static AsherahFactory *factory;
static AsherahSession *session;

/* Hosts pass indexes, and handles of their own, where a pointer is asked for. */
static void *const odd_data[] = {NULL, (void *)1, (void *)42, (void *)4095, (void *)0xc000000008, (void *)(intptr_t)-1};
enum { ODD = sizeof odd_data / sizeof *odd_data };

static atomic_int odd_seen[ODD];

static void odd(void *user_data) {
  for (int i = 0; i < ODD; i++)
    if (user_data == odd_data[i])
      odd_seen[i]++;
}

/* Goes into the library again, from a stack that has the user data on it. */
static void call_library(void) {
  AsherahBuffer record = {0};
  CHECK_STATUS(asherah_encrypt_to_json(session, (const uint8_t *)"x", 1, &record), ASHERAH_OK);
  asherah_buffer_free(&record);
}

static void odd_completion(void *user_data, const uint8_t *data, size_t len, const char *error) {
  (void)data, (void)len;
  CHECK(!error, "%s", error);
  call_library();
  odd(user_data);
}

static void odd_metric(void *user_data, int32_t type, uint64_t duration_ns, const char *name) {
  (void)type, (void)duration_ns, (void)name;
  odd(user_data);
}

static void odd_log(void *user_data, int32_t level, const char *target, const char *message) {
  (void)level, (void)target, (void)message;
  odd(user_data);
}

static void clear_odd(void) {
  for (int i = 0; i < ODD; i++)
    odd_seen[i] = 0;
}

/* A configuration with an unknown field is a warning, which goes to the log hook. */
static void warn(void) {
  asherah_factory_free(asherah_factory_new_with_config(
      "{\"ServiceName\":\"s\",\"ProductID\":\"p\",\"Metastore\":\"memory\",\"KMS\":\"static\",\"Unknwn\":1,"
      "\"StaticMasterKeyHex\":\"" CHECK_KEY_HEX "\"}"));
}

static void expect_odd(const char *what) {
  for (int i = 0; i < ODD; i++) {
    for (int n = 0; n < 1000 && !odd_seen[i]; n++)
      usleep(10000);
    CHECK(odd_seen[i] > 0, "%s with user data %p: no call", what, odd_data[i]);
  }
}

static void test_user_data_is_no_address(void) {
  clear_odd();
  for (int round = 0; round < 50; round++)
    for (int i = 0; i < ODD; i++)
      CHECK_STATUS(asherah_encrypt_to_json_async(session, (const uint8_t *)"x", 1, odd_completion, odd_data[i]),
                   ASHERAH_OK);
  expect_odd("asynchronous calls");
  clear_odd();
  for (int i = 0; i < ODD; i++) {
    CHECK_STATUS(asherah_set_metrics_hook_sync(odd_metric, odd_data[i]), ASHERAH_OK);
    call_library();
  }
  CHECK_STATUS(asherah_clear_metrics_hook(), ASHERAH_OK);
  expect_odd("a metrics hook");
  clear_odd();
  for (int i = 0; i < ODD; i++) {
    CHECK_STATUS(i % 2 ? asherah_set_log_hook(odd_log, odd_data[i])
                       : asherah_set_log_hook_sync(odd_log, odd_data[i], ASHERAH_LOG_WARN),
                 ASHERAH_OK);
    warn();
    for (int n = 0; n < 1000 && !odd_seen[i]; n++)
      usleep(10000);
  }
  CHECK_STATUS(asherah_clear_log_hook(), ASHERAH_OK);
  expect_odd("a log hook");
}

static void test_empty_batch(void) {
  uintptr_t places[] = {0, 1, 8, 4095, UINTPTR_MAX, (uintptr_t)&session};
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
    const AsherahSlice *inputs = (const AsherahSlice *)places[i];
    AsherahResult *results = (AsherahResult *)places[i];
    CHECK_STATUS(asherah_encrypt_batch(session, inputs, 0, results, 0), ASHERAH_OK);
    CHECK_STATUS(asherah_decrypt_batch(session, inputs, 0, results, 0), ASHERAH_OK);
    CHECK_STATUS(asherah_encrypt_batch(NULL, inputs, 0, results, 0), ASHERAH_ERROR_CLOSED_HANDLE);
    CHECK_STATUS(asherah_decrypt_batch(NULL, inputs, 0, results, 0), ASHERAH_ERROR_CLOSED_HANDLE);
    CHECK_STATUS(asherah_encrypt_batch(session, inputs, 0, results, 4), ASHERAH_ERROR_INVALID_ARGUMENT);
  }
}

/* Addresses of inputs without length are never looked at. */
static void test_batch_of_empty_inputs(void) {
  AsherahSlice inputs[] = {
      {NULL, 0}, {(const uint8_t *)1, 0}, {(const uint8_t *)4095, 0}, {(const uint8_t *)UINTPTR_MAX, 0}};
  AsherahResult results[4], opened[4];
  CHECK_STATUS(asherah_encrypt_batch(session, inputs, 4, results, 0), ASHERAH_OK);
  AsherahSlice records[4];
  for (int i = 0; i < 4; i++)
    records[i] = (AsherahSlice){results[i].buffer.data, results[i].buffer.len};
  CHECK_STATUS(asherah_decrypt_batch(session, records, 4, opened, 0), ASHERAH_OK);
  for (int i = 0; i < 4; i++) {
    CHECK(opened[i].buffer.len == 0 && opened[i].buffer.data, "%zu bytes", opened[i].buffer.len);
    asherah_buffer_free(&results[i].buffer);
    asherah_buffer_free(&opened[i].buffer);
  }
}

enum { KEYS = 1024 }; /* as many as glibc has */
static pthread_key_t keys[KEYS];

static void *fail_in_a_thread(void *argument) {
  void *before[KEYS];
  AsherahBuffer buffer = {0};
  (void)argument;
  CHECK_STATUS(asherah_encrypt_to_json(session, NULL, 0, &buffer), ASHERAH_OK);
  asherah_buffer_free(&buffer);
  for (pthread_key_t key = 0; key < KEYS; key++)
    before[key] = pthread_getspecific(key);
  for (int i = 0; i < 3; i++) {
    CHECK_STATUS(asherah_encrypt_to_json(NULL, NULL, 0, &buffer), ASHERAH_ERROR_CLOSED_HANDLE);
    CHECK(asherah_last_error_message() && *asherah_last_error_message(), "no message");
    for (pthread_key_t key = 0; key < KEYS; key++)
      CHECK(pthread_getspecific(key) == before[key], "somebody else's thread-local value %u was changed", key);
    CHECK_STATUS(asherah_encrypt_to_json(session, NULL, 0, &buffer), ASHERAH_OK);
    CHECK(asherah_last_error_message() == NULL, "a message after a success");
    asherah_buffer_free(&buffer);
  }
  return NULL;
}

/* This must come before any other call that fails. */
static void test_no_thread_local_key_is_free(void) {
  int count = 0;
  while (count < KEYS && pthread_key_create(&keys[count], NULL) == 0)
    count++;
  CHECK(count > 100, "%d keys", count);
  pthread_t thread;
  if (pthread_create(&thread, NULL, fail_in_a_thread, NULL) != 0)
    abort();
  pthread_join(thread, NULL);
  while (count > 0)
    pthread_key_delete(keys[--count]);
}

static uint8_t *large;
enum { LARGE = 200 << 20 };

static atomic_int large_done;

static void large_completion(void *user_data, const uint8_t *data, size_t len, const char *error) {
  (void)user_data;
  CHECK(!data && len == 0 && error && *error, "%zu bytes, %s", len, error ? error : "no error");
  large_done = 1;
}

static size_t address_space(void) {
  FILE *statm = fopen("/proc/self/statm", "r");
  unsigned long pages = 0;
  if (!statm || fscanf(statm, "%lu", &pages) != 1)
    abort();
  fclose(statm);
  return pages * (size_t)sysconf(_SC_PAGESIZE);
}

/* Leaves room bytes beyond what the process has mapped. */
static void limit_memory(size_t room, void (*call)(void)) {
  struct rlimit before, low;
  if (getrlimit(RLIMIT_AS, &before) != 0)
    abort();
  low = before;
  low.rlim_cur = address_space() + room;
  if (setrlimit(RLIMIT_AS, &low) != 0)
    abort();
  call();
  setrlimit(RLIMIT_AS, &before);
}

static void call_with_large_input(void) {
  AsherahBuffer buffer = {(uint8_t *)1, 2, 3};
  AsherahSlice slices[2] = {{large, LARGE}, {large, 1}};
  AsherahResult results[2];
  CHECK_STATUS(asherah_encrypt_to_json(session, large, LARGE, &buffer), ASHERAH_ERROR_INTERNAL);
  CHECK(!buffer.data && !buffer.len && !buffer.capacity, "the buffer is not zeroed");
  CHECK(asherah_last_error_message() && strstr(asherah_last_error_message(), "memory"), "the message is %s",
        asherah_last_error_message());
  CHECK_STATUS(asherah_decrypt_from_json(session, large, LARGE, &buffer), ASHERAH_ERROR_INTERNAL);
  CHECK_STATUS(asherah_encrypt_batch(session, slices, 2, results, 0), ASHERAH_ERROR_INTERNAL);
  CHECK(results[0].status == ASHERAH_ERROR_INTERNAL && results[1].status == ASHERAH_OK, "statuses %d and %d",
        (int)results[0].status, (int)results[1].status);
  asherah_buffer_free(&results[1].buffer);
  CHECK_STATUS(asherah_encrypt_to_json_async(session, large, LARGE, large_completion, NULL), ASHERAH_ERROR_INTERNAL);
}

/* The input can be copied, its record cannot be allocated. */
static void start_large_async(void) {
  CHECK_STATUS(asherah_encrypt_to_json_async(session, large, LARGE, large_completion, NULL), ASHERAH_OK);
  for (int i = 0; i < 2000 && !large_done; i++)
    usleep(10000);
  CHECK(large_done, "no callback");
}

static void test_too_little_memory(void) {
  large = calloc(1, LARGE);
  CHECK(large, "no memory for the test");
  call_library();
  limit_memory(100 << 20, call_with_large_input);
  limit_memory(300 << 20, start_large_async);
  free(large);
  call_library();
}

int main(void) {
  factory = asherah_factory_new_with_config(CHECK_CONFIG);
  session = asherah_factory_get_session(factory, "partition");
  if (!session) {
    printf("FAIL extremes: no session: %s\n", asherah_last_error_message());
    return 1;
  }
  RUN(test_no_thread_local_key_is_free);
  RUN(test_user_data_is_no_address);
  RUN(test_empty_batch);
  RUN(test_batch_of_empty_inputs);
  RUN(test_too_little_memory);
  asherah_session_free(session);
  asherah_factory_free(factory);
  FINISH();
}
