/*
 * What happens around the start of the Go runtime. Go's entry stands in .init_array without a priority, in front of
 * what C code puts there without one; host_before_go() has a priority and comes earlier, host_after_go() has none and
 * comes later. All three run on the thread that loads the library, before dlopen() returns.
 */
#define _GNU_SOURCE
#include "host.h"
#include "leave.h"
#include "runtime_table.h"
#include "sigaction.h"

#include <link.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/auxv.h>
#include <ucontext.h>

/* Exported by Go; hidden like everything else here. */
extern HOST_HIDDEN void hostFirstCall(void);

int host_forked;
_Thread_local bool host_thread_ready;

static struct host_library library;
static struct host_sigaction before[HOST_SIGNALS]; /* the host's, when loading began */
static unsigned findings;
static bool active;
static sigset_t loader_mask;

unsigned host_findings(void) { return findings; }

/* Go needs SIGSEGV, SIGBUS and SIGFPE to turn faults in its code into panics, and SIGPIPE to survive a write to a
 * closed socket. The latter only where the host leaves it at the default: a host's handler, or ignoring it, does. */
static bool go_may_have(int signal) {
  if (signal == SIGSEGV || signal == SIGBUS || signal == SIGFPE)
    return true;
  return signal == SIGPIPE && before[signal].handler == (uintptr_t)SIG_DFL;
}

/* Is the object at info the one that holds this code? Fills in library if so. */
static int inspect(struct dl_phdr_info *info, size_t size, void *arg) {
  (void)size;
  (void)arg;
  struct host_library found = {.base = info->dlpi_addr, .image = {UINTPTR_MAX, 0}, .text = {UINTPTR_MAX, 0}};
  uintptr_t self = (uintptr_t)&host_first_call;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
    uintptr_t low = info->dlpi_addr + segment->p_vaddr;
    uintptr_t high = low + segment->p_memsz;
    if (segment->p_type != PT_LOAD)
      continue;
    host_range_extend(&found.image, low, high);
    if (segment->p_flags & PF_X)
      host_range_extend(&found.text, low, high);
  }
  if (!host_range_holds(&found.text, self))
    return 0;
  found.headers = info->dlpi_phdr;
  found.header_count = info->dlpi_phnum;
  library = found;
  return 1;
}

/* In a Go program, a test binary for one, the runtime is the host and starts after every constructor. */
static bool in_shared_library(void) {
  if (dl_iterate_phdr(inspect, NULL) != 1)
    return false;
  return !host_range_holds(&library.image, getauxval(AT_PHDR));
}

__attribute__((constructor(101))) static void host_before_go(void) {
#ifdef HOST_COMPILED_OUT_ANY
  findings |= HOST_COMPILED_OUT;
#endif
  if (!in_shared_library()) {
    findings |= HOST_NOT_SHARED;
    return;
  }
  active = true;
  pthread_sigmask(SIG_SETMASK, NULL, &loader_mask);
#ifndef HOST_NO_MASK
  /* Go hands the mask that it finds now to every thread it will ever start. */
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, NULL);
#endif
  for (int signal = 1; signal < HOST_SIGNALS; signal++)
    host_sigaction_get(signal, &before[signal]);
  if (host_range_holds(&library.text, before[SIGSEGV].handler)) {
    findings |= HOST_WRONG_ORDER;
    return;
  }
#ifndef HOST_NO_DISARM
  struct host_runtime_table *table = host_find_runtime_table(&library);
  if (table == NULL) {
    findings |= HOST_TABLE_NOT_FOUND;
    return;
  }
  for (int signal = 1; signal < HOST_SIGNALS; signal++)
    if (!go_may_have(signal))
      table->entries[signal].flags = 0;
#endif
}

#ifndef HOST_NO_DISPATCH
static struct host_sigaction go_action[HOST_SIGNALS]; /* Go's, for the signals with a dispatcher */

static uintptr_t interrupted_at(const ucontext_t *context) {
#if defined(__x86_64__)
  return (uintptr_t)context->uc_mcontext.gregs[REG_RIP];
#elif defined(__aarch64__)
  return (uintptr_t)context->uc_mcontext.pc;
#else
#error "host safety knows amd64 and arm64 only"
#endif
}

static bool has_handler(const struct host_sigaction *action) {
  return action->handler != (uintptr_t)SIG_DFL && action->handler != (uintptr_t)SIG_IGN;
}

static void call_handler(const struct host_sigaction *action, int signal, siginfo_t *info, void *context) {
  if (action->flags & SA_SIGINFO)
    ((void (*)(int, siginfo_t *, void *))action->handler)(signal, info, context);
  else
    ((void (*)(int))action->handler)(signal);
}

static void dispatch(int signal, siginfo_t *info, void *context);

/* The host's flags and mask to the letter, since its handler is written for them. SA_SIGINFO only gives more. */
static void install_dispatcher(int signal) {
  struct host_sigaction action = before[signal];
  action.handler = (uintptr_t)&dispatch;
  action.flags |= SA_SIGINFO;
  host_sigaction_set(signal, &action);
}

static void dispatch(int signal, siginfo_t *info, void *context) {
  /* A signal that a process has sent (si_code <= 0) is no fault of anybody's code. */
  if (info->si_code <= 0 || !host_range_holds(&library.text, interrupted_at(context))) {
    call_handler(&before[signal], signal, info, context);
    return;
  }
  /* A host's handler that is good for one fault is not used up by one of ours. */
  if (before[signal].flags & SA_RESETHAND)
    install_dispatcher(signal);
  call_handler(&go_action[signal], signal, info, context);
}
#endif

static void in_child(void) {
#ifndef HOST_NO_FORK_FLAG
  __atomic_store_n(&host_forked, 1, __ATOMIC_RELAXED);
#endif
}

__attribute__((constructor)) static void host_after_go(void) {
  if (!active)
    return;
  struct host_sigaction now;
  host_sigaction_get(SIGSEGV, &now);
  if (now.handler == before[SIGSEGV].handler)
    findings |= HOST_WRONG_ORDER;
  if (!(findings & HOST_WRONG_ORDER)) {
    for (int signal = 1; signal < HOST_SIGNALS; signal++) {
      host_sigaction_get(signal, &now);
      if (!go_may_have(signal)) {
        if ((findings & HOST_TABLE_NOT_FOUND) && !host_sigaction_equal(&now, &before[signal]))
          host_sigaction_set(signal, &before[signal]);
        continue;
      }
#ifndef HOST_NO_DISPATCH
      if (has_handler(&before[signal])) {
        go_action[signal] = now;
        install_dispatcher(signal);
      }
#endif
    }
  }
  pthread_atfork(NULL, NULL, in_child);
  host_leave_init();
  pthread_sigmask(SIG_SETMASK, &loader_mask, NULL);
}

void host_first_call(void) {
  host_leave_expect();
#ifndef HOST_NO_FIRST_CALL
  sigset_t all, mask;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &mask);
  hostFirstCall();
  pthread_sigmask(SIG_SETMASK, &mask, NULL);
#endif
  host_thread_ready = true;
}

uint64_t host_blocked_signals(void) {
  sigset_t mask;
  uint64_t blocked = 0;
  pthread_sigmask(SIG_BLOCK, NULL, &mask);
  for (int signal = 1; signal < HOST_SIGNALS; signal++)
    if (sigismember(&mask, signal) == 1)
      blocked |= UINT64_C(1) << (signal - 1);
  return blocked;
}
