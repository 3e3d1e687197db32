/*
 * host.h: what every C entry point does before it calls Go.
 *
 *   if (!host_enter())
 *     return ASHERAH_ERROR_UNSUPPORTED;
 *   ... call the Go export ...
 *
 * It costs one relaxed load and one test of a thread-local flag. The rest of the package works by itself when the
 * library is loaded; docs/host-safety.md says what it does to the process.
 */
#ifndef ASHERAH_HOST_H
#define ASHERAH_HOST_H

#include <stdbool.h>
#include <stdint.h>

/* Hidden also without a version script, so that two libraries in one process keep their own. */
#define HOST_HIDDEN __attribute__((visibility("hidden")))

#ifdef __cplusplus
extern "C" {
#endif

/* Set in a child made by fork(), which has no Go runtime. */
extern HOST_HIDDEN int host_forked;

/* Set once the goroutine stack that this thread runs on has its head-room. The library has static TLS in any case, for
 * the Go runtime, so the access model costs nothing further. */
extern HOST_HIDDEN _Thread_local bool host_thread_ready __attribute__((tls_model("initial-exec")));

/* Attaches the thread to the Go runtime and grows its goroutine stack, with all signals blocked: until the stack has
 * grown no handler of the host may run on it, and the attaching changes the mask, which is put back. */
HOST_HIDDEN void host_first_call(void);

/* Tells whether the process is a child made by fork(), where Go must not be called. */
static inline bool host_refused(void) {
  return __builtin_expect(__atomic_load_n(&host_forked, __ATOMIC_RELAXED) != 0, 0);
}

/* Prepares the calling thread for a call into Go. Returns false, and does nothing, where host_refused() is true. */
static inline bool host_enter(void) {
  if (host_refused())
    return false;
  if (__builtin_expect(!host_thread_ready, 0))
    host_first_call();
  return true;
}

/* What the constructors found, for State() on the Go side. A set of bits, fixed once the library is loaded. */
enum {
  HOST_NOT_SHARED = 1,      /* not in a shared library: nothing was done */
  HOST_TABLE_NOT_FOUND = 2, /* the Go runtime's signal table was not found; handlers were put back after the start */
  HOST_WRONG_ORDER = 4,     /* Go's entry did not run between the two constructors */
  HOST_COMPILED_OUT = 8     /* a test build without (some of) the measures */
};
HOST_HIDDEN unsigned host_findings(void);

/* Bit s - 1 is set if signal s is blocked on the calling thread. */
HOST_HIDDEN uint64_t host_blocked_signals(void);

#ifdef __cplusplus
}
#endif

#endif
