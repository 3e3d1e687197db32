/*
 * What the C test programs share. A test is a function that calls CHECK; RUN prints "ok NAME" or "FAIL NAME: why" for
 * it, and a program ends with FINISH(). CHECK may be used from several threads.
 */
#ifndef CAPI_CHECK_H
#define CAPI_CHECK_H

#include <asherah.h>

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static atomic_int check_failures; /* of the test that runs */
static int check_failed_tests;
static char check_first[512];
static pthread_mutex_t check_mutex = PTHREAD_MUTEX_INITIALIZER;

static inline void check_fail(const char *file, int line, const char *condition, const char *format, ...) {
  pthread_mutex_lock(&check_mutex);
  if (atomic_fetch_add(&check_failures, 1) == 0) {
    const char *name = strrchr(file, '/');
    int n = snprintf(check_first, sizeof check_first, "%s:%d: %s; ", name ? name + 1 : file, line, condition);
    if (n > 0 && (size_t)n < sizeof check_first) {
      va_list arguments;
      va_start(arguments, format);
      vsnprintf(check_first + n, sizeof check_first - (size_t)n, format, arguments);
      va_end(arguments);
    }
  }
  pthread_mutex_unlock(&check_mutex);
}

/* The words after the condition are a printf format with its arguments, and say what was found. */
#define CHECK(condition, ...)                                                                                          \
  do {                                                                                                                 \
    if (!(condition))                                                                                                  \
      check_fail(__FILE__, __LINE__, #condition, __VA_ARGS__);                                                         \
  } while (0)

/* As CHECK, and leaves the function, which returns void, if the condition does not hold. */
#define REQUIRE(condition, ...)                                                                                        \
  do {                                                                                                                 \
    if (!(condition)) {                                                                                                \
      check_fail(__FILE__, __LINE__, #condition, __VA_ARGS__);                                                         \
      return;                                                                                                          \
    }                                                                                                                  \
  } while (0)

/* An expression that gives a status. */
#define CHECK_STATUS(call, expected)                                                                                   \
  do {                                                                                                                 \
    int status_ = (call);                                                                                              \
    const char *message_ = asherah_last_error_message();                                                               \
    if (status_ != (expected))                                                                                         \
      check_fail(__FILE__, __LINE__, #call, "%s, not %s: %s", asherah_status_name(status_),                            \
                 asherah_status_name(expected), message_ ? message_ : "no message");                                   \
  } while (0)

#define RUN(test) check_run(#test, test)

static inline void check_run(const char *name, void (*test)(void)) {
  atomic_store(&check_failures, 0);
  check_first[0] = '\0';
  if (strncmp(name, "test_", 5) == 0)
    name += 5;
  test();
  int failures = atomic_load(&check_failures);
  if (failures == 0) {
    printf("ok %s\n", name);
  } else {
    check_failed_tests++;
    printf("FAIL %s: %s", name, check_first);
    if (failures > 1)
      printf(" (and %d more)", failures - 1);
    putchar('\n');
  }
  fflush(stdout);
}

#define FINISH() return check_failed_tests ? 1 : 0

/* Calls function in count threads with a context of its own index, and waits for all of them. */
struct check_thread {
  void (*function)(size_t index, void *argument);
  size_t index;
  void *argument;
};

static inline void *check_thread_main(void *pointer) {
  struct check_thread *thread = pointer;
  thread->function(thread->index, thread->argument);
  return NULL;
}

static inline void check_threads(size_t count, void (*function)(size_t, void *), void *argument) {
  enum { MAX = 128 };
  struct check_thread threads[MAX];
  pthread_t ids[MAX];
  if (count > MAX)
    abort();
  for (size_t i = 0; i < count; i++) {
    threads[i] = (struct check_thread){function, i, argument};
    if (pthread_create(&ids[i], NULL, check_thread_main, &threads[i]) != 0)
      abort();
  }
  for (size_t i = 0; i < count; i++)
    pthread_join(ids[i], NULL);
}

/* Pseudo-random numbers that are the same in every run (xorshift64). *state is not 0. */
static inline uint64_t check_random(uint64_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state;
}

#define CHECK_KEY_HEX "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define CHECK_CONFIG_WITH(members)                                                                                     \
  "{\"ServiceName\":\"service\",\"ProductID\":\"product\",\"Metastore\":\"memory\",\"KMS\":\"static\","                \
  "\"StaticMasterKeyHex\":\"" CHECK_KEY_HEX "\",\"StrictConfig\":true" members "}"
#define CHECK_CONFIG CHECK_CONFIG_WITH("")

/* A number of asherah_stats(), the first member of that name in the object of the given name; -1 if there is none. NULL
 * for all of it. */
static inline long long check_stat_in(const char *object, const char *name) {
  AsherahBuffer stats = {0};
  long long value = -1;
  if (asherah_stats(&stats) != ASHERAH_OK)
    return -1;
  char *text = malloc(stats.len + 1);
  char quoted[64];
  if (text) {
    memcpy(text, stats.data, stats.len);
    text[stats.len] = '\0';
    snprintf(quoted, sizeof quoted, "\"%s\":{", object ? object : "");
    const char *found = object ? strstr(text, quoted) : text;
    snprintf(quoted, sizeof quoted, "\"%s\":", name);
    found = found ? strstr(found, quoted) : NULL;
    if (found)
      value = strtoll(found + strlen(quoted), NULL, 10);
    free(text);
  }
  asherah_buffer_free(&stats);
  return value;
}

/* A number of asherah_stats(), the first member of that name. */
static inline long long check_stat(const char *name) { return check_stat_in(NULL, name); }

#endif
