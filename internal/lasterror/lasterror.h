/* lasterror.h: the last error of a thread, a number and a message. */
#ifndef LASTERROR_H
#define LASTERROR_H

#include <stddef.h>

/* Hidden also without a version script, so that two libraries in one process keep their own. */
#define LASTERROR_HIDDEN __attribute__((visibility("hidden")))

/* Sets the thread's last error. message has len bytes and is copied. */
LASTERROR_HIDDEN void lasterror_set(int status, const char *message, size_t len);

/* As lasterror_set(), for a C string; returns status. */
LASTERROR_HIDDEN int lasterror_fail(int status, const char *message);

/* Forgets the thread's last error: status 0, message NULL. */
LASTERROR_HIDDEN void lasterror_clear(void);

/* The status of the last error, and its message, valid until the next change by the thread. */
extern LASTERROR_HIDDEN _Thread_local int lasterror_status __attribute__((tls_model("initial-exec")));
LASTERROR_HIDDEN const char *lasterror_message(void);

/* The last error of a thread while a function of the host runs in the middle of a call, whose own calls are not the
 * thread's last one. */
struct lasterror {
  int status;
  char *message;
};
LASTERROR_HIDDEN struct lasterror lasterror_hide(void);
LASTERROR_HIDDEN void lasterror_restore(struct lasterror hidden);

#endif
