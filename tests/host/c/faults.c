/*
 * faults LIB: a host that lives from handling faults. Its handlers must run with the flags and the mask it gave them,
 * for faults in its own code and in callbacks; faults in the library's Go code must become panics there.
 */
#define _GNU_SOURCE
#include "lib.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

static sigjmp_buf back;
static char alternate[65536];
static char *page;
static int repaired, sent;
static int wrong;

static bool on_alternate(void) {
  char here;
  return &here >= alternate && &here < alternate + sizeof alternate;
}

/* The signals that must be blocked in a handler: extra by its mask, own unless SA_NODEFER. */
static void check(int signal, bool alternate_stack, bool own_blocked) {
  sigset_t mask;
  pthread_sigmask(SIG_BLOCK, NULL, &mask);
  if (on_alternate() != alternate_stack || sigismember(&mask, signal) != own_blocked ||
      sigismember(&mask, SIGUSR2) != 1 || sigismember(&mask, SIGRTMIN) != 0 || sigismember(&mask, SIGTERM) != 0)
    wrong = signal;
}

static void on_segv(int signal, siginfo_t *info, void *context) {
  (void)context;
  if (info->si_code <= 0) {
    __atomic_add_fetch(&sent, 1, __ATOMIC_RELAXED);
    return;
  }
  check(signal, true, true);
  if ((char *)info->si_addr == page) {
    mprotect(page, 4096, PROT_READ | PROT_WRITE);
    repaired++;
    return;
  }
  siglongjmp(back, 1);
}

static void on_fpe(int signal, siginfo_t *info, void *context) {
  (void)info;
  (void)context;
  check(signal, false, false);
  siglongjmp(back, 1);
}

static void on_bus(int signal) {
  check(signal, false, true);
  siglongjmp(back, 1);
}

static void install(int signal, struct sigaction action) {
  sigaddset(&action.sa_mask, SIGUSR2);
  sigaction(signal, &action, NULL);
}

static void touch_page(void *unused) {
  (void)unused;
  mprotect(page, 4096, PROT_NONE);
  *(volatile char *)page = 1;
}

static void divide(void) {
  volatile int zero = 0, one = 1;
  one = one / zero;
  raise(SIGFPE); /* processors that do not trap */
}

static void *spin(void *lib) {
  if (((struct lib *)lib)->spin(300) != 0)
    fail("a call failed");
  return NULL;
}

/* A SIGSEGV that somebody sends to a thread in Go is the host's. */
static void send_to_go(struct lib *lib) {
  pthread_t thread;
  pthread_create(&thread, NULL, spin, lib);
  usleep(100000);
  for (int i = 0; i < 10; i++) {
    pthread_kill(thread, SIGSEGV);
    usleep(5000);
  }
  pthread_join(thread, NULL);
  if (sent == 0)
    fail("a SIGSEGV that was sent did not arrive");
}

int main(int argc, char **argv) {
  if (argc != 2)
    fail("usage: faults LIB");
  page = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  stack_t stack = {.ss_sp = alternate, .ss_size = sizeof alternate};
  sigaltstack(&stack, NULL);
  install(SIGSEGV, (struct sigaction){.sa_sigaction = on_segv, .sa_flags = SA_SIGINFO | SA_ONSTACK});
  install(SIGFPE, (struct sigaction){.sa_sigaction = on_fpe, .sa_flags = SA_SIGINFO | SA_NODEFER});
  install(SIGBUS, (struct sigaction){.sa_handler = on_bus});
  struct lib lib = lib_load(argv[1]);
  lib_open(&lib);
  for (volatile int i = 0; i < 1000 && wrong == 0; i++) {
    if (sigsetjmp(back, 1) == 0) {
      *(volatile int *)16 = 1;
      fail("no SIGSEGV");
    }
    if (sigsetjmp(back, 1) == 0)
      divide();
    if (sigsetjmp(back, 1) == 0) {
      raise(SIGBUS);
      fail("no SIGBUS");
    }
    if (lib_call(&lib) != 0)
      fail("a call failed");
    if (lib.real)
      continue;
    if (lib.fault() != 1)
      fail("a fault in Go was not caught");
    int expected = repaired + 1;
    if (lib.callback(touch_page, NULL, 1) != 0 || repaired != expected)
      fail("a fault in a callback did not reach the host");
  }
  if (!lib.real)
    send_to_go(&lib);
  if (wrong != 0)
    fail("the handler of signal %d ran on the wrong stack or with the wrong mask", wrong);
  return 0;
}
