#include "lasterror.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/*
 * The last error of a thread: a status, and a message on the C heap that a thread key frees when the thread ends. Only
 * the pointer is thread-local, since a library loaded late has little static TLS to share with others.
 */
_Thread_local int lasterror_status;
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

void lasterror_clear(void) {
  lasterror_status = 0;
  if (last_message != NULL) {
    free_message(last_message);
    free_at_thread_end(NULL);
  }
}

void lasterror_set(int status, const char *message, size_t len) {
  char *copy = malloc(len + 1);
  lasterror_clear();
  lasterror_status = status;
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

int lasterror_fail(int status, const char *message) {
  lasterror_set(status, message, strlen(message));
  return status;
}

struct lasterror lasterror_hide(void) {
  struct lasterror hidden = {lasterror_status, last_message};
  lasterror_status = 0;
  last_message = NULL;
  if (hidden.message != NULL)
    free_at_thread_end(NULL);
  return hidden;
}

void lasterror_restore(struct lasterror hidden) {
  lasterror_clear();
  lasterror_status = hidden.status;
  last_message = hidden.message;
  if (hidden.message != NULL && hidden.message != no_memory)
    free_at_thread_end(hidden.message);
}

const char *lasterror_message(void) { return last_message; }
