/* Functions of the host that hang, answer late, or fail now and then, also from many threads. */
#include "host.h"

static struct host host;
static bool few; /* under valgrind: fewer threads, fewer calls */
static atomic_bool go_on;
static atomic_int to_hang; /* calls that will */

/* Stays in the function until the test lets go. */
static bool hangs(struct host *own, const char *function, AsherahReply *reply, int32_t *answer) {
  (void)own, (void)function, (void)reply, (void)answer;
  if (atomic_fetch_sub(&to_hang, 1) <= 0)
    return false;
  while (!go_on)
    host_pause(1);
  return false;
}

static void open_hanging(int calls) {
  host_open(&host);
  host.fault = hangs;
  to_hang = calls;
  go_on = false;
}

/* Waits for a number of asherah_stats(), ten seconds at most. */
static void await_stat(const char *name, long long value) {
  for (int i = 0; i < 10000 && check_stat(name) != value; i++)
    host_pause(1);
  CHECK(check_stat(name) == value, "%s: %lld, not %lld", name, check_stat(name), value);
}

static void check_timed_out(int status, const char *words) {
  const char *message = asherah_last_error_message();
  CHECK(status == ASHERAH_ERROR_TIMED_OUT && message && strstr(message, words), "%s: %s", asherah_status_name(status),
        message ? message : "no message");
}

static pthread_mutex_t log_mutex = PTHREAD_MUTEX_INITIALIZER;
static char lines[8192];

static void on_log(void *user_data, int32_t level, const char *target, const char *message) {
  (void)user_data, (void)level;
  pthread_mutex_lock(&log_mutex);
  size_t used = strlen(lines);
  snprintf(lines + used, sizeof lines - used, "%s: %s\n", target, message);
  pthread_mutex_unlock(&log_mutex);
}

static bool logged(const char *words) {
  pthread_mutex_lock(&log_mutex);
  bool found = strstr(lines, words) != NULL;
  pthread_mutex_unlock(&log_mutex);
  return found;
}

#define LIMITED(milliseconds) HOST_CONFIG_WITH(",\"CallbackTimeoutMs\":" #milliseconds)

/* Uses a session until the machine has let a call through in time. */
static void use_until_it_works(AsherahSession *session) {
  int status = ASHERAH_ERROR_TIMED_OUT;
  for (int i = 0; i < 100 && status == ASHERAH_ERROR_TIMED_OUT; i++)
    status = host_use(session);
  CHECK_STATUS(status, ASHERAH_OK);
}

/* A hung call is given up, told and counted, and the session goes on working; the release waits for its return. */
static void test_a_call_that_never_returns(void) {
  open_hanging(1);
  lines[0] = '\0';
  CHECK_STATUS(asherah_set_log_hook_sync(on_log, NULL, ASHERAH_LOG_WARN), ASHERAH_OK);
  long long timed_out = check_stat("timed_out");
  AsherahFactory *factory = host_factory(&host, LIMITED(200));
  AsherahSession *session = asherah_factory_get_session(factory, "partition");
  check_timed_out(host_use(session), "the host's load_latest did not return within 200ms");
  CHECK(host.table->rows == 0 && host.stores == 0, "a key was made");
  CHECK(check_stat("timed_out") == timed_out + 1, "%lld timed out", check_stat("timed_out") - timed_out);
  CHECK(check_stat("abandoned") == 1, "%lld abandoned", check_stat("abandoned"));
  CHECK(logged("callback: the host's load_latest has not returned"), "it was not logged: %s", lines);
  use_until_it_works(session);
  CHECK(host.table->rows == 2, "%zu keys", host.table->rows);

  asherah_session_free(session);
  asherah_factory_free(factory);
  host_free_handles(&host);
  host_pause(20);
  CHECK(host.metastore_releases == 0, "released while a call hangs");
  CHECK(host.kms_releases == 1, "%d releases of the KMS", host.kms_releases);
  go_on = true;
  CHECK(host_released(&host), "%d releases", host.metastore_releases);
  await_stat("abandoned", 0);
  CHECK(logged("which was given up, has returned"), "its return was not logged: %s", lines);
  CHECK_STATUS(asherah_clear_log_hook(), ASHERAH_OK);
  host_close(&host);
}

static atomic_bool hung;

static bool hangs_then_answers(struct host *own, const char *function, AsherahReply *reply, int32_t *answer) {
  static const char *const message = "too late";
  if (strcmp(function, own->argument) != 0 || atomic_fetch_sub(&to_hang, 1) <= 0)
    return false;
  uint8_t *result = reply->allocate(reply, 32);
  memset(result, 'x', 32);
  hung = true;
  while (!go_on)
    host_pause(1);
  result = reply->allocate(reply, 64);
  memset(result, 'y', 64);
  reply->set_message(reply, message, strlen(message));
  *answer = -1;
  return true;
}

/* Each function answers when its factory is long gone. */
static void test_late_answers(void) {
  static const char *const functions[] = {"load_latest", "load", "store", "encrypt_key", "decrypt_key"};
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
    AsherahBuffer record = {0}, text = {0};
    open_hanging(0);
    AsherahFactory *factory = host_factory(&host, HOST_CONFIG);
    AsherahSession *session = asherah_factory_get_session(factory, "partition");
    bool reading = strcmp(functions[i], "load") == 0 || strcmp(functions[i], "decrypt_key") == 0;
    if (reading)
      CHECK_STATUS(asherah_encrypt_to_json(session, (const uint8_t *)"x", 1, &record), ASHERAH_OK);
    AsherahFactory *limited = host_factory(&host, LIMITED(200));
    AsherahSession *other = asherah_factory_get_session(limited, "partition");
    host.argument = (void *)functions[i];
    host.fault = hangs_then_answers;
    to_hang = 1;
    hung = false;
    int status = ASHERAH_OK;
    for (int attempt = 0; attempt < 100 && !hung; attempt++) /* others may be too slow as well */
      status = reading ? asherah_decrypt_from_json(other, record.data, record.len, &text)
                       : asherah_encrypt_to_json(other, (const uint8_t *)"x", 1, &text);
    CHECK_STATUS(status, ASHERAH_ERROR_TIMED_OUT);
    CHECK(!text.data && hung, "%s does not hang", functions[i]);
    asherah_session_free(other);
    asherah_factory_free(limited);
    asherah_session_free(session);
    asherah_factory_free(factory);
    host_free_handles(&host);
    go_on = true;
    host_close(&host);
    asherah_buffer_free(&record);
    await_stat("abandoned", 0);
  }
}

static struct {
  struct host *host;
  atomic_bool entered;
  atomic_int changed;
} watch;

/* Looks at its key until the test lets go. */
static int32_t watches_key(void *user_data, const uint8_t *key, size_t key_len, int64_t created, int32_t revoked,
                           AsherahReply *reply) {
  uint8_t before[32];
  (void)user_data, (void)created, (void)revoked, (void)reply;
  CHECK(key_len == sizeof before, "%zu bytes", key_len);
  memcpy(before, key, sizeof before);
  watch.entered = true;
  while (!go_on) {
    if (memcmp(before, key, sizeof before) != 0)
      atomic_fetch_add(&watch.changed, 1);
    host_pause(1);
  }
  return -1;
}

/* The key of a call that was given up stays what it is until the call returns. */
static void test_the_key_of_a_hung_call(void) {
  open_hanging(0);
  asherah_kms_free(host.kms);
  AsherahKmsCallbacks table = host_kms_callbacks(&host);
  table.encrypt_key = watches_key;
  host.kms_releases = 0;
  host.kms = asherah_kms_new_from_callbacks(&table);
  watch.entered = false;
  watch.changed = 0;
  AsherahFactory *factory = host_factory(&host, LIMITED(300));
  for (int i = 0; i < 100 && !watch.entered; i++)
    check_timed_out(host_use_partition(factory, "partition"), "the host's");
  asherah_factory_free(factory);
  host_free_handles(&host);
  CHECK(watch.entered, "encrypt_key was not called");
  CHECK(check_stat("live_secrets") > 0, "the key in use is not counted");
  /* Other keys come and go where the caller's was. */
  AsherahKms *kms = asherah_kms_new("{\"KMS\":\"static\",\"StaticMasterKeyHex\":\"" CHECK_KEY_HEX "\"}");
  for (int i = 0; i < 100; i++) {
    AsherahBuffer blob = {0};
    CHECK_STATUS(asherah_kms_encrypt_key(kms, (const uint8_t *)CHECK_KEY_HEX, 32, 0, 0, &blob), ASHERAH_OK);
    asherah_buffer_free(&blob);
  }
  asherah_kms_free(kms);
  host_pause(50);
  CHECK(watch.changed == 0, "it changed under the call");
  go_on = true;
  host_close(&host);
  await_stat("abandoned", 0);
}

enum { THREADS = 64 }; /* that a table has */

static void hang_one(size_t index, void *factory) {
  char partition[32];
  snprintf(partition, sizeof partition, "hung %zu", index);
  check_timed_out(host_use_partition(factory, partition), "the host's load_latest");
}

/* When every thread hangs, further calls are told so at once: with a limit of ten minutes the test would not end. */
static void test_all_threads_hang(void) {
  open_hanging(THREADS);
  AsherahFactory *limited = host_factory(&host, LIMITED(500)), *patient = host_factory(&host, LIMITED(600000));
  check_threads(THREADS, hang_one, limited);
  for (int i = 0; i < 10000 && host.running != THREADS; i++)
    host_pause(1);
  CHECK(host.running == THREADS, "%d calls hang", host.running);
  CHECK(check_stat("abandoned") == THREADS, "%lld abandoned", check_stat("abandoned"));
  for (int i = 0; i < 3; i++)
    check_timed_out(host_use_partition(patient, "partition"), "64 calls of the host's functions hang");
  CHECK(host.table->rows == 0, "a key was made");
  /* Calls without a time limit run on their callers' threads, and other tables have threads of their own. */
  AsherahFactory *unlimited = host_factory(&host, HOST_CONFIG);
  CHECK_STATUS(host_use_partition(unlimited, "partition"), ASHERAH_OK);
  asherah_factory_free(unlimited);
  go_on = true;
  await_stat("abandoned", 0);
  CHECK_STATUS(host_use_partition(patient, "partition"), ASHERAH_OK);
  asherah_factory_free(limited);
  asherah_factory_free(patient);
  host_close(&host);
}

static _Thread_local uint64_t luck;

static bool fails_at_random(struct host *own, const char *function, AsherahReply *reply, int32_t *answer) {
  (void)own;
  if (luck == 0)
    luck = (uint64_t)(uintptr_t)&luck | 1;
  uint64_t drawn = check_random(&luck) % 20;
  if (drawn >= 2)
    return false;
  reply->set_message(reply, function, strlen(function));
  if (drawn == 0)
    (void)reply->allocate(reply, 100);
  *answer = -4321;
  return true;
}

enum { PARTITIONS = 8 };

static void use_at_random(size_t index, void *factory) {
  uint64_t state = index + 1;
  for (int i = 0; i < (few ? 20 : 100); i++) {
    char partition[32];
    snprintf(partition, sizeof partition, "partition %d", (int)(check_random(&state) % PARTITIONS));
    int status = host_use_partition(factory, partition);
    CHECK(status == ASHERAH_OK || (status == -4321 && host.fault), "%d", status);
  }
}

/* From many threads: no caches, so that each use asks the host. There is one key for each id in the end. */
static void use_from_threads(const char *config, host_fault fault, size_t threads) {
  host_open(&host);
  host.fault = fault;
  AsherahFactory *factory = host_factory(&host, config);
  check_threads(threads, use_at_random, factory);
  host.fault = NULL;
  use_at_random(1000, factory);
  CHECK(host.table->rows == PARTITIONS + 1, "%zu keys for %d partitions", host.table->rows, PARTITIONS);
  asherah_factory_free(factory);
  host_close(&host);
}

/* Keys are dated to the day, so that none is made twice since a minute has passed. */
#define UNCACHED                                                                                                       \
  ",\"CacheSystemKeys\":false,\"CacheIntermediateKeys\":false,\"CreateDatePrecision\":86400,\"EnableSessionCaching\":" \
  "false"

static void test_failures_at_random(void) { use_from_threads(HOST_CONFIG_WITH(UNCACHED), fails_at_random, 8); }

static void test_failures_at_random_with_a_time_limit(void) {
  use_from_threads(HOST_CONFIG_WITH(UNCACHED ",\"CallbackTimeoutMs\":600000"), fails_at_random, 8);
}

static void test_from_64_threads(void) {
  use_from_threads(HOST_CONFIG_WITH(UNCACHED), NULL, few ? 8 : 64);
  use_from_threads(HOST_CONFIG, NULL, few ? 8 : 64);
}

static void test_from_64_threads_with_a_time_limit(void) {
  use_from_threads(HOST_CONFIG_WITH(UNCACHED ",\"CallbackTimeoutMs\":600000"), NULL, few ? 8 : 64);
}

int main(int argc, char **argv) {
  few = argc == 2 && strcmp(argv[1], "few") == 0;
  RUN(test_a_call_that_never_returns);
  RUN(test_late_answers);
  RUN(test_the_key_of_a_hung_call);
  RUN(test_all_threads_hang);
  RUN(test_failures_at_random);
  RUN(test_failures_at_random_with_a_time_limit);
  RUN(test_from_64_threads);
  RUN(test_from_64_threads_with_a_time_limit);
  FINISH();
}
