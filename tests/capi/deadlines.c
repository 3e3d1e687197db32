/* TimeoutMs: how long a call waits for a slow metastore, and for other calls that wait for it. */
#define _GNU_SOURCE
#include "answer.h"
#include "host.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

static struct host host;
static atomic_bool gate_open;
static atomic_int at_gate;

static bool at_the_gate(struct host *own, const char *function, AsherahReply *reply, int32_t *answer) {
  (void)own, (void)function, (void)reply, (void)answer;
  atomic_fetch_add(&at_gate, 1);
  while (!gate_open)
    host_pause(1);
  atomic_fetch_sub(&at_gate, 1);
  return false;
}

static void close_gate(void) {
  host_open(&host);
  host.fault = at_the_gate;
  gate_open = false;
}

static const uint8_t text[] = "a plaintext";

/* The store's functions run on threads of the library, where they can be given up. */
#define LIMITED HOST_CONFIG_WITH(",\"TimeoutMs\":150,\"CallbackTimeoutMs\":600000")
/* They run on the callers' threads, and are not interrupted; whoever waits for such a call is not bound to it. */
#define ON_THE_THREAD HOST_CONFIG_WITH(",\"TimeoutMs\":150")

static void check_late(int status) {
  const char *message = asherah_last_error_message();
  CHECK(status == ASHERAH_ERROR_TIMED_OUT && message && strstr(message, "limit"), "%s: %s", asherah_status_name(status),
        message ? message : "no message");
}

static void times_out(size_t index, void *factory) {
  (void)index;
  check_late(host_use_partition(factory, "partition"));
}

static void test_a_call_that_asks_the_store(void) {
  close_gate();
  AsherahFactory *factory = host_factory(&host, LIMITED);
  times_out(0, factory);
  struct answer answer = {0};
  AsherahSession *session = asherah_factory_get_session(factory, "partition");
  CHECK_STATUS(asherah_encrypt_start(session, text, sizeof text, answered, &answer, &answer.call), ASHERAH_OK);
  await_answer(&answer, ASHERAH_ERROR_TIMED_OUT);
  /* What is in the cache needs no store, and what is only looked for there has no limit. */
  size_t written;
  uint8_t out[1024];
  CHECK_STATUS(asherah_encrypt_into(session, text, sizeof text, out, sizeof out, &written, ASHERAH_ONLY_IF_CACHED),
               ASHERAH_ERROR_WOULD_BLOCK);
  gate_open = true;
  AWAIT(check_stat("abandoned") == 0, "%lld abandoned", check_stat("abandoned"));
  CHECK(host.table->rows == 0, "%zu keys", host.table->rows);
  int status = ASHERAH_ERROR_TIMED_OUT;
  for (int i = 0; i < 100 && status == ASHERAH_ERROR_TIMED_OUT; i++) /* the machine may be slow */
    status = host_use(session);
  CHECK_STATUS(status, ASHERAH_OK);
  gate_open = false;
  CHECK_STATUS(host_use(session), ASHERAH_OK);
  gate_open = true;
  asherah_session_free(session);
  asherah_factory_free(factory);
  host_close(&host);
}

/* One asks and the others wait for it, and take over when it has given up. */
static void test_calls_that_wait_for_each_other(void) {
  close_gate();
  AsherahFactory *factory = host_factory(&host, LIMITED);
  check_threads(8, times_out, factory);
  gate_open = true;
  AWAIT(check_stat("abandoned") == 0, "%lld abandoned", check_stat("abandoned"));
  CHECK(host.table->rows == 0, "%zu keys", host.table->rows);
  asherah_factory_free(factory);
  host_close(&host);
}

static atomic_int ended;

static void *held_up(void *factory) {
  (void)host_use_partition(factory, "partition"); /* its time may be up when it comes back */
  ended = 1;
  return NULL;
}

/* The one that asks is held up by the host for longer than its limit. The others are not. */
static void test_calls_that_wait_for_one_that_hangs(void) {
  close_gate();
  AsherahFactory *factory = host_factory(&host, ON_THE_THREAD);
  AsherahSession *session = asherah_factory_get_session(factory, "partition");
  pthread_t thread;
  ended = 0;
  pthread_create(&thread, NULL, held_up, factory);
  AWAIT(at_gate == 1, "%d at the store", at_gate);
  check_threads(4, times_out, factory);
  struct answer answer = {0};
  CHECK_STATUS(asherah_encrypt_start(session, text, sizeof text, answered, &answer, &answer.call), ASHERAH_OK);
  await_answer(&answer, ASHERAH_ERROR_TIMED_OUT);
  CHECK(at_gate == 1 && !ended, "%d at the store", at_gate);
  gate_open = true;
  pthread_join(thread, NULL);
  asherah_session_free(session);
  asherah_factory_free(factory);
  host_close(&host);
}

/* All threads that may ask are held up. The calls that wait for one end when their time is up. */
static void test_calls_that_wait_for_a_thread(void) {
  enum { ASKING = 64, CALLS = 200 };
  static struct answer answers[CALLS];
  memset(answers, 0, sizeof answers);
  close_gate();
  AsherahFactory *patient = host_factory(&host, HOST_CONFIG), *factory = host_factory(&host, ON_THE_THREAD);
  for (int i = 0; i < CALLS; i++) {
    char partition[32];
    snprintf(partition, sizeof partition, "partition %d", i);
    AsherahSession *session = asherah_factory_get_session(i < ASKING ? patient : factory, partition);
    struct answer *answer = &answers[i];
    CHECK_STATUS(asherah_encrypt_start(session, text, sizeof text, answered, answer, &answer->call), ASHERAH_OK);
    asherah_session_free(session);
    if (i == ASKING - 1)
      AWAIT(at_gate == ASKING, "%d at the store", at_gate);
  }
  for (int i = ASKING; i < CALLS; i++) {
    await_answer(&answers[i], ASHERAH_ERROR_TIMED_OUT);
    CHECK(strstr(answers[i].message, "limit"), "%s", answers[i].message);
  }
  CHECK(at_gate == ASKING, "%d at the store", at_gate);
  gate_open = true;
  for (int i = 0; i < ASKING; i++)
    await_answer(&answers[i], ASHERAH_OK);
  asherah_factory_free(patient);
  asherah_factory_free(factory);
  host_close(&host);
}

/* Another process that holds SQLite's lock for writing: byte 120 of the file beside the database that has "-shm" added
 * to its name (https://www.sqlite.org/walformat.html). */
static pid_t lock_database(const char *path) {
  enum { WRITE_LOCK = 120 };
  char shm[256], word;
  int pipes[2];
  snprintf(shm, sizeof shm, "%s-shm", path);
  if (pipe(pipes) != 0)
    return -1;
  pid_t child = fork();
  if (child == 0) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = WRITE_LOCK, .l_len = 1};
    int file = open(shm, O_RDWR);
    bool locked = file >= 0 && fcntl(file, F_SETLKW, &lock) == 0;
    if (write(pipes[1], locked ? "y" : "n", 1) != 1 || !locked)
      _exit(1);
    for (;;)
      pause();
  }
  CHECK(child > 0 && read(pipes[0], &word, 1) == 1 && word == 'y', "the database cannot be locked");
  close(pipes[0]);
  close(pipes[1]);
  return child;
}

static void test_a_locked_database(void) {
  char directory[128], path[200], config[1024];
  struct answer late = {0}, cancelled = {0}, stored = {0};
  const char *place = getenv("TMPDIR");
  snprintf(directory, sizeof directory, "%s/deadlines-XXXXXX", place ? place : P_tmpdir);
  REQUIRE(mkdtemp(directory), "no directory %s", directory);
  snprintf(path, sizeof path, "%s/keys.db", directory);
  snprintf(config, sizeof config,
           "{\"ServiceName\":\"s\",\"ProductID\":\"p\",\"Metastore\":\"sqlite\",\"ConnectionString\":\"%s\","
           "\"KMS\":\"static\",\"StaticMasterKeyHex\":\"" CHECK_KEY_HEX "\",\"TimeoutMs\":400}",
           path);
  AsherahFactory *factory = asherah_factory_new_with_config(config);
  *strstr(config, ",\"TimeoutMs\"") = '}';
  config[strcspn(config, "}") + 1] = '\0';
  AsherahFactory *patient = asherah_factory_new_with_config(config);
  REQUIRE(factory && patient, "%s", asherah_last_error_message());
  CHECK_STATUS(host_use_partition(patient, "partition"), ASHERAH_OK);
  pid_t child = lock_database(path);
  AsherahSession *limited = asherah_factory_get_session(factory, "another");
  AsherahSession *unlimited = asherah_factory_get_session(patient, "a third");
  check_late(host_use(limited));
  CHECK_STATUS(asherah_encrypt_start(limited, text, sizeof text, answered, &late, &late.call), ASHERAH_OK);
  await_answer(&late, ASHERAH_ERROR_TIMED_OUT);
  CHECK_STATUS(asherah_encrypt_start(unlimited, text, sizeof text, answered, &cancelled, &cancelled.call), ASHERAH_OK);
  usleep(200000);
  CHECK(cancelled.calls == 0, "it has ended: %d", cancelled.status);
  CHECK_STATUS(asherah_call_cancel(cancelled.call), ASHERAH_OK);
  await_answer(&cancelled, ASHERAH_ERROR_CANCELLED);
  CHECK_STATUS(asherah_encrypt_start(unlimited, text, sizeof text, answered, &stored, NULL), ASHERAH_OK);
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
  await_answer(&stored, ASHERAH_OK);
  asherah_session_free(limited);
  asherah_session_free(unlimited);
  asherah_factory_free(factory);
  asherah_factory_free(patient);
  /* The library closes the files by and by. */
  bool removed = false;
  for (int i = 0; i < 10000 && !removed; i++) {
    static const char *const endings[] = {"", "-wal", "-shm"};
    for (size_t j = 0; j < 3; j++) {
      char file[256];
      snprintf(file, sizeof file, "%s%s", path, endings[j]);
      unlink(file);
    }
    removed = rmdir(directory) == 0;
    usleep(removed ? 0 : 1000);
  }
  CHECK(removed, "%s cannot be removed", directory);
}

int main(void) {
  RUN(test_a_call_that_asks_the_store);
  RUN(test_calls_that_wait_for_each_other);
  RUN(test_calls_that_wait_for_one_that_hangs);
  RUN(test_calls_that_wait_for_a_thread);
  RUN(test_a_locked_database);
  FINISH();
}
