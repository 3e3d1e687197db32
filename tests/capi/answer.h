/* The callback of an asynchronous call that one can wait for. */
#ifndef CAPI_ANSWER_H
#define CAPI_ANSWER_H

#include "check.h"

#include <time.h>
#include <unistd.h>

struct answer {
  AsherahCall *call;
  atomic_int calls; /* of the callback */
  int32_t status;
  size_t len;
  uint8_t data[1024];
  char message[256];
};

static void answered(void *user_data, int32_t status, const uint8_t *data, size_t len, const char *message) {
  struct answer *answer = user_data;
  CHECK((status == ASHERAH_OK) == (message == NULL) && (status == ASHERAH_OK) == (data != NULL), "%d: %s", status,
        message ? message : "no message");
  CHECK(status == ASHERAH_OK || len == 0, "%d: %zu bytes", status, len);
  answer->status = status;
  answer->len = len;
  if (data && len <= sizeof answer->data)
    memcpy(answer->data, data, len);
  snprintf(answer->message, sizeof answer->message, "%s", message ? message : "");
  atomic_fetch_add(&answer->calls, 1);
}

/* Waits for a condition, 20 seconds at most. */
#define AWAIT(condition, ...)                                                                                          \
  do {                                                                                                                 \
    for (int await_ = 0; await_ < 20000 && !(condition); await_++)                                                     \
      usleep(1000);                                                                                                    \
    CHECK(condition, __VA_ARGS__);                                                                                     \
  } while (0)

static inline void await_answer(struct answer *answer, int32_t status) {
  AWAIT(answer->calls > 0, "no callback");
  CHECK(answer->calls == 1 && answer->status == status, "%d callbacks, %s: %s", answer->calls,
        asherah_status_name(answer->status), answer->message);
}

#endif
