/*
 * burn LIB before|after SECONDS [LIB2]: handlers that use 100 KB of stack, without SA_ONSTACK, under a storm of signals
 * sent to the process and to its threads, which call the library. The threads have alternate stacks of 16 KiB, as
 * CoreCLR's have. The handlers are installed before or after loading.
 */
#define _GNU_SOURCE
#include "lib.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

enum { CALLERS = 4, DEPTH = 100 * 1024 };

static struct lib libs[2];
static int lib_count;
static volatile bool stop;
static long handled, calls, churned;
static int storm_signals[3];

static void burn(int signal) {
  volatile unsigned char room[DEPTH];
  for (size_t i = 0; i < sizeof room; i += 512)
    room[i] = (unsigned char)signal;
  unsigned sum = 0;
  for (size_t i = 0; i < sizeof room; i += 512)
    sum += room[i];
  if (sum != (unsigned)signal * (DEPTH / 512))
    abort();
  __atomic_add_fetch(&handled, 1, __ATOMIC_RELAXED);
}

static void install(void) {
  struct sigaction action = {.sa_handler = burn, .sa_flags = SA_RESTART};
  for (int i = 0; i < 3; i++)
    sigaction(storm_signals[i], &action, NULL);
}

static void storm_mask(int how) {
  sigset_t set;
  sigemptyset(&set);
  for (int i = 0; i < 3; i++)
    sigaddset(&set, storm_signals[i]);
  pthread_sigmask(how, &set, NULL);
}

static void alternate_stack(void *memory) {
  stack_t stack = {.ss_sp = memory, .ss_size = 16384};
  sigaltstack(&stack, NULL);
}

static void visit(void *user_data) { ++*(long *)user_data; }

static void call(struct lib *lib, unsigned turn) {
  int status = 0;
  long visits = 0;
  for (int i = 0; i < 50; i++)
    status |= lib_call(lib);
  if (!lib->real)
    switch (turn % 8) {
    case 0:
      status |= lib->alloc(64);
      break;
    case 1:
      status |= lib->block(2);
      break;
    case 2:
      status |= lib->spin(2);
      break;
    case 3:
      status |= lib->callback(visit, &visits, 20) | (visits == 20 ? 0 : 1);
      break;
    case 4:
      status |= lib->callback_async(visit, &visits, 20) | (visits == 20 ? 0 : 1);
      break;
    }
  if (status != 0)
    fail("a call failed: %d", status);
  __atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED);
}

static void *caller(void *unused) {
  (void)unused;
  storm_mask(SIG_UNBLOCK);
  alternate_stack(malloc(16384));
  for (unsigned turn = 0; !stop; turn++)
    for (int i = 0; i < lib_count; i++)
      call(&libs[i], turn);
  return NULL;
}

static void *first_call(void *unused) {
  (void)unused;
  storm_mask(SIG_UNBLOCK);
  for (int i = 0; i < lib_count; i++)
    if (lib_call(&libs[i]) != 0)
      fail("a first call failed");
  return NULL;
}

/* Threads that live for one call get their signals while the runtime takes them on. */
static void *churn(void *unused) {
  (void)unused;
  while (!stop) {
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
      pthread_create(&threads[i], NULL, first_call, NULL);
    for (int i = 0; i < 20; i++)
      pthread_kill(threads[i % 4], storm_signals[i % 3]);
    for (int i = 0; i < 4; i++)
      pthread_join(threads[i], NULL);
    churned += 4;
  }
  return NULL;
}

int main(int argc, char **argv) {
  if (argc < 4)
    fail("usage: burn LIB before|after SECONDS [LIB2]");
  storm_signals[0] = SIGUSR1;
  storm_signals[1] = SIGALRM;
  storm_signals[2] = SIGRTMIN + 3;
  bool before = strcmp(argv[2], "before") == 0;
  if (before)
    install();
  libs[lib_count++] = lib_load(argv[1]);
  if (argc > 4)
    libs[lib_count++] = lib_load(argv[4]);
  if (!before)
    install();
  for (int i = 0; i < lib_count; i++)
    lib_open(&libs[i]);
  /* Signals for the process go to the main thread first, unless it blocks them. */
  storm_mask(SIG_BLOCK);
  pthread_t callers[CALLERS], churner;
  for (int i = 0; i < CALLERS; i++)
    pthread_create(&callers[i], NULL, caller, NULL);
  pthread_create(&churner, NULL, churn, NULL);
  time_t end = time(NULL) + atoi(argv[3]);
  for (unsigned i = 0; time(NULL) < end; i++) {
    pthread_kill(callers[i % CALLERS], storm_signals[i % 3]);
    if (i % 16 == 0)
      kill(getpid(), storm_signals[i / 16 % 3]);
    if (i % 64 == 0)
      usleep(50);
  }
  stop = true;
  for (int i = 0; i < CALLERS; i++)
    pthread_join(callers[i], NULL);
  pthread_join(churner, NULL);
  if (handled == 0 || calls == 0 || churned == 0)
    fail("nothing happened");
  printf("%ld signals, %ld calls, %ld threads\n", handled, calls, churned);
  return 0;
}
