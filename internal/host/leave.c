#define _GNU_SOURCE
#include "leave.h"

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stddef.h>
#include <time.h>

#ifdef HOST_NO_RESCUE
void host_leave_init(void) {}
void host_leave_expect(void) {}
#else

enum {
  GATHER_MS = 20,        /* threads that leave within this time are looked after together */
  PATIENCE_MS = 100,     /* a call that takes longer is taken for stuck */
  INTERVAL_MS = 10,      /* between one further caller and the next */
  CALLERS_MAX = 1000,    /* and no more of them than this, for one incident */
  STACK_SIZE = 256 << 10 /* bytes, for each of our threads */
};

static pthread_key_t key;
static bool key_made;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static sem_t somebody_left, call_wanted;
static bool left;
static unsigned calls_asked, calls_done;

static void pause_ms(long ms) {
  struct timespec time = {.tv_sec = 0, .tv_nsec = ms * 1000000};
  nanosleep(&time, NULL);
}

static void wait_for(sem_t *semaphore) {
  while (sem_wait(semaphore) != 0)
    ;
}

/* Starts a thread that blocks every signal but faults, as Go's do. */
static void start(void *(*body)(void *)) {
  sigset_t mask, old;
  sigfillset(&mask);
  sigdelset(&mask, SIGSEGV);
  sigdelset(&mask, SIGBUS);
  sigdelset(&mask, SIGFPE);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&attributes, STACK_SIZE);
  pthread_sigmask(SIG_SETMASK, &mask, &old);
  pthread_t thread;
  /* Without the thread the next one that leaves tries again. */
  (void)pthread_create(&thread, &attributes, body, NULL);
  pthread_sigmask(SIG_SETMASK, &old, NULL);
  pthread_attr_destroy(&attributes);
}

/* The caller for the ordinary case never ends: its own end would need looking after. */
static void *first_caller(void *unused) {
  (void)unused;
  for (;;) {
    wait_for(&call_wanted);
    host_first_call();
    __atomic_add_fetch(&calls_done, 1, __ATOMIC_RELEASE);
  }
  return NULL;
}

static void *further_caller(void *unused) {
  (void)unused;
  host_first_call();
  return NULL;
}

static void *watch(void *unused) {
  (void)unused;
  for (;;) {
    wait_for(&somebody_left);
    pause_ms(GATHER_MS);
    __atomic_store_n(&left, false, __ATOMIC_SEQ_CST);
    calls_asked++;
    sem_post(&call_wanted);
    int callers = 0;
    for (long ms = 0; __atomic_load_n(&calls_done, __ATOMIC_ACQUIRE) != calls_asked; ms++) {
      pause_ms(1);
      if (ms >= PATIENCE_MS && ms % INTERVAL_MS == 0 && callers++ < CALLERS_MAX)
        start(further_caller);
    }
  }
  return NULL;
}

static void start_threads(void) {
  start(first_caller);
  start(watch);
}

static const char first_round, second_round;

/* Go hands back the thread's M in a destructor too. The first round of destructors may come before that, the second
 * comes after. */
static void on_leave(void *round) {
  if (round == &first_round) {
    pthread_setspecific(key, &second_round);
    return;
  }
  if (host_refused())
    return;
  pthread_once(&once, start_threads);
  if (!__atomic_exchange_n(&left, true, __ATOMIC_SEQ_CST))
    sem_post(&somebody_left);
}

void host_leave_init(void) {
  sem_init(&somebody_left, 0, 0);
  sem_init(&call_wanted, 0, 0);
  key_made = pthread_key_create(&key, on_leave) == 0;
}

void host_leave_expect(void) {
  if (key_made)
    pthread_setspecific(key, &first_round);
}
#endif
