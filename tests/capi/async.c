/* Asynchronous calls. */
#define _GNU_SOURCE
#include "check.h"

#include <time.h>
#include <unistd.h>

static AsherahFactory *factory;
static AsherahSession *session;

struct gate {
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  bool closed;
  int started, done, failed, wrong;
  uint8_t last[1024];
  size_t last_len;
};

static void gate_init(struct gate *gate) {
  memset(gate, 0, sizeof *gate);
  pthread_mutex_init(&gate->mutex, NULL);
  pthread_cond_init(&gate->changed, NULL);
}

/* Waits until count callbacks have come, or 20 seconds. */
static bool gate_wait(struct gate *gate, int count) {
  struct timespec deadline;
  clock_gettime(CLOCK_REALTIME, &deadline);
  deadline.tv_sec += 20;
  pthread_mutex_lock(&gate->mutex);
  int result = 0;
  while (gate->done < count && result == 0)
    result = pthread_cond_timedwait(&gate->changed, &gate->mutex, &deadline);
  bool complete = gate->done >= count;
  pthread_mutex_unlock(&gate->mutex);
  return complete;
}

static void gate_open(struct gate *gate) {
  pthread_mutex_lock(&gate->mutex);
  gate->closed = false;
  pthread_cond_broadcast(&gate->changed);
  pthread_mutex_unlock(&gate->mutex);
}

static void completed(void *user_data, const uint8_t *data, size_t len, const char *error) {
  struct gate *gate = user_data;
  pthread_mutex_lock(&gate->mutex);
  gate->started++;
  while (gate->closed)
    pthread_cond_wait(&gate->changed, &gate->mutex);
  gate->done++;
  gate->failed += error != NULL;
  gate->wrong += error ? data != NULL || len != 0 || !*error : data == NULL;
  if (!error && len <= sizeof gate->last) {
    memcpy(gate->last, data, len);
    gate->last_len = len;
  }
  pthread_cond_broadcast(&gate->changed);
  pthread_mutex_unlock(&gate->mutex);
}

static void test_async_roundtrip(void) {
  struct gate gate;
  uint8_t data[64], record[1024];
  gate_init(&gate);
  memset(data, 'd', sizeof data);
  CHECK_STATUS(asherah_encrypt_to_json_async(session, data, sizeof data, completed, &gate), ASHERAH_OK);
  memset(data, 0, sizeof data); /* the input was copied */
  REQUIRE(gate_wait(&gate, 1), "no callback");
  size_t len = gate.last_len;
  memcpy(record, gate.last, len);
  CHECK_STATUS(asherah_decrypt_from_json_async(session, record, len, completed, &gate), ASHERAH_OK);
  REQUIRE(gate_wait(&gate, 2), "no callback");
  memset(data, 'd', sizeof data);
  CHECK(gate.last_len == sizeof data && memcmp(gate.last, data, sizeof data) == 0, "%zu bytes", gate.last_len);
  CHECK_STATUS(asherah_decrypt_from_json_async(session, (const uint8_t *)"{}", 2, completed, &gate), ASHERAH_OK);
  REQUIRE(gate_wait(&gate, 3), "no callback");
  CHECK(gate.failed == 1 && gate.wrong == 0, "%d failed, %d wrong", gate.failed, gate.wrong);
  CHECK_STATUS(asherah_encrypt_to_json_async(session, data, 1, NULL, &gate), ASHERAH_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(asherah_encrypt_to_json_async(NULL, data, 1, completed, &gate), ASHERAH_ERROR_CLOSED_HANDLE);
  CHECK_STATUS(asherah_encrypt_to_json_async(session, NULL, 1, completed, &gate), ASHERAH_ERROR_INVALID_ARGUMENT);
  usleep(50000);
  CHECK(gate.done == 3, "%d callbacks, not 3", gate.done);
}

/* The callback of an asynchronous call may call the library, also for another asynchronous call. */
static void reenter(void *user_data, const uint8_t *data, size_t len, const char *error) {
  AsherahSession *opened = asherah_factory_get_session(factory, "from a callback");
  AsherahBuffer text = {0};
  CHECK_STATUS(asherah_decrypt_from_json(session, data, len, &text), ASHERAH_OK);
  asherah_buffer_free(&text);
  CHECK_STATUS(asherah_encrypt_to_json_async(opened, (const uint8_t *)"y", 1, completed, user_data), ASHERAH_OK);
  asherah_session_free(opened);
  (void)error;
}

static void test_async_callback_calls_the_library(void) {
  struct gate gate;
  gate_init(&gate);
  CHECK_STATUS(asherah_encrypt_to_json_async(session, (const uint8_t *)"x", 1, reenter, &gate), ASHERAH_OK);
  CHECK(gate_wait(&gate, 1), "no callback");
  CHECK(gate.failed == 0, "it failed");
}

static void test_async_after_free(void) {
  enum { CALLS = 200 };
  struct gate gate;
  gate_init(&gate);
  AsherahFactory *own = asherah_factory_new_with_config(CHECK_CONFIG);
  AsherahSession *opened = asherah_factory_get_session(own, "p");
  for (int i = 0; i < CALLS; i++)
    CHECK_STATUS(asherah_encrypt_to_json_async(opened, (const uint8_t *)"x", 1, completed, &gate), ASHERAH_OK);
  asherah_session_free(opened);
  asherah_factory_free(own);
  CHECK(gate_wait(&gate, CALLS), "%d callbacks of %d", gate.done, CALLS);
  usleep(50000);
  CHECK(gate.done == CALLS && gate.failed == 0 && gate.wrong == 0, "%d done, %d failed, %d wrong", gate.done,
        gate.failed, gate.wrong);
}

static void test_async_queue_full(void) {
  struct gate gate;
  gate_init(&gate);
  gate.closed = true;
  int accepted = 0, status = ASHERAH_OK;
  for (int i = 0; i < 4096 && status == ASHERAH_OK; i++) {
    status = asherah_encrypt_to_json_async(session, (const uint8_t *)"x", 1, completed, &gate);
    accepted += status == ASHERAH_OK;
  }
  CHECK(status == ASHERAH_ERROR_QUEUE_FULL, "%s", asherah_status_name(status));
  /* Those that are being worked on do not wait. */
  CHECK(accepted >= 1024 && accepted <= 1024 + 256, "%d accepted", accepted);
  gate_open(&gate);
  CHECK(gate_wait(&gate, accepted), "%d callbacks of %d", gate.done, accepted);
  usleep(50000);
  CHECK(gate.done == accepted && gate.failed == 0, "%d done, %d failed", gate.done, gate.failed);
  CHECK_STATUS(asherah_encrypt_to_json_async(session, (const uint8_t *)"x", 1, completed, &gate), ASHERAH_OK);
  CHECK(gate_wait(&gate, accepted + 1), "no callback after the queue was full");
}

int main(void) {
  factory = asherah_factory_new_with_config(CHECK_CONFIG);
  session = asherah_factory_get_session(factory, "partition");
  if (!session) {
    printf("FAIL async: no session: %s\n", asherah_last_error_message());
    return 1;
  }
  RUN(test_async_roundtrip);
  RUN(test_async_callback_calls_the_library);
  RUN(test_async_after_free);
  RUN(test_async_queue_full);
  asherah_session_free(session);
  asherah_factory_free(factory);
  FINISH();
}
