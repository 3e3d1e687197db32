/* The Cobhan functions, several threads: SetupJson and Shutdown while others call, and hooks that call. */
#define _DEFAULT_SOURCE
#include "cobhan.h"

#include <errno.h>
#include <semaphore.h>
#include <time.h>

static int32_t encrypt_x(struct cobhan *json) {
  struct cobhan id = cobhan_text("partition"), x = cobhan_text("x");
  int32_t code = EncryptToJson(id.buffer, x.buffer, json->buffer);
  cobhan_free(&id);
  cobhan_free(&x);
  return code;
}

/* A call that fails whatever there is. */
static int32_t decrypt_nothing(void) {
  struct cobhan id = cobhan_text("partition"), none = cobhan_text("{}"), out = cobhan_room(10);
  int32_t code = DecryptFromJson(id.buffer, none.buffer, out.buffer);
  cobhan_free(&id);
  cobhan_free(&none);
  cobhan_free(&out);
  return code;
}

/* False after a bound that only guards against hanging. */
static bool wait_for(sem_t *semaphore) {
  struct timespec limit;
  clock_gettime(CLOCK_REALTIME, &limit);
  limit.tv_sec += 20;
  int failed;
  while ((failed = sem_timedwait(semaphore, &limit)) != 0 && errno == EINTR)
    ;
  return failed == 0;
}

static sem_t entered, leave, ended[2];

static void block(void *user_data, int32_t type, uint64_t duration_ns, const char *name) {
  (void)user_data, (void)duration_ns, (void)name;
  if (type == ASHERAH_METRIC_ENCRYPT) {
    sem_post(&entered);
    wait_for(&leave);
  }
}

static atomic_int blocked_code;

static void *blocked_call(void *argument) {
  (void)argument;
  struct cobhan json = cobhan_room(400);
  atomic_store(&blocked_code, encrypt_x(&json));
  cobhan_free(&json);
  return NULL;
}

static void *shut_down(void *semaphore) {
  Shutdown();
  sem_post(semaphore);
  return NULL;
}

static void test_shutdown_waits_for_calls(void) {
  pthread_t call, shutdowns[2];
  struct cobhan json = cobhan_room(400);
  int value;
  sem_init(&entered, 0, 0);
  sem_init(&leave, 0, 0);
  atomic_store(&blocked_code, 1);
  CHECK_CODE(cobhan_setup(CHECK_CONFIG), ASHERAH_COBHAN_OK);
  CHECK_STATUS(asherah_set_metrics_hook_sync(block, NULL), ASHERAH_OK);
  pthread_create(&call, NULL, blocked_call, NULL);
  CHECK(wait_for(&entered), "the hook is not called");
  for (int i = 0; i < 2; i++) {
    sem_init(&ended[i], 0, 0);
    pthread_create(&shutdowns[i], NULL, shut_down, &ended[i]);
  }
  /* From some moment on calls are refused, while neither Shutdown has returned. */
  for (int i = 0; i < 20000 && decrypt_nothing() != ASHERAH_COBHAN_NOT_INITIALIZED; i++)
    usleep(1000);
  CHECK_CODE(encrypt_x(&json), ASHERAH_COBHAN_NOT_INITIALIZED);
  usleep(100000);
  for (int i = 0; i < 2; i++)
    CHECK(sem_getvalue(&ended[i], &value) == 0 && value == 0, "Shutdown %d returned during a call", i);
  CHECK(atomic_load(&blocked_code) == 1, "the call has returned");
  /* A new start does not wait for the old one's end. */
  CHECK_CODE(cobhan_setup(CHECK_CONFIG), ASHERAH_COBHAN_OK);
  sem_post(&leave);
  for (int i = 0; i < 2; i++) {
    CHECK(wait_for(&ended[i]), "Shutdown %d does not return", i);
    pthread_join(shutdowns[i], NULL);
  }
  pthread_join(call, NULL);
  CHECK_CODE(atomic_load(&blocked_code), ASHERAH_COBHAN_OK);
  asherah_clear_metrics_hook();
  CHECK_CODE(encrypt_x(&json), ASHERAH_COBHAN_OK);
  Shutdown();
  cobhan_free(&json);
}

static struct {
  atomic_int calls;
  int32_t setup, encrypt;
} nested;

static void call_again(void *user_data, int32_t type, uint64_t duration_ns, const char *name) {
  (void)duration_ns, (void)name;
  if (type != ASHERAH_METRIC_ENCRYPT || atomic_fetch_add(&nested.calls, 1) != 0)
    return;
  struct cobhan json = cobhan_room(400);
  nested.setup = cobhan_setup(CHECK_CONFIG);
  nested.encrypt = encrypt_x(&json);
  if (user_data)
    Shutdown();
  cobhan_free(&json);
}

/* A synchronous hook may call everything, Shutdown in the middle of a call too. */
static void test_calls_from_hooks(void) {
  for (int shutdown = 0; shutdown < 2; shutdown++) {
    struct cobhan json = cobhan_room(400);
    atomic_store(&nested.calls, 0);
    CHECK_CODE(cobhan_setup(CHECK_CONFIG), ASHERAH_COBHAN_OK);
    CHECK_STATUS(asherah_set_metrics_hook_sync(call_again, shutdown ? &nested : NULL), ASHERAH_OK);
    CHECK_CODE(encrypt_x(&json), ASHERAH_COBHAN_OK);
    CHECK(atomic_load(&nested.calls) > 0, "the hook was not called");
    CHECK(nested.setup == ASHERAH_COBHAN_ALREADY_INITIALIZED && nested.encrypt == ASHERAH_COBHAN_OK, "%d, %d",
          (int)nested.setup, (int)nested.encrypt);
    asherah_clear_metrics_hook();
    CHECK_CODE(encrypt_x(&json), shutdown ? ASHERAH_COBHAN_NOT_INITIALIZED : ASHERAH_COBHAN_OK);
    Shutdown();
    CHECK(check_stat("live_secrets") == 0, "%lld secrets are left", check_stat("live_secrets"));
    cobhan_free(&json);
  }
}

static void set_up_in_hook(void *user_data, int32_t level, const char *target, const char *message) {
  (void)level, (void)target, (void)message;
  if (atomic_fetch_add((atomic_int *)user_data, 1) == 0) {
    nested.setup = cobhan_setup(CHECK_CONFIG);
    Shutdown();
  }
}

/* A log hook that is called by SetupJson. */
static void test_setup_from_the_hook_of_setup(void) {
  atomic_int calls = 0;
  CHECK_STATUS(asherah_set_log_hook_sync(set_up_in_hook, &calls, ASHERAH_LOG_WARN), ASHERAH_OK);
  CHECK_CODE(cobhan_setup("{\"ServiceName\":\"s\",\"ProductID\":\"p\",\"Metastore\":\"memory\","
                          "\"KMS\":\"test-debug-static\"}"),
             ASHERAH_COBHAN_OK);
  asherah_clear_log_hook();
  CHECK(atomic_load(&calls) > 0, "the hook was not called");
  CHECK_CODE(nested.setup, ASHERAH_COBHAN_ALREADY_INITIALIZED);
  Shutdown();
}

static atomic_bool stop;
static atomic_int round_trips, refusals, setups;

static void storm(size_t index, void *config) {
  uint64_t random = index * 77 + 1;
  struct cobhan json = cobhan_room(1200), out = cobhan_room(100);
  while (!atomic_load(&stop)) {
    if (index < 2) { /* two that start and end it */
      int32_t code = cobhan_setup(config);
      CHECK(code == ASHERAH_COBHAN_OK || code == ASHERAH_COBHAN_ALREADY_INITIALIZED, "SetupJson: %d, %s", (int)code,
            asherah_last_error_message());
      atomic_fetch_add(&setups, code == ASHERAH_COBHAN_OK);
      usleep((useconds_t)(check_random(&random) % 3000));
      Shutdown();
      continue;
    }
    char text[40];
    int len = snprintf(text, sizeof text, "thread %zu, number %u", index, (unsigned)check_random(&random));
    struct cobhan id = cobhan_text(index % 2 ? "odd" : "even"), in = cobhan_of(text, (size_t)len);
    cobhan_set(&json, (int32_t)json.size);
    cobhan_set(&out, (int32_t)out.size);
    int32_t code = EncryptToJson(id.buffer, in.buffer, json.buffer);
    if (code == ASHERAH_COBHAN_OK)
      code = DecryptFromJson(id.buffer, json.buffer, out.buffer);
    CHECK(code == ASHERAH_COBHAN_OK || code == ASHERAH_COBHAN_NOT_INITIALIZED, "%d: %s", (int)code,
          asherah_last_error_message());
    if (code == ASHERAH_COBHAN_OK)
      CHECK(cobhan_len(&out) == len && memcmp(out.data, text, (size_t)len) == 0, "another plaintext");
    atomic_fetch_add(code == ASHERAH_COBHAN_OK ? &round_trips : &refusals, 1);
    cobhan_free(&id);
    cobhan_free(&in);
  }
  cobhan_free(&json);
  cobhan_free(&out);
}

static void *stopper(void *argument) {
  (void)argument;
  sleep(2);
  atomic_store(&stop, true);
  return NULL;
}

static void test_storm(void) {
  char path[] = "/tmp/cobhan-XXXXXX", file[64], config[512];
  REQUIRE(mkdtemp(path) != NULL, "no temporary directory");
  snprintf(file, sizeof file, "%s/keys.db", path);
  snprintf(
      config, sizeof config,
      "{\"ServiceName\":\"service\",\"ProductID\":\"product\",\"Metastore\":\"sqlite\",\"ConnectionString\":\"%s\","
      "\"KMS\":\"static\",\"StaticMasterKeyHex\":\"" CHECK_KEY_HEX "\"}",
      file);
  pthread_t timer;
  pthread_create(&timer, NULL, stopper, NULL);
  check_threads(10, storm, config);
  pthread_join(timer, NULL);
  Shutdown();
  CHECK(atomic_load(&round_trips) > 0 && atomic_load(&setups) > 1, "%d round trips, %d refusals, %d setups",
        atomic_load(&round_trips), atomic_load(&refusals), atomic_load(&setups));
  for (int i = 0; i < 2000 && check_stat("live_secrets") != 0; i++)
    usleep(1000);
  CHECK(check_stat("live_secrets") == 0, "%lld secrets are left", check_stat("live_secrets"));
  unlink(file);
  rmdir(path);
}

static void log_lines(void *user_data, int32_t level, const char *target, const char *message) {
  (void)level, (void)target;
  if (strstr(message, "do not show this"))
    atomic_fetch_add((atomic_int *)user_data, 1 << 16);
  atomic_fetch_add((atomic_int *)user_data, 1);
}

/* What SetupJson and the others log has nothing of a configuration, a plaintext or a record. */
static void test_nothing_secret_is_logged(void) {
  static const char *const configs[] = {
      "{\"ServiceName\":\"do not show this\",\"KMS\":\"do not show this\",\"Verbos\":\"do not show this\"}",
      "{\"StaticMasterKey\":\"do not show this\",\"ServiceName\":\"do not show this",
      "{\"ServiceName\":\"s\",\"ProductID\":\"p\",\"Metastore\":\"sqlite\",\"KMS\":\"test-debug-static\","
      "\"ConnectionString\":\"/nowhere/do not show this\"}",
  };
  atomic_int lines = 0;
  CHECK_STATUS(asherah_set_log_hook_sync(log_lines, &lines, ASHERAH_LOG_TRACE), ASHERAH_OK);
  for (size_t i = 0; i < sizeof configs / sizeof configs[0]; i++)
    CHECK(cobhan_setup(configs[i]) < 0, "configuration %zu is accepted", i);
  CHECK(atomic_load(&lines) >= 3, "%d lines for 3 failures", atomic_load(&lines));
  CHECK_CODE(cobhan_setup(CHECK_CONFIG), ASHERAH_COBHAN_OK);
  struct cobhan id = cobhan_text("partition"), secret = cobhan_text("{\"do not show this\":\"do not show this\"}");
  struct cobhan small = cobhan_room(4), out = cobhan_room(400);
  CHECK_CODE(EncryptToJson(id.buffer, secret.buffer, small.buffer), ASHERAH_COBHAN_BUFFER_TOO_SMALL);
  CHECK_CODE(DecryptFromJson(id.buffer, secret.buffer, out.buffer), ASHERAH_COBHAN_DECRYPT_FAILED);
  Shutdown();
  asherah_clear_log_hook();
  CHECK(atomic_load(&lines) < 1 << 16, "%d lines show it", atomic_load(&lines) >> 16);
  cobhan_free(&id);
  cobhan_free(&secret);
  cobhan_free(&small);
  cobhan_free(&out);
}

int main(void) {
  RUN(test_shutdown_waits_for_calls);
  RUN(test_calls_from_hooks);
  RUN(test_setup_from_the_hook_of_setup);
  RUN(test_storm);
  RUN(test_nothing_secret_is_logged);
  FINISH();
}
