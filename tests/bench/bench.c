/*
 * Measures one library, or the floor, on request: bench [LIBRARY] reads one command a line from standard input and
 * answers one line, so that a runner can take turns between several processes.
 *
 *   run OPERATION SIZE THREADS MODE PARTITIONS MS    ok <nanoseconds per operation> <of processor time> <operations>
 *       OPERATION  encrypt, decrypt, encrypt_into, decrypt_into
 *       MODE       shared: all threads on one session; separate: a session each;
 *                  kept: one thread goes round PARTITIONS open sessions; reopened: it opens and closes one each time
 *   rss                                              ok <resident KiB>
 *   quit
 *
 * A command that the library has no function for is answered with "none". bench --load LIBRARY prints the microseconds
 * from before dlopen() to the first record, and ends. cobhan:LIBRARY is called by its Cobhan functions, also where it
 * has others; callbacks:LIBRARY has a metastore and a KMS of this program's functions.
 */
#define _DEFAULT_SOURCE
#include "driver.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define COBHAN_PREFIX "cobhan:"
#define CALLBACKS_PREFIX "callbacks:"

enum { MAX_THREADS = 16, MAX_PARTITIONS = 20000 };

static const struct driver *driver;

static uint64_t clock_now(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint64_t now(void) { return clock_now(CLOCK_MONOTONIC); }

static void fail(const char *what) {
  fprintf(stderr, "bench: %s failed\n", what);
  exit(1);
}

#ifdef BENCH_FLOOR
static const struct driver *open_driver(const char *path) {
  (void)path;
  return floor_open();
}
#else
/* Whether *path begins with a prefix, which is cut off then. */
static bool cut_prefix(const char **path, const char *prefix) {
  bool found = *path && strncmp(*path, prefix, strlen(prefix)) == 0;
  if (found)
    *path += strlen(prefix);
  return found;
}

static const struct driver *open_driver(const char *path) {
  bool by_cobhan = cut_prefix(&path, COBHAN_PREFIX), on_callbacks = cut_prefix(&path, CALLBACKS_PREFIX);
  void *library = path ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
  if (!library) {
    fprintf(stderr, "bench: %s\n", path ? dlerror() : "give the path of a library");
    exit(1);
  }
  if (on_callbacks)
    return callbacks_open(library);
  return !by_cobhan && dlsym(library, "asherah_factory_new_with_config") ? ffi_open(library) : cobhan_open(library);
}
#endif

static const char *partition_name(size_t i) {
  static char names[MAX_PARTITIONS][32];
  if (!names[i][0])
    snprintf(names[i], sizeof names[i], "partition-%zu", i);
  return names[i];
}

/* Sessions stay open once they were made. */
static void *session(size_t i) {
  static void *sessions[MAX_PARTITIONS];
  if (!sessions[i])
    sessions[i] = driver->session(partition_name(i));
  if (!sessions[i])
    fail("opening a session");
  return sessions[i];
}

struct run {
  bool decrypt, into, reopen;
  size_t size, partitions;
  uint64_t duration;
  pthread_barrier_t *start;
  void *session;
  uint64_t operations, elapsed;
  uint64_t processor; /* time of the whole process meanwhile: collections on other threads count */
};

struct input {
  uint8_t *plaintext, *record, *out;
  size_t record_len, capacity;
};

static void prepare(const struct run *run, struct input *input) {
  struct output out;
  input->capacity = record_room(run->size);
  input->plaintext = malloc(run->size + 1);
  input->out = malloc(input->capacity);
  if (!input->plaintext || !input->out)
    fail("malloc");
  for (size_t i = 0; i < run->size; i++)
    input->plaintext[i] = (uint8_t)(i * 31 + 7);
  if (driver->encrypt(run->session, input->plaintext, run->size, &out) != 0)
    fail("encryption");
  input->record = malloc(out.len);
  if (!input->record)
    fail("malloc");
  memcpy(input->record, out.data, out.len);
  input->record_len = out.len;
  driver->release(&out);

  /* What is measured must be right, once. */
  if (driver->decrypt(run->session, input->record, input->record_len, &out) != 0 || out.len != run->size ||
      memcmp(out.data, input->plaintext, run->size) != 0)
    fail("decryption");
  driver->release(&out);
}

static void operate(const struct run *run, void *session, const struct input *input) {
  struct output out;
  int status;
  if (run->into) {
    size_t written;
    status =
        run->decrypt
            ? driver->decrypt_into(session, input->record, input->record_len, input->out, input->capacity, &written)
            : driver->encrypt_into(session, input->plaintext, run->size, input->out, input->capacity, &written);
  } else {
    status = run->decrypt ? driver->decrypt(session, input->record, input->record_len, &out)
                          : driver->encrypt(session, input->plaintext, run->size, &out);
    if (status == 0)
      driver->release(&out);
  }
  if (status != 0)
    fail("an operation");
}

static void step(const struct run *run, const struct input *input, uint64_t i) {
  if (run->reopen) {
    void *opened = driver->session(partition_name(i % run->partitions));
    if (!opened)
      fail("opening a session");
    operate(run, opened, input);
    driver->close_session(opened);
  } else {
    operate(run, run->partitions > 1 ? session(i % run->partitions) : run->session, input);
  }
}

static void *measure(void *argument) {
  struct run *run = argument;
  struct input input;
  prepare(run, &input);
  /* The clock is read about every 20 microseconds, not for each operation. */
  uint64_t batch = 1, at = 0;
  for (uint64_t begin = now(), end = begin; batch < 4096; batch *= 2, begin = end) {
    for (uint64_t i = 0; i < batch; i++)
      step(run, &input, at++);
    end = now();
    if (end - begin > 20000)
      break;
  }
  pthread_barrier_wait(run->start);
  uint64_t processor = clock_now(CLOCK_PROCESS_CPUTIME_ID), begin = now(), end;
  do {
    for (uint64_t i = 0; i < batch; i++)
      step(run, &input, at++);
    run->operations += batch;
    end = now();
  } while (end - begin < run->duration);
  run->elapsed = end - begin;
  run->processor = clock_now(CLOCK_PROCESS_CPUTIME_ID) - processor;
  free(input.plaintext);
  free(input.record);
  free(input.out);
  return NULL;
}

/* Brings every partition's key into being, outside the measurement. */
static void warm(size_t partitions, bool reopen) {
  static size_t warmed[2];
  for (size_t i = warmed[reopen]; i < partitions; i++) {
    struct output out;
    void *opened = reopen ? driver->session(partition_name(i)) : session(i);
    if (!opened || driver->encrypt(opened, (const uint8_t *)"x", 1, &out) != 0)
      fail("warming up");
    driver->release(&out);
    if (reopen)
      driver->close_session(opened);
  }
  if (warmed[reopen] < partitions)
    warmed[reopen] = partitions;
}

static void run_command(const char *operation, size_t size, size_t threads, const char *mode, size_t partitions,
                        unsigned milliseconds) {
  struct run base = {.decrypt = strncmp(operation, "decrypt", 7) == 0,
                     .into = strstr(operation, "_into") != NULL,
                     .reopen = strcmp(mode, "reopened") == 0,
                     .size = size,
                     .partitions = partitions,
                     .duration = milliseconds * 1000000ull};
  struct run runs[MAX_THREADS];
  pthread_t ids[MAX_THREADS];
  pthread_barrier_t start;
  if (base.into && !driver->encrypt_into) {
    puts("none");
    return;
  }
  if (partitions > 1 || base.reopen)
    warm(partitions, base.reopen);
  pthread_barrier_init(&start, NULL, (unsigned)threads);
  base.start = &start;
  for (size_t i = 0; i < threads; i++) {
    runs[i] = base;
    runs[i].session = session(strcmp(mode, "separate") == 0 ? i : 0);
    if (threads > 1 && pthread_create(&ids[i], NULL, measure, &runs[i]) != 0)
      fail("pthread_create");
  }
  if (threads == 1)
    measure(&runs[0]);
  double rate = 0;
  uint64_t operations = 0;
  for (size_t i = 0; i < threads; i++) {
    if (threads > 1)
      pthread_join(ids[i], NULL);
    rate += (double)runs[i].operations / (double)runs[i].elapsed;
    operations += runs[i].operations;
  }
  pthread_barrier_destroy(&start);
  printf("ok %.2f %.2f %llu\n", 1 / rate, (double)runs[0].processor / (double)operations,
         (unsigned long long)operations);
}

static long resident_kib(void) {
  FILE *status = fopen("/proc/self/status", "r");
  char line[256];
  long kib = -1;
  if (!status)
    fail("/proc/self/status");
  while (fgets(line, sizeof line, status))
    if (sscanf(line, "VmRSS: %ld", &kib) == 1)
      break;
  fclose(status);
  return kib;
}

static void first_record(const char *path) {
  struct output out;
  uint64_t begin = now();
  driver = open_driver(path);
  if (driver->encrypt(session(0), (const uint8_t *)"first", 5, &out) != 0)
    fail("encryption");
  printf("%.0f\n", (double)(now() - begin) / 1000);
}

int main(int argc, char **argv) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  if (argc == 3 && strcmp(argv[1], "--load") == 0) {
    first_record(argv[2]);
    return 0;
  }
  driver = open_driver(argc > 1 ? argv[1] : NULL);
  printf("ready %s %s\n", driver->name, driver->version());
  char line[256];
  while (fgets(line, sizeof line, stdin)) {
    char operation[32], mode[32];
    size_t size, threads, partitions;
    unsigned milliseconds;
    if (sscanf(line, "run %31s %zu %zu %31s %zu %u", operation, &size, &threads, mode, &partitions, &milliseconds) ==
            6 &&
        threads >= 1 && threads <= MAX_THREADS && partitions >= 1 && partitions <= MAX_PARTITIONS)
      run_command(operation, size, threads, mode, partitions, milliseconds);
    else if (strcmp(line, "rss\n") == 0)
      printf("ok %ld\n", resident_kib());
    else if (strcmp(line, "quit\n") == 0)
      break;
    else
      puts("unknown command");
  }
  return 0;
}
