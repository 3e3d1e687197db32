/* Log and metrics hooks, and asherah_stats(). */
#define _GNU_SOURCE
#include "check.h"

#include <time.h>
#include <unistd.h>

static AsherahFactory *factory;
static AsherahSession *session;

#define BASE "\"ServiceName\":\"s\",\"ProductID\":\"p\",\"Metastore\":\"memory\""
#define UNKNOWN(field) "{" BASE ",\"KMS\":\"static\",\"StaticMasterKeyHex\":\"" CHECK_KEY_HEX "\",\"" field "\":1}"

/* Without StrictConfig an unknown field is a warning. */
static void warn(const char *config) {
  AsherahFactory *own = asherah_factory_new_with_config(config);
  CHECK(own, "%s", asherah_last_error_message());
  asherah_factory_free(own);
}

static struct {
  atomic_int metrics[7], names, logs, off_thread;
  atomic_bool hold;
  pthread_mutex_t mutex;
  char text[4096];
  pthread_t thread;
} seen = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static void on_metric(void *user_data, int32_t type, uint64_t duration_ns, const char *name) {
  CHECK(user_data == &seen, "other user data");
  CHECK(type >= 0 && type <= 6, "type %d", (int)type);
  CHECK((type <= ASHERAH_METRIC_LOAD) == (duration_ns > 0), "type %d took %llu ns", (int)type,
        (unsigned long long)duration_ns);
  CHECK(name && (type <= ASHERAH_METRIC_LOAD) == (*name == '\0'), "type %d of \"%s\"", (int)type, name ? name : "NULL");
  if (type >= 0 && type <= 6)
    seen.metrics[type]++;
  seen.off_thread += !pthread_equal(pthread_self(), seen.thread);
}

static void use_once(AsherahFactory *own) {
  AsherahSession *opened = asherah_factory_get_session(own, "metrics");
  AsherahBuffer record = {0}, text = {0};
  CHECK_STATUS(asherah_encrypt_to_json(opened, NULL, 0, &record), ASHERAH_OK);
  CHECK_STATUS(asherah_decrypt_from_json(opened, record.data, record.len, &text), ASHERAH_OK);
  asherah_buffer_free(&record);
  asherah_buffer_free(&text);
  asherah_session_free(opened);
}

static void reset_seen(void) {
  for (int i = 0; i < 7; i++)
    seen.metrics[i] = 0;
  seen.logs = seen.off_thread = 0;
  seen.text[0] = '\0';
  seen.thread = pthread_self();
}

static void test_metrics_hook_sync(void) {
  AsherahFactory *own = asherah_factory_new_with_config(CHECK_CONFIG);
  reset_seen();
  CHECK_STATUS(asherah_set_metrics_hook_sync(on_metric, &seen), ASHERAH_OK);
  use_once(own);
  CHECK(seen.metrics[ASHERAH_METRIC_ENCRYPT] == 1 && seen.metrics[ASHERAH_METRIC_DECRYPT] == 1, "%d and %d",
        seen.metrics[ASHERAH_METRIC_ENCRYPT], seen.metrics[ASHERAH_METRIC_DECRYPT]);
  /* A new factory makes a system and an intermediate key. */
  CHECK(seen.metrics[ASHERAH_METRIC_STORE] == 2 && seen.metrics[ASHERAH_METRIC_LOAD] >= 2, "%d stores, %d loads",
        seen.metrics[ASHERAH_METRIC_STORE], seen.metrics[ASHERAH_METRIC_LOAD]);
  CHECK(seen.metrics[ASHERAH_METRIC_CACHE_MISS] >= 2, "%d misses", seen.metrics[ASHERAH_METRIC_CACHE_MISS]);
  use_once(own);
  CHECK(seen.metrics[ASHERAH_METRIC_CACHE_HIT] >= 1, "%d hits", seen.metrics[ASHERAH_METRIC_CACHE_HIT]);
  CHECK(seen.off_thread == 0, "%d on other threads", seen.off_thread);
  CHECK_STATUS(asherah_clear_metrics_hook(), ASHERAH_OK);
  reset_seen();
  use_once(own);
  CHECK(seen.metrics[ASHERAH_METRIC_ENCRYPT] == 0, "called after it was cleared");
  asherah_factory_free(own);
}

static void test_metrics_hook_async(void) {
  AsherahFactory *own = asherah_factory_new_with_config(CHECK_CONFIG);
  reset_seen();
  CHECK_STATUS(asherah_set_metrics_hook(on_metric, &seen), ASHERAH_OK);
  use_once(own);
  for (int i = 0; i < 500 && seen.metrics[ASHERAH_METRIC_DECRYPT] == 0; i++)
    usleep(10000);
  CHECK(seen.metrics[ASHERAH_METRIC_ENCRYPT] == 1 && seen.metrics[ASHERAH_METRIC_DECRYPT] == 1, "%d and %d",
        seen.metrics[ASHERAH_METRIC_ENCRYPT], seen.metrics[ASHERAH_METRIC_DECRYPT]);
  CHECK(seen.off_thread > 0, "called on the thread of the event");
  CHECK_STATUS(asherah_set_metrics_hook(NULL, NULL), ASHERAH_OK);
  asherah_factory_free(own);
}

static void slow_metric(void *user_data, int32_t type, uint64_t duration_ns, const char *name) {
  (void)user_data, (void)type, (void)duration_ns, (void)name;
  while (seen.hold)
    usleep(1000);
}

static void test_metrics_are_dropped_and_counted(void) {
  uint64_t before = asherah_metrics_dropped_count();
  seen.hold = true;
  CHECK_STATUS(asherah_set_metrics_hook_with_config(slow_metric, NULL, 4), ASHERAH_OK);
  for (int i = 0; i < 100; i++)
    use_once(factory);
  CHECK(asherah_metrics_dropped_count() >= before + 100, "%llu dropped",
        (unsigned long long)(asherah_metrics_dropped_count() - before));
  seen.hold = false;
  CHECK_STATUS(asherah_clear_metrics_hook(), ASHERAH_OK);
}

static void on_log(void *user_data, int32_t level, const char *target, const char *message) {
  CHECK(user_data == &seen, "other user data");
  CHECK(level >= ASHERAH_LOG_TRACE && level <= ASHERAH_LOG_ERROR, "level %d", (int)level);
  CHECK(target && *target && message && *message, "no target or no message");
  CHECK(!strstr(message, CHECK_KEY_HEX), "the key is in the log");
  pthread_mutex_lock(&seen.mutex);
  size_t used = strlen(seen.text);
  snprintf(seen.text + used, sizeof seen.text - used, "%d %s: %s\n", (int)level, target, message);
  pthread_mutex_unlock(&seen.mutex);
  seen.off_thread += !pthread_equal(pthread_self(), seen.thread);
  seen.logs++;
}

static bool logged(const char *part) {
  pthread_mutex_lock(&seen.mutex);
  bool found = strstr(seen.text, part) != NULL;
  pthread_mutex_unlock(&seen.mutex);
  return found;
}

static bool logged_soon(const char *part) {
  for (int i = 0; i < 500 && !logged(part); i++)
    usleep(10000);
  return logged(part);
}

static void test_log_hook(void) {
  reset_seen();
  warn(UNKNOWN("ExpireAftr")); /* kept, and given to the hook that comes later */
  CHECK_STATUS(asherah_set_log_hook(on_log, &seen), ASHERAH_OK);
  CHECK(logged_soon("ExpireAftr"), "a warning from before the hook is missing: %s", seen.text);
  CHECK(logged("ExpireAfter"), "the nearest name is missing: %s", seen.text);
  warn(UNKNOWN("CheckInterva"));
  CHECK(logged_soon("CheckInterva"), "%s", seen.text);
  CHECK(seen.off_thread > 0, "called on the thread of the event");
  CHECK_STATUS(asherah_clear_log_hook(), ASHERAH_OK);
  int before = seen.logs;
  warn(UNKNOWN("ProductIDs"));
  usleep(50000);
  CHECK(seen.logs == before, "called after it was cleared");

  reset_seen();
  CHECK_STATUS(asherah_set_log_hook_with_config(on_log, &seen, 16, ASHERAH_LOG_OFF), ASHERAH_OK);
  warn(UNKNOWN("ServiceNames"));
  usleep(50000);
  CHECK(!logged("ServiceNames"), "%s", seen.text);

  reset_seen();
  CHECK_STATUS(asherah_set_log_hook_sync(on_log, &seen, ASHERAH_LOG_WARN), ASHERAH_OK);
  reset_seen(); /* what was kept may come on any thread */
  warn(UNKNOWN("Metastor"));
  CHECK(logged("Metastor"), "%s", seen.text);
  CHECK(seen.off_thread == 0, "%d on other threads", seen.off_thread);
  CHECK_STATUS(asherah_set_log_hook(NULL, NULL), ASHERAH_OK);
}

static struct {
  AsherahSession *session;
  int calls;
  bool inside;
} nested;

static void call_library(void) {
  if (nested.inside) /* the metrics hook while the log hook calls, or the other way round */
    return;
  nested.inside = true;
  nested.calls++;
  AsherahBuffer record = {0}, text = {0};
  CHECK_STATUS(asherah_encrypt_to_json(nested.session, (const uint8_t *)"line", 4, &record), ASHERAH_OK);
  CHECK_STATUS(asherah_decrypt_from_json(nested.session, record.data, record.len, &text), ASHERAH_OK);
  CHECK(text.len == 4 && memcmp(text.data, "line", 4) == 0, "another plaintext");
  asherah_buffer_free(&record);
  asherah_buffer_free(&text);
  CHECK_STATUS(asherah_apply_config_json(NULL), ASHERAH_OK);
  /* The last call of the hook fails, which is no matter of the call that the hook belongs to. */
  CHECK_STATUS(asherah_encrypt_to_json(NULL, NULL, 0, &record), ASHERAH_ERROR_CLOSED_HANDLE);
  nested.inside = false;
}

static void log_and_call(void *user_data, int32_t level, const char *target, const char *message) {
  (void)user_data, (void)level, (void)target, (void)message;
  call_library();
}

static void measure_and_call(void *user_data, int32_t type, uint64_t duration_ns, const char *name) {
  (void)user_data, (void)duration_ns, (void)name;
  if (type == *(int32_t *)user_data)
    call_library();
}

/* A hook on the thread of a call that makes keys, which encrypts with the same keys. */
static void use_with_nested_calls(void) {
  nested.calls = 0;
  AsherahFactory *own = asherah_factory_new_with_config(CHECK_CONFIG);
  nested.session = asherah_factory_get_session(own, "nested");
  AsherahBuffer record = {0};
  CHECK_STATUS(asherah_encrypt_to_json(nested.session, NULL, 0, &record), ASHERAH_OK);
  CHECK(asherah_last_error_code() == ASHERAH_OK && !asherah_last_error_message(), "the hook's error %d is left",
        asherah_last_error_code());
  CHECK(nested.calls > 0, "the hook was not called");
  asherah_buffer_free(&record);
  asherah_session_free(nested.session);
  asherah_factory_free(own);
}

static void test_hooks_that_call_the_library(void) {
  CHECK_STATUS(asherah_set_log_hook_sync(log_and_call, NULL, ASHERAH_LOG_INFO), ASHERAH_OK);
  use_with_nested_calls();
  CHECK_STATUS(asherah_clear_log_hook(), ASHERAH_OK);
  for (int32_t type = ASHERAH_METRIC_ENCRYPT; type <= ASHERAH_METRIC_CACHE_MISS; type++) {
    if (type == ASHERAH_METRIC_DECRYPT || type == ASHERAH_METRIC_CACHE_HIT)
      continue;
    CHECK_STATUS(asherah_set_metrics_hook_sync(measure_and_call, &type), ASHERAH_OK);
    use_with_nested_calls();
    CHECK_STATUS(asherah_clear_metrics_hook(), ASHERAH_OK);
  }
}

/* Making a factory from an applied configuration warns; the hook applies another one. */
static void test_hook_that_applies_a_configuration(void) {
  AsherahFactory *own = asherah_factory_new_with_config(CHECK_CONFIG);
  nested.session = asherah_factory_get_session(own, "nested");
  CHECK_STATUS(asherah_apply_config_json("{" BASE ",\"KMS\":\"test-debug-static\"}"), ASHERAH_OK);
  CHECK_STATUS(asherah_set_log_hook_sync(log_and_call, NULL, ASHERAH_LOG_WARN), ASHERAH_OK);
  nested.calls = 0;
  AsherahFactory *applied = asherah_factory_new_from_env();
  CHECK(applied, "%s", asherah_last_error_message());
  CHECK(nested.calls > 0, "there was no warning");
  CHECK_STATUS(asherah_clear_log_hook(), ASHERAH_OK);
  asherah_factory_free(applied);
  asherah_session_free(nested.session);
  asherah_factory_free(own);
}

static struct {
  atomic_bool entered, leave;
  atomic_int cleared;
} held;

static void hold_log(void *user_data, int32_t level, const char *target, const char *message) {
  (void)user_data, (void)level, (void)target, (void)message;
  held.entered = true;
  while (!held.leave)
    usleep(1000);
}

static void *clear_log_hook(void *unused) {
  CHECK_STATUS(asherah_clear_log_hook(), ASHERAH_OK);
  held.cleared++;
  return unused;
}

/* Two threads that clear a hook which is running both wait for its end. */
static void test_hook_cleared_by_two_threads(void) {
  CHECK_STATUS(asherah_set_log_hook(hold_log, NULL), ASHERAH_OK);
  warn(UNKNOWN("Metastor"));
  for (int i = 0; i < 1000 && !held.entered; i++)
    usleep(10000);
  pthread_t threads[2];
  for (int i = 0; i < 2; i++)
    pthread_create(&threads[i], NULL, clear_log_hook, NULL);
  usleep(100000);
  CHECK(held.entered && held.cleared == 0, "%d threads came back while the hook was running", held.cleared);
  held.leave = true;
  for (int i = 0; i < 2; i++)
    pthread_join(threads[i], NULL);
  CHECK(held.cleared == 2, "%d threads came back", held.cleared);
}

static void test_stats_count(void) {
  long long factories = check_stat("factories"), sessions = check_stat("sessions"), live = check_stat("live_secrets");
  long long warnings = check_stat("warnings");
  AsherahFactory *own = asherah_factory_new_with_config(CHECK_CONFIG);
  AsherahSession *opened = asherah_factory_get_session(own, "p");
  AsherahBuffer record = {0};
  CHECK_STATUS(asherah_encrypt_to_json(opened, NULL, 0, &record), ASHERAH_OK);
  asherah_buffer_free(&record);
  CHECK(check_stat("factories") == factories + 1, "%lld", check_stat("factories"));
  CHECK(check_stat("sessions") == sessions + 1, "%lld", check_stat("sessions"));
  /* Master, system and intermediate key. */
  CHECK(check_stat("live_secrets") >= live + 3, "%lld, was %lld", check_stat("live_secrets"), live);
  CHECK(check_stat("locked_bytes") > 0, "%lld", check_stat("locked_bytes"));
  warn(UNKNOWN("Metastor"));
  CHECK(check_stat("warnings") > warnings, "%lld", check_stat("warnings"));
  asherah_session_free(opened);
  asherah_factory_free(own);
  CHECK(check_stat("factories") == factories && check_stat("sessions") == sessions, "%lld, %lld",
        check_stat("factories"), check_stat("sessions"));
  CHECK(check_stat("live_secrets") == live, "%lld, not %lld", check_stat("live_secrets"), live);
}

static void test_nothing_lives_in_the_end(void) {
  asherah_session_free(session);
  asherah_factory_free(factory);
  for (int i = 0; i < 200 && check_stat("live_secrets") != 0; i++)
    usleep(10000);
  CHECK(check_stat("live_secrets") == 0, "%lld live secrets", check_stat("live_secrets"));
  CHECK(check_stat("factories") == 0 && check_stat("sessions") == 0, "%lld factories, %lld sessions",
        check_stat("factories"), check_stat("sessions"));
}

int main(void) {
  factory = asherah_factory_new_with_config(CHECK_CONFIG);
  session = asherah_factory_get_session(factory, "partition");
  if (!session) {
    printf("FAIL hooks: no session: %s\n", asherah_last_error_message());
    return 1;
  }
  RUN(test_metrics_hook_sync);
  RUN(test_metrics_hook_async);
  RUN(test_metrics_are_dropped_and_counted);
  RUN(test_log_hook);
  RUN(test_hooks_that_call_the_library);
  RUN(test_hook_that_applies_a_configuration);
  RUN(test_hook_cleared_by_two_threads);
  RUN(test_stats_count);
  RUN(test_nothing_lives_in_the_end);
  FINISH();
}
