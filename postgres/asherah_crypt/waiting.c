#include "asherah_crypt.h"

#include "miscadmin.h"
#include "pgstat.h"
#include "storage/latch.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#if PG_VERSION_NUM >= 140000
#include "utils/wait_event.h"
#endif

/*
 * Belongs to the backend and to the call, whichever is later. Made with malloc(), since a thread of the library fills
 * and may free it.
 */
typedef struct Outcome {
  atomic_int owners;
  atomic_bool ended;
  int event; /* of eventfd(), written when the call has ended */
  int status;
  uint8_t *result;
  size_t length;
  char message[1024];
} Outcome;

struct Waiting {
  Outcome *outcome;
  AsherahCall *call;
  MemoryContextCallback reset;
};

static void release(Outcome *outcome) {
  if (atomic_fetch_sub(&outcome->owners, 1) > 1)
    return;
  if (outcome->result != NULL)
    explicit_bzero(outcome->result, outcome->length);
  free(outcome->result);
  close(outcome->event);
  free(outcome);
}

/* On a thread of the library: nothing of PostgreSQL may be called. */
static void on_end(void *user_data, int32_t status, const uint8_t *data, size_t length, const char *message) {
  Outcome *outcome = user_data;
  const uint64_t one = 1;

  outcome->status = status;
  if (status == ASHERAH_OK) {
    outcome->result = malloc(length > 0 ? length : 1);
    if (outcome->result != NULL) {
      memcpy(outcome->result, data, length);
      outcome->length = length;
    }
  } else if (message != NULL) {
    strlcpy(outcome->message, message, sizeof outcome->message);
  }
  atomic_store(&outcome->ended, true);
  /* Fails only where 2^64 calls have ended. */
  (void)!write(outcome->event, &one, sizeof one);
  release(outcome);
}

/* The end of the memory context: the result was taken, or an error leaves it to nobody. */
static void give_up(void *argument) {
  Waiting *waiting = argument;

  if (!atomic_load(&waiting->outcome->ended))
    asherah.call_cancel(waiting->call);
  release(waiting->outcome);
}

Waiting *waiting_start(Direction direction, AsherahSession *session, const void *data, size_t length) {
  Waiting *waiting = palloc0(sizeof *waiting);
  Outcome *outcome = calloc(1, sizeof *outcome);
  int event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  int status;

  if (outcome == NULL || event < 0) {
    free(outcome);
    if (event >= 0)
      close(event);
    ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_RESOURCES),
                    errmsg("memory or file descriptors are short for a call of the metastore")));
  }
  outcome->event = event;
  atomic_store(&outcome->owners, 2);
  waiting->outcome = outcome;
  status = (direction == ENCRYPT ? asherah.encrypt_start : asherah.decrypt_start)(session, data, length, on_end,
                                                                                  outcome, &waiting->call);
  if (status != ASHERAH_OK) {
    release(outcome);
    release(outcome);
    fault_raise(status, asherah.last_error_message());
  }
  waiting->reset.func = give_up;
  waiting->reset.arg = waiting;
  MemoryContextRegisterResetCallback(CurrentMemoryContext, &waiting->reset);
  return waiting;
}

int waiting_end(Waiting *waiting) {
  Outcome *outcome = waiting->outcome;

  while (!atomic_load(&outcome->ended)) {
    int events = WaitLatchOrSocket(MyLatch, WL_LATCH_SET | WL_SOCKET_READABLE | WL_EXIT_ON_PM_DEATH, outcome->event, -1,
                                   PG_WAIT_EXTENSION);
    if (events & WL_LATCH_SET)
      ResetLatch(MyLatch);
    CHECK_FOR_INTERRUPTS();
  }
  if (outcome->status == ASHERAH_OK && outcome->result == NULL)
    ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
  return outcome->status;
}

const uint8_t *waiting_result(const Waiting *waiting, size_t *length) {
  *length = waiting->outcome->length;
  return waiting->outcome->result;
}

const char *waiting_message(const Waiting *waiting) { return waiting->outcome->message; }
