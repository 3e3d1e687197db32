/*
 * leave LIB SECONDS: threads call once and end, while others make Go collect without a pause. Every call must return:
 * if none has for two seconds the library hangs. The real library collects much with GOGC=1 in the environment.
 */
#define _GNU_SOURCE
#include "lib.h"

#include <pthread.h>
#include <time.h>
#include <unistd.h>

static struct lib lib;
static volatile bool stop;
static long visits, collections;

static void *visitor(void *unused) {
  (void)unused;
  if (lib_call(&lib) != 0)
    fail("a call failed");
  __atomic_add_fetch(&visits, 1, __ATOMIC_RELAXED);
  return NULL;
}

static void *churn(void *unused) {
  (void)unused;
  while (!stop) {
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
      pthread_create(&threads[i], NULL, visitor, NULL);
    for (int i = 0; i < 4; i++)
      pthread_join(threads[i], NULL);
  }
  return NULL;
}

static void *collect(void *unused) {
  (void)unused;
  while (!stop) {
    if ((lib.real ? lib_call(&lib) : lib.alloc(16)) != 0)
      fail("a call failed");
    __atomic_add_fetch(&collections, 1, __ATOMIC_RELAXED);
  }
  return NULL;
}

int main(int argc, char **argv) {
  if (argc != 3)
    fail("usage: leave LIB SECONDS");
  lib = lib_load(argv[1]);
  lib_open(&lib);
  pthread_t threads[4];
  for (int i = 0; i < 4; i++)
    pthread_create(&threads[i], NULL, i < 2 ? churn : collect, NULL);
  int idle = 0;
  long before = 0;
  /* In quarters of a second; idle counts those without a call. */
  for (int i = 0; i < 4 * atoi(argv[2]) && idle < 8; i++) {
    usleep(250000);
    long now = __atomic_load_n(&visits, __ATOMIC_RELAXED) + __atomic_load_n(&collections, __ATOMIC_RELAXED);
    idle = now == before ? idle + 1 : 0;
    before = now;
  }
  if (idle == 8)
    fail("no call returns any more, after %ld threads and %ld collections", visits, collections);
  stop = true;
  for (int i = 0; i < 4; i++)
    pthread_join(threads[i], NULL);
  printf("%ld threads, %ld collections\n", visits, collections);
  return 0;
}
