/* Handles as values, freeing in every order and from many threads, and what is left afterwards. */
#define _GNU_SOURCE
#include "check.h"

#include <time.h>
#include <unistd.h>

static void encrypts(AsherahSession *session, int expected) {
  AsherahBuffer record = {0};
  CHECK_STATUS(asherah_encrypt_to_json(session, (const uint8_t *)"text", 4, &record), expected);
  asherah_buffer_free(&record);
}

static bool in_range(const void *handle) {
  uintptr_t value = (uintptr_t)handle;
  return value >= 0x10000 && value < (uintptr_t)1 << 47;
}

static void test_handle_values(void) {
  AsherahFactory *factory = asherah_factory_new_with_config(CHECK_CONFIG);
  CHECK(in_range(factory), "%p", (void *)factory);
  AsherahSession *sessions[500];
  for (size_t i = 0; i < 500; i++) {
    sessions[i] = asherah_factory_get_session(factory, "p");
    CHECK(in_range(sessions[i]), "%p", (void *)sessions[i]);
    /* Hosts keep handles in doubles. */
    CHECK((uintptr_t)(double)(uintptr_t)sessions[i] == (uintptr_t)sessions[i], "%p", (void *)sessions[i]);
    for (size_t j = 0; j < i; j++)
      CHECK(sessions[j] != sessions[i], "two sessions have one handle");
  }
  for (size_t i = 0; i < 500; i++)
    asherah_session_free(sessions[i]);
  asherah_factory_free(factory);
}

static int by_value(const void *a, const void *b) {
  uintptr_t x = *(const uintptr_t *)a, y = *(const uintptr_t *)b;
  return (x > y) - (x < y);
}

/* A handle never comes back, whatever is opened after it was freed. */
static void test_handles_are_not_reused(void) {
  enum { ROUNDS = 100000 };
  AsherahFactory *factory = asherah_factory_new_with_config(CHECK_CONFIG);
  uintptr_t *old = malloc(ROUNDS * sizeof *old);
  for (size_t i = 0; i < ROUNDS; i++) {
    AsherahSession *session = asherah_factory_get_session(factory, "p");
    REQUIRE(session, "%s", asherah_last_error_message());
    old[i] = (uintptr_t)session;
    asherah_session_free(session);
    if (i % 97 == 0)
      encrypts(session, ASHERAH_ERROR_CLOSED_HANDLE);
    if (i % 1009 == 0)
      encrypts((AsherahSession *)old[i / 2], ASHERAH_ERROR_CLOSED_HANDLE);
  }
  AsherahSession *open = asherah_factory_get_session(factory, "p");
  encrypts(open, ASHERAH_OK);
  for (size_t i = 0; i < ROUNDS; i += 7) {
    CHECK(asherah_encrypted_size((AsherahSession *)old[i], 1) == 0, "handle %zu is alive", i);
    asherah_session_free((AsherahSession *)old[i]);
  }
  encrypts(open, ASHERAH_OK); /* freeing stale handles hit nothing */
  qsort(old, ROUNDS, sizeof *old, by_value);
  for (size_t i = 1; i < ROUNDS; i++)
    REQUIRE(old[i] != old[i - 1], "handle %zx was given out twice", (size_t)old[i]);
  free(old);
  asherah_session_free(open);
  asherah_factory_free(factory);
}

static void test_factory_freed_before_its_sessions(void) {
  AsherahFactory *factory = asherah_factory_new_with_config(CHECK_CONFIG);
  AsherahSession *used = asherah_factory_get_session(factory, "used");
  AsherahSession *fresh = asherah_factory_get_session(factory, "fresh");
  encrypts(used, ASHERAH_OK);
  asherah_factory_free(factory);
  asherah_factory_free(factory);
  encrypts(used, ASHERAH_OK);
  encrypts(fresh, ASHERAH_OK); /* it needs a new key, so metastore and KMS work on */
  CHECK(asherah_factory_get_session(factory, "p") == NULL, "a session of a freed factory");
  CHECK(asherah_last_error_code() == ASHERAH_ERROR_CLOSED_HANDLE, "%d", asherah_last_error_code());
  asherah_session_free(used);
  encrypts(used, ASHERAH_ERROR_CLOSED_HANDLE);
  encrypts(fresh, ASHERAH_OK);
  asherah_session_free(fresh);
}

struct storm {
  AsherahFactory *factory;
  double seconds;
  atomic_llong operations;
};

static double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Opens and closes sessions at random; records go to other sessions of the partition, which must read them. */
static void storm_thread(size_t index, void *argument) {
  enum { SESSIONS = 8, PARTITIONS = 40 };
  struct storm *storm = argument;
  AsherahSession *sessions[SESSIONS] = {0};
  size_t partitions[SESSIONS] = {0};
  uint64_t random = index + 1;
  double end = seconds() + storm->seconds;
  while (seconds() < end) {
    size_t i = check_random(&random) % SESSIONS;
    if (sessions[i] && check_random(&random) % 4 == 0) {
      asherah_session_free(sessions[i]);
      sessions[i] = NULL;
    }
    char name[16];
    if (!sessions[i]) {
      partitions[i] = check_random(&random) % PARTITIONS;
      snprintf(name, sizeof name, "p%zu", partitions[i]);
      sessions[i] = asherah_factory_get_session(storm->factory, name);
      REQUIRE(sessions[i], "%s", asherah_last_error_message());
    }
    uint8_t plaintext[512];
    size_t len = check_random(&random) % sizeof plaintext;
    memset(plaintext, (int)(index + len), len);
    AsherahBuffer record = {0}, text = {0};
    CHECK_STATUS(asherah_encrypt_to_json(sessions[i], plaintext, len, &record), ASHERAH_OK);
    snprintf(name, sizeof name, "p%zu", partitions[i]);
    AsherahSession *other = asherah_factory_get_session(storm->factory, name);
    CHECK_STATUS(asherah_decrypt_from_json(other, record.data, record.len, &text), ASHERAH_OK);
    CHECK(text.len == len && (len == 0 || memcmp(text.data, plaintext, len) == 0), "another plaintext");
    asherah_session_free(other);
    asherah_buffer_free(&record);
    asherah_buffer_free(&text);
    storm->operations++;
  }
  for (size_t i = 0; i < SESSIONS; i++)
    asherah_session_free(sessions[i]);
}

static void storm_with(const char *config) {
  struct storm storm = {asherah_factory_new_with_config(config), 2, 0};
  REQUIRE(storm.factory, "%s", asherah_last_error_message());
  check_threads(64, storm_thread, &storm);
  CHECK(storm.operations > 1000, "only %lld operations", (long long)storm.operations);
  asherah_factory_free(storm.factory);
}

static void test_64_threads_open_and_close_sessions(void) { storm_with(CHECK_CONFIG); }

/* Caches smaller than the working set: keys are evicted while others use them. */
static void test_64_threads_with_small_caches(void) {
  storm_with(CHECK_CONFIG_WITH(",\"SessionCacheMaxSize\":4,\"IntermediateKeyCacheMaxSize\":8"));
}

static void test_64_threads_without_session_cache(void) {
  storm_with(CHECK_CONFIG_WITH(",\"EnableSessionCaching\":false"));
}

/* One thread frees what others are using. */
struct shared {
  _Atomic(AsherahSession *) session;
  _Atomic(AsherahFactory *) factory;
  atomic_bool stop;
};

static void user(size_t index, void *argument) {
  struct shared *shared = argument;
  if (index == 0) {
    for (int i = 0; i < 300; i++) {
      AsherahFactory *factory = asherah_factory_new_with_config(CHECK_CONFIG);
      AsherahSession *session = asherah_factory_get_session(factory, "p");
      AsherahFactory *old_factory = atomic_exchange(&shared->factory, factory);
      AsherahSession *old_session = atomic_exchange(&shared->session, session);
      asherah_factory_free(old_factory);
      asherah_session_free(old_session);
      usleep(1000);
    }
    shared->stop = true;
    return;
  }
  while (!shared->stop) {
    AsherahBuffer record = {0}, text = {0};
    AsherahSession *session = shared->session;
    int status = asherah_encrypt_to_json(session, (const uint8_t *)"text", 4, &record);
    CHECK(status == ASHERAH_OK || status == ASHERAH_ERROR_CLOSED_HANDLE, "%s", asherah_status_name(status));
    if (status == ASHERAH_OK) {
      status = asherah_decrypt_from_json(session, record.data, record.len, &text);
      CHECK(status == ASHERAH_OK ? text.len == 4 : status == ASHERAH_ERROR_CLOSED_HANDLE, "%s",
            asherah_status_name(status));
    }
    asherah_buffer_free(&record);
    asherah_buffer_free(&text);
  }
}

static void test_freed_while_in_use(void) {
  struct shared shared = {0};
  check_threads(8, user, &shared);
  asherah_factory_free(shared.factory);
  asherah_session_free(shared.session);
}

/* The last one out wipes; nothing else has to be called. */
static void test_no_secret_lives_in_the_end(void) {
  for (int i = 0; i < 200 && check_stat("live_secrets") != 0; i++)
    usleep(10000);
  CHECK(check_stat("live_secrets") == 0, "%lld", check_stat("live_secrets"));
  CHECK(check_stat("factories") == 0, "%lld", check_stat("factories"));
  CHECK(check_stat("sessions") == 0, "%lld", check_stat("sessions"));
}

int main(void) {
  RUN(test_handle_values);
  RUN(test_handles_are_not_reused);
  RUN(test_factory_freed_before_its_sessions);
  RUN(test_64_threads_open_and_close_sessions);
  RUN(test_64_threads_with_small_caches);
  RUN(test_64_threads_without_session_cache);
  RUN(test_freed_while_in_use);
  RUN(test_no_secret_lives_in_the_end);
  FINISH();
}
