/*
 * Signal actions as the kernel has them, restorer included, for signals 1 to 64. glibc's sigaction() refuses its own
 * two and hides the restorer, but what the Go runtime changes with system calls is put back with system calls.
 */
#ifndef ASHERAH_HOST_SIGACTION_H
#define ASHERAH_HOST_SIGACTION_H

#include <stdbool.h>
#include <stdint.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#define HOST_SIGNALS 65

struct host_sigaction {
  uintptr_t handler;
  unsigned long flags;
  uintptr_t restorer;
  uint64_t mask;
};

static inline void host_sigaction_get(int signal, struct host_sigaction *action) {
  *action = (struct host_sigaction){0};
  syscall(SYS_rt_sigaction, signal, NULL, action, sizeof action->mask);
}

static inline void host_sigaction_set(int signal, const struct host_sigaction *action) {
  syscall(SYS_rt_sigaction, signal, action, NULL, sizeof action->mask);
}

static inline bool host_sigaction_equal(const struct host_sigaction *a, const struct host_sigaction *b) {
  return a->handler == b->handler && a->flags == b->flags && a->restorer == b->restorer && a->mask == b->mask;
}

#endif
