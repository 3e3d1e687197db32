/* Asynchronous calls with a status and a handle: cancelled at each stage, from everywhere, and beside a store that does
 * not answer. */
#define _GNU_SOURCE
#include "answer.h"
#include "host.h"

enum { ASKING = 64, SERVING = 64, WAITING = 1024 }; /* what asherah.h says */

enum { STORM_CALLS = 500 };
static int storm_calls = STORM_CALLS; /* of each thread */

static struct host host;
static atomic_bool gate_open;
static atomic_int at_gate;

static const uint8_t text[] = "a plaintext";

/* Stays in the function of the store until the gate is open. */
static bool at_the_gate(struct host *own, const char *function, AsherahReply *reply, int32_t *answer) {
  (void)own, (void)function, (void)reply, (void)answer;
  atomic_fetch_add(&at_gate, 1);
  while (!gate_open)
    host_pause(1);
  atomic_fetch_sub(&at_gate, 1);
  return false;
}

static void close_gate(void) {
  host_open(&host);
  host.fault = at_the_gate;
  gate_open = false;
}

/* A call of the store that is given up has a thread of its own; without a limit it keeps the call's. */
#define LIMITED HOST_CONFIG_WITH(",\"CallbackTimeoutMs\":600000")

static AsherahFactory *cached_factory;
static AsherahSession *cached; /* whose key is cached */

static void open_cached(void) {
  AsherahBuffer record;
  cached_factory = asherah_factory_new_with_config(CHECK_CONFIG);
  cached = asherah_factory_get_session(cached_factory, "partition");
  CHECK_STATUS(asherah_encrypt_to_json(cached, text, sizeof text, &record), ASHERAH_OK);
  asherah_buffer_free(&record);
}

static void close_cached(void) {
  asherah_session_free(cached);
  asherah_factory_free(cached_factory);
}

static void start(AsherahSession *session, struct answer *answer) {
  CHECK_STATUS(asherah_encrypt_start(session, text, sizeof text, answered, answer, &answer->call), ASHERAH_OK);
}

static void start_partition(AsherahFactory *factory, const char *kind, int number, struct answer *answer) {
  char partition[64];
  snprintf(partition, sizeof partition, "%s %d", kind, number);
  AsherahSession *session = asherah_factory_get_session(factory, partition);
  start(session, answer);
  asherah_session_free(session);
}

static void at_rest(void) {
  AWAIT(check_stat_in("handles", "calls") == 0, "%lld call handles", check_stat_in("handles", "calls"));
  AWAIT(check_stat_in("async", "waiting") == 0 && check_stat_in("async", "running") == 0, "%lld wait, %lld run",
        check_stat_in("async", "waiting"), check_stat_in("async", "running"));
}

static void test_start(void) {
  open_cached();
  struct answer sealed = {0}, opened = {0}, bad = {0}, other = {0};
  start(cached, &sealed);
  CHECK(sealed.call, "no handle");
  await_answer(&sealed, ASHERAH_OK);
  AsherahCall *none = NULL;
  CHECK_STATUS(asherah_decrypt_start(cached, sealed.data, sealed.len, answered, &opened, NULL), ASHERAH_OK);
  await_answer(&opened, ASHERAH_OK);
  CHECK(opened.len == sizeof text && memcmp(opened.data, text, sizeof text) == 0, "%zu bytes", opened.len);
  CHECK_STATUS(asherah_decrypt_start(cached, (const uint8_t *)"{}", 2, answered, &bad, &none), ASHERAH_OK);
  await_answer(&bad, ASHERAH_ERROR_MALFORMED_RECORD);
  CHECK(none && bad.message[0], "no handle, or no message");
  AsherahSession *stranger = asherah_factory_get_session(cached_factory, "another");
  CHECK_STATUS(asherah_decrypt_start(stranger, sealed.data, sealed.len, answered, &other, &none), ASHERAH_OK);
  await_answer(&other, ASHERAH_ERROR_PARTITION_MISMATCH);
  at_rest();
  for (int i = 0; i < 2; i++) {
    CHECK_STATUS(asherah_call_cancel(sealed.call), ASHERAH_ERROR_CLOSED_HANDLE);
    CHECK_STATUS(asherah_call_cancel(none), ASHERAH_ERROR_CLOSED_HANDLE);
  }
  struct answer empty = {0};
  CHECK_STATUS(asherah_encrypt_start(cached, NULL, 0, answered, &empty, &empty.call), ASHERAH_OK);
  await_answer(&empty, ASHERAH_OK);
  asherah_session_free(stranger);
  close_cached();
}

/* The callback comes while the store still hangs. */
static void test_cancel_while_the_store_is_asked(void) {
  close_gate();
  AsherahFactory *factory = host_factory(&host, LIMITED);
  AsherahSession *session = asherah_factory_get_session(factory, "partition");
  struct answer answer = {0};
  start(session, &answer);
  AWAIT(at_gate == 1, "%d at the store", at_gate);
  CHECK(check_stat_in("async", "running") == 1 && check_stat_in("handles", "calls") == 1, "%lld run, %lld handles",
        check_stat_in("async", "running"), check_stat_in("handles", "calls"));
  CHECK_STATUS(asherah_call_cancel(answer.call), ASHERAH_OK);
  await_answer(&answer, ASHERAH_ERROR_CANCELLED);
  CHECK(strstr(answer.message, "cancelled"), "%s", answer.message);
  CHECK(at_gate == 1, "%d at the store", at_gate);
  CHECK_STATUS(asherah_call_cancel(answer.call), ASHERAH_ERROR_CLOSED_HANDLE);
  at_rest();
  gate_open = true;
  AWAIT(check_stat("abandoned") == 0, "%lld abandoned", check_stat("abandoned"));
  CHECK(host.table->rows == 0, "%zu keys", host.table->rows);
  CHECK_STATUS(host_use(session), ASHERAH_OK);
  asherah_session_free(session);
  asherah_factory_free(factory);
  host_close(&host);
  CHECK(answer.calls == 1, "%d callbacks", answer.calls);
}

/* A function of the host that runs on the call's thread is not interrupted; the call ends with it. */
static void test_cancel_while_the_host_keeps_the_thread(void) {
  close_gate();
  AsherahFactory *factory = host_factory(&host, HOST_CONFIG);
  struct answer answer = {0};
  start_partition(factory, "partition", 0, &answer);
  AWAIT(at_gate == 1, "%d at the store", at_gate);
  CHECK_STATUS(asherah_call_cancel(answer.call), ASHERAH_OK);
  CHECK_STATUS(asherah_call_cancel(answer.call), ASHERAH_OK);
  usleep(50000);
  CHECK(answer.calls == 0, "%d callbacks", answer.calls);
  gate_open = true;
  await_answer(&answer, ASHERAH_ERROR_CANCELLED);
  CHECK(host.table->rows == 0, "%zu keys", host.table->rows);
  asherah_factory_free(factory);
  host_close(&host);
}

/* Calls that want the same key wait for the one that asks for it. Either may be cancelled; the other gets its result.
 */
static void test_cancel_of_calls_that_wait_for_each_other(void) {
  for (int cancelled = 0; cancelled < 2; cancelled++) {
    close_gate();
    AsherahFactory *factory = host_factory(&host, LIMITED);
    struct answer answers[2] = {0};
    start_partition(factory, "partition", 0, &answers[0]);
    AWAIT(at_gate == 1, "%d at the store", at_gate);
    start_partition(factory, "partition", 0, &answers[1]);
    AWAIT(check_stat_in("async", "running") == 2, "%lld run", check_stat_in("async", "running"));
    usleep(20000);
    CHECK(at_gate == 1, "%d at the store", at_gate);
    CHECK_STATUS(asherah_call_cancel(answers[cancelled].call), ASHERAH_OK);
    await_answer(&answers[cancelled], ASHERAH_ERROR_CANCELLED);
    CHECK(answers[!cancelled].calls == 0, "the other has ended");
    gate_open = true;
    await_answer(&answers[!cancelled], ASHERAH_OK);
    asherah_factory_free(factory);
    host_close(&host);
  }
}

/* Whatever the store does, calls that do not need it are served, and those that wait can be cancelled. */
static void test_a_store_that_does_not_answer_keeps_nobody_waiting(void) {
  enum { SLOW = 300, QUICK = 200 };
  static struct answer slow[SLOW];
  memset(slow, 0, sizeof slow);
  open_cached();
  close_gate();
  AsherahFactory *factory = host_factory(&host, HOST_CONFIG);
  for (int i = 0; i < SLOW; i++)
    start_partition(factory, "slow", i, &slow[i]);
  AWAIT(at_gate == ASKING, "%d at the store", at_gate);
  for (int i = 0; i < QUICK; i++) {
    struct answer quick = {0};
    start(cached, &quick);
    await_answer(&quick, ASHERAH_OK);
  }
  CHECK(check_stat_in("async", "waiting") == SLOW - ASKING, "%lld wait", check_stat_in("async", "waiting"));
  CHECK(check_stat_in("async", "running") == ASKING, "%lld run", check_stat_in("async", "running"));
  CHECK(at_gate == ASKING, "%d at the store", at_gate);
  for (int i = SLOW - 1; i >= SLOW - 100; i--) { /* the last ones wait */
    CHECK_STATUS(asherah_call_cancel(slow[i].call), ASHERAH_OK);
    await_answer(&slow[i], ASHERAH_ERROR_CANCELLED);
  }
  gate_open = true;
  for (int i = 0; i < SLOW - 100; i++)
    await_answer(&slow[i], ASHERAH_OK);
  asherah_factory_free(factory);
  close_cached();
  host_close(&host);
  at_rest();
}

static struct {
  atomic_bool let_go;
  atomic_int inside;
} stuck;

static void stays(void *user_data, int32_t status, const uint8_t *data, size_t len, const char *message) {
  atomic_fetch_add(&stuck.inside, 1);
  while (!stuck.let_go)
    usleep(1000);
  answered(user_data, status, data, len, message);
}

/* Callbacks that do not return take their threads. The others go on, until there are no more threads. */
static void test_callbacks_that_block(void) {
  static struct answer stay[SERVING], late[WAITING + 1];
  memset(stay, 0, sizeof stay);
  memset(late, 0, sizeof late);
  open_cached();
  stuck.let_go = false;
  stuck.inside = 0;
  for (int i = 0; i < SERVING - 1; i++)
    CHECK_STATUS(asherah_encrypt_start(cached, text, sizeof text, stays, &stay[i], &stay[i].call), ASHERAH_OK);
  AWAIT(stuck.inside == SERVING - 1, "%d callbacks", stuck.inside);
  for (int i = 0; i < 50; i++) {
    struct answer answer = {0};
    start(cached, &answer);
    await_answer(&answer, ASHERAH_OK);
  }
  CHECK_STATUS(asherah_encrypt_start(cached, text, sizeof text, stays, &stay[SERVING - 1], NULL), ASHERAH_OK);
  AWAIT(stuck.inside == SERVING, "%d callbacks", stuck.inside);
  /* From here on calls wait, as many as may. */
  for (int i = 0; i < WAITING; i++)
    start(cached, &late[i]);
  struct answer *last = &late[WAITING];
  last->call = (AsherahCall *)1;
  CHECK_STATUS(asherah_encrypt_start(cached, text, sizeof text, answered, last, &last->call), ASHERAH_ERROR_QUEUE_FULL);
  CHECK(last->call == NULL, "a handle for a call that was refused");
  CHECK(check_stat_in("async", "waiting") == WAITING, "%lld wait", check_stat_in("async", "waiting"));
  CHECK_STATUS(asherah_call_cancel(late[0].call), ASHERAH_OK);
  CHECK_STATUS(asherah_call_cancel(stay[0].call), ASHERAH_ERROR_CLOSED_HANDLE);
  stuck.let_go = true;
  for (int i = 0; i < WAITING; i++)
    await_answer(&late[i], i == 0 ? ASHERAH_ERROR_CANCELLED : ASHERAH_OK);
  for (int i = 0; i < SERVING; i++)
    await_answer(&stay[i], ASHERAH_OK);
  at_rest();
  CHECK(last->calls == 0, "a callback for a call that was refused");
  close_cached();
}

struct inner {
  struct answer answer; /* of the call itself */
  struct answer *other;
  int status, other_status;
};

static void cancels(void *user_data, int32_t status, const uint8_t *data, size_t len, const char *message) {
  struct inner *inner = user_data;
  inner->status = asherah_call_cancel(inner->answer.call);
  inner->other_status = asherah_call_cancel(inner->other->call);
  answered(&inner->answer, status, data, len, message);
}

static void test_cancel_inside_of_a_callback(void) {
  open_cached();
  close_gate();
  AsherahFactory *factory = host_factory(&host, LIMITED);
  struct answer waiting = {0};
  struct inner inner = {.other = &waiting};
  start_partition(factory, "partition", 0, &waiting);
  AWAIT(at_gate == 1, "%d at the store", at_gate);
  CHECK_STATUS(asherah_encrypt_start(cached, text, sizeof text, cancels, &inner, &inner.answer.call), ASHERAH_OK);
  await_answer(&inner.answer, ASHERAH_OK);
  CHECK(inner.status == ASHERAH_ERROR_CLOSED_HANDLE && inner.other_status == ASHERAH_OK, "%d and %d", inner.status,
        inner.other_status);
  await_answer(&waiting, ASHERAH_ERROR_CANCELLED);
  gate_open = true;
  AWAIT(check_stat("abandoned") == 0, "%lld abandoned", check_stat("abandoned"));
  asherah_factory_free(factory);
  close_cached();
  host_close(&host);
}

static atomic_int links;

static void next_link(void *user_data, int32_t status, const uint8_t *data, size_t len, const char *message) {
  CHECK(status == ASHERAH_OK, "%s", message);
  if (atomic_fetch_sub(&links, 1) > 1)
    CHECK_STATUS(asherah_decrypt_start(cached, user_data, strlen(user_data), next_link, user_data, NULL), ASHERAH_OK);
  (void)data, (void)len;
}

/* Calls started by callbacks. */
static void test_chains(void) {
  open_cached();
  AsherahBuffer record;
  CHECK_STATUS(asherah_encrypt_to_json(cached, text, sizeof text, &record), ASHERAH_OK);
  char *copy = strndup((const char *)record.data, record.len);
  asherah_buffer_free(&record);
  links = 4 * storm_calls;
  for (int i = 0; i < 4; i++)
    CHECK_STATUS(asherah_decrypt_start(cached, (const uint8_t *)copy, strlen(copy), next_link, copy, NULL), ASHERAH_OK);
  AWAIT(links <= -3, "%d links are left", links);
  at_rest();
  free(copy);
  close_cached();
}

/* Everything is freed while calls wait for the store. */
static void test_free_with_calls_in_flight(void) {
  enum { CALLS = 150 };
  static struct answer answers[CALLS];
  memset(answers, 0, sizeof answers);
  close_gate();
  AsherahFactory *factory = host_factory(&host, HOST_CONFIG);
  for (int i = 0; i < CALLS; i++)
    start_partition(factory, "partition", i, &answers[i]);
  asherah_factory_free(factory);
  host_free_handles(&host);
  AWAIT(at_gate == ASKING, "%d at the store", at_gate);
  CHECK(host.metastore_releases == 0 && host.kms_releases == 0, "released while in use");
  gate_open = true;
  for (int i = 0; i < CALLS; i++)
    await_answer(&answers[i], ASHERAH_OK);
  CHECK(host.table->rows == CALLS + 1, "%zu keys", host.table->rows);
  host_close(&host);
  at_rest();
}

enum { THREADS = 8 };
static struct answer storm[THREADS][STORM_CALLS];
static _Atomic(AsherahCall *) shared[64];
static atomic_int accepted;

static void cancel_from_everywhere(size_t index, void *factory) {
  uint64_t random = index + 1;
  AsherahSession *sessions[8];
  for (int i = 0; i < 8; i++) {
    char partition[32];
    snprintf(partition, sizeof partition, "storm %zu %d", index, i);
    sessions[i] = asherah_factory_get_session(factory, partition);
  }
  for (int i = 0; i < storm_calls; i++) {
    if (i == storm_calls / 2) /* those that wait for the key of a partition go on without its session */
      for (int j = 4; j < 8; j++) {
        asherah_session_free(sessions[j]);
        sessions[j] = cached;
      }
    struct answer *answer = &storm[index][i];
    AsherahSession *session = check_random(&random) % 2 ? cached : sessions[check_random(&random) % 8];
    int status = asherah_encrypt_start(session, text, sizeof text, answered, answer, &answer->call);
    CHECK(status == ASHERAH_OK || status == ASHERAH_ERROR_QUEUE_FULL, "%s", asherah_last_error_message());
    if (status != ASHERAH_OK) {
      answer->call = NULL;
      continue;
    }
    accepted++;
    shared[check_random(&random) % 64] = answer->call;
    for (int j = 0; j < 3; j++) {
      status = asherah_call_cancel(shared[check_random(&random) % 64]);
      CHECK(status == ASHERAH_OK || status == ASHERAH_ERROR_CLOSED_HANDLE, "%d", status);
    }
  }
  for (int i = 0; i < 4; i++)
    asherah_session_free(sessions[i]);
}

static bool slow_store(struct host *own, const char *function, AsherahReply *reply, int32_t *answer) {
  (void)own, (void)function, (void)reply, (void)answer;
  host_pause(2);
  return false;
}

static void test_cancel_from_8_threads(void) {
  for (int round = 0; round < 2; round++) {
    memset(storm, 0, sizeof storm);
    accepted = 0;
    open_cached();
    host_open(&host);
    host.fault = slow_store;
    AsherahFactory *factory = host_factory(&host, round == 0 ? LIMITED : HOST_CONFIG);
    check_threads(THREADS, cancel_from_everywhere, factory);
    asherah_factory_free(factory);
    int done = 0, cancelled = 0;
    for (int i = 0; i < THREADS; i++)
      for (int j = 0; j < storm_calls; j++) {
        struct answer *answer = &storm[i][j];
        if (!answer->call)
          continue;
        AWAIT(answer->calls == 1, "%d callbacks", answer->calls);
        done += answer->status == ASHERAH_OK;
        cancelled += answer->status == ASHERAH_ERROR_CANCELLED;
      }
    CHECK(done > 0 && cancelled > 0 && done + cancelled == accepted, "%d done, %d cancelled of %d", done, cancelled,
          accepted);
    at_rest();
    close_cached();
    AWAIT(check_stat("abandoned") == 0, "%lld abandoned", check_stat("abandoned"));
    host_close(&host);
    for (int i = 0; i < THREADS; i++)
      for (int j = 0; j < storm_calls; j++)
        CHECK(storm[i][j].calls == (storm[i][j].call != NULL), "%d callbacks", storm[i][j].calls);
  }
}

static void never(void *user_data, int32_t status, const uint8_t *data, size_t len, const char *message) {
  (void)user_data, (void)status, (void)data, (void)len, (void)message;
  CHECK(false, "a callback for a call that was refused");
}

static void arguments(size_t index, void *argument) {
  const int refused = ASHERAH_ERROR_INVALID_ARGUMENT, closed = ASHERAH_ERROR_CLOSED_HANDLE;
  const size_t lengths[] = {ASHERAH_MAX_INPUT + 1, (size_t)1 << 32, SIZE_MAX / 2, SIZE_MAX};
  AsherahCall *call = (AsherahCall *)1;
  uint64_t random = index + 1;
  (void)argument;
  CHECK_STATUS(asherah_encrypt_start(cached, NULL, 1, never, NULL, &call), refused);
  CHECK(call == NULL, "a handle");
  CHECK_STATUS(asherah_encrypt_start(cached, text, 1, NULL, NULL, &call), refused);
  CHECK_STATUS(asherah_decrypt_start(cached, NULL, 1, never, NULL, &call), refused);
  CHECK_STATUS(asherah_decrypt_start(cached, text, 1, NULL, NULL, NULL), refused);
  for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
    CHECK_STATUS(asherah_encrypt_start(cached, text, lengths[i], never, NULL, &call), refused);
    CHECK_STATUS(asherah_decrypt_start(cached, text, lengths[i], never, NULL, NULL), refused);
  }
  AsherahSession *freed = asherah_factory_get_session(cached_factory, "freed");
  asherah_session_free(freed);
  void *const bad[] = {NULL,
                       (void *)1,
                       (void *)(intptr_t)-1,
                       (void *)0x10000,
                       &call,
                       freed,
                       cached_factory,
                       (void *)((uintptr_t)cached ^ (uintptr_t)1 << 40),
                       (void *)text,
                       (void *)(((uintptr_t)1 << 47) - 1)};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    CHECK_STATUS(asherah_encrypt_start(bad[i], text, 1, never, NULL, &call), closed);
    CHECK_STATUS(asherah_decrypt_start(bad[i], text, 1, never, NULL, &call), closed);
    CHECK_STATUS(asherah_call_cancel(bad[i]), closed);
  }
  CHECK_STATUS(asherah_call_cancel((AsherahCall *)cached), closed);
  for (int i = 0; i < 10000; i++)
    CHECK_STATUS(asherah_call_cancel((AsherahCall *)(uintptr_t)(check_random(&random) >> i % 2 * 17)), closed);
  /* A handle of a call is none of another type. */
  struct answer answer = {0};
  start(cached, &answer);
  AsherahBuffer buffer;
  CHECK_STATUS(asherah_encrypt_to_json((AsherahSession *)answer.call, text, 1, &buffer), closed);
  CHECK(!asherah_factory_get_session((AsherahFactory *)answer.call, "p"), "a session");
  asherah_session_free((AsherahSession *)answer.call);
  asherah_factory_free((AsherahFactory *)answer.call);
  asherah_secret_free((AsherahSecret *)answer.call);
  await_answer(&answer, ASHERAH_OK);
}

static void test_arguments(void) {
  open_cached();
  arguments(0, NULL);
  check_threads(8, arguments, NULL);
  at_rest();
  close_cached();
}

/* With an argument with fewer calls, for valgrind. */
int main(int argc, char **argv) {
  (void)argv;
  if (argc > 1)
    storm_calls = 60;
  RUN(test_start);
  RUN(test_arguments);
  RUN(test_cancel_while_the_store_is_asked);
  RUN(test_cancel_while_the_host_keeps_the_thread);
  RUN(test_cancel_of_calls_that_wait_for_each_other);
  RUN(test_a_store_that_does_not_answer_keeps_nobody_waiting);
  RUN(test_callbacks_that_block);
  RUN(test_cancel_inside_of_a_callback);
  RUN(test_chains);
  RUN(test_free_with_calls_in_flight);
  RUN(test_cancel_from_8_threads);
  FINISH();
}
