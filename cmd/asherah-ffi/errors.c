#include "border.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"

/*
 * The last error of a thread: a status, and a message on the C heap that a thread key frees when the thread ends. Only
 * the pointer is thread-local, since a library loaded late has little static TLS to share with others.
 */
static _Thread_local int last_status __attribute__((tls_model("initial-exec")));
static _Thread_local char *last_message __attribute__((tls_model("initial-exec")));

static pthread_key_t message_key;
static int message_key_made; /* the host may have used up all keys: a thread's last message is lost when it ends then */
static pthread_once_t message_key_once = PTHREAD_ONCE_INIT;

static char no_memory[] = "out of memory";

static void free_message(void *message) {
  last_message = NULL;
  if (message != no_memory)
    free(message);
}

static void make_message_key(void) { message_key_made = pthread_key_create(&message_key, free_message) == 0; }

static void free_at_thread_end(char *message) {
  pthread_once(&message_key_once, make_message_key);
  if (message_key_made)
    pthread_setspecific(message_key, message);
}

void border_clear_error(void) {
  last_status = ASHERAH_OK;
  if (last_message != NULL) {
    free_message(last_message);
    free_at_thread_end(NULL);
  }
}

void border_set_error(int status, const char *message, size_t len) {
  char *copy = malloc(len + 1);
  border_clear_error();
  last_status = status;
  if (copy == NULL) {
    last_message = no_memory;
    return;
  }
  memcpy(copy, message, len);
  copy[len] = '\0';
  /* A NUL inside, from a key id that has one, would hide the rest. */
  for (size_t i = 0; i < len; i++) {
    if (copy[i] == '\0')
      copy[i] = ' ';
  }
  last_message = copy;
  free_at_thread_end(copy);
}

int border_fail(int status, const char *message) {
  border_set_error(status, message, strlen(message));
  return status;
}

struct border_error border_hide_error(void) {
  struct border_error hidden = {last_status, last_message};
  last_status = ASHERAH_OK;
  last_message = NULL;
  if (hidden.message != NULL)
    free_at_thread_end(NULL);
  return hidden;
}

void border_restore_error(struct border_error hidden) {
  border_clear_error();
  last_status = hidden.status;
  last_message = hidden.message;
  if (hidden.message != NULL && hidden.message != no_memory)
    free_at_thread_end(hidden.message);
}

int border_enter(void) {
  if (!host_enter()) {
    border_fail(ASHERAH_ERROR_UNSUPPORTED,
                "libasherah does not work in a child made by fork(): load it after fork, or exec");
    return 0;
  }
  if (__builtin_expect(last_status != ASHERAH_OK, 0))
    border_clear_error();
  return 1;
}

const char *asherah_last_error_message(void) { return last_message; }

int asherah_last_error_code(void) { return last_status; }

const char *asherah_version(void) { return ASHERAH_VERSION; }

int asherah_abi_version(void) { return ASHERAH_ABI_VERSION; }

const char *asherah_status_name(int status) {
  switch (status) {
#define NAME(name)                                                                                                     \
  case ASHERAH_ERROR_##name:                                                                                           \
    return #name;
    NAME(INTERNAL)
    NAME(INVALID_ARGUMENT)
    NAME(CONFIGURATION)
    NAME(CLOSED_HANDLE)
    NAME(MALFORMED_RECORD)
    NAME(PARTITION_MISMATCH)
    NAME(METADATA_MISSING)
    NAME(AUTHENTICATION)
    NAME(METASTORE)
    NAME(KMS)
    NAME(LOCKED_MEMORY)
    NAME(TIMED_OUT)
    NAME(BUFFER_TOO_SMALL)
    NAME(UNSUPPORTED)
    NAME(HOST_CALLBACK)
    NAME(WOULD_BLOCK)
    NAME(QUEUE_FULL)
    NAME(CANCELLED)
#undef NAME
  case ASHERAH_OK:
    return "OK";
  default:
    return "UNKNOWN";
  }
}
