/* Sessions on a store and a KMS of the host: threads, lifetime, failures. */
#define _GNU_SOURCE
#include "host.h"

#include <unistd.h>

static struct host host;

/* Keys that one factory made are found by another one, and asked for once while they are cached. */
static void test_keys_are_the_hosts(void) {
  AsherahFactory *factory, *second;
  AsherahSession *session, *other;
  AsherahBuffer record = {0}, text = {0};
  host_open_session(&host, HOST_CONFIG, &factory, &session);
  for (int i = 0; i < 100; i++)
    CHECK_STATUS(host_use(session), ASHERAH_OK);
  CHECK(host.table->rows == 2 && host.stores == 2 && host.encryptions == 1, "%zu rows, %d stores, %d encryptions",
        host.table->rows, host.stores, host.encryptions);
  CHECK(host.loads < 10 && host.decryptions < 3, "%d loads, %d decryptions", host.loads, host.decryptions);

  second = host_factory(&host, HOST_CONFIG);
  other = asherah_factory_get_session(second, "partition");
  CHECK_STATUS(asherah_encrypt_to_json(session, (const uint8_t *)"x", 1, &record), ASHERAH_OK);
  CHECK_STATUS(asherah_decrypt_from_json(other, record.data, record.len, &text), ASHERAH_OK);
  CHECK(text.len == 1 && *text.data == 'x' && host.table->rows == 2 && host.decryptions == 1,
        "%zu rows, %d decryptions", host.table->rows, host.decryptions);
  asherah_buffer_free(&record);
  asherah_buffer_free(&text);
  asherah_session_free(other);
  asherah_factory_free(second);
  host_close_session(&host, factory, session);
}

static bool on_thread(struct host *own, const char *function, AsherahReply *reply, int32_t *answer) {
  (void)reply, (void)answer;
  CHECK(pthread_equal(pthread_self(), *(pthread_t *)own->argument), "%s runs on another thread", function);
  return false;
}

static bool not_on_thread(struct host *own, const char *function, AsherahReply *reply, int32_t *answer) {
  (void)reply, (void)answer;
  CHECK(!pthread_equal(pthread_self(), *(pthread_t *)own->argument), "%s runs on the caller's thread", function);
  return false;
}

static void test_threads(void) {
  AsherahFactory *factory, *limited;
  AsherahSession *session;
  pthread_t self = pthread_self();
  host_open_session(&host, HOST_CONFIG, &factory, &session);
  host.argument = &self;
  host.fault = on_thread;
  CHECK_STATUS(host_use(session), ASHERAH_OK);
  CHECK(host.loads > 0 && host.stores > 0 && host.encryptions > 0, "nothing was asked");

  limited = host_factory(&host, HOST_CONFIG_WITH(",\"CallbackTimeoutMs\":60000"));
  host.fault = not_on_thread;
  CHECK_STATUS(host_use_partition(limited, "other"), ASHERAH_OK);
  CHECK(host.decryptions == 1, "%d decryptions", host.decryptions);
  /* The time limit is the factory's: the handle and other factories have none. */
  host.fault = on_thread;
  CHECK_STATUS(host_use_partition(factory, "third"), ASHERAH_OK);
  asherah_factory_free(limited);
  host_close_session(&host, factory, session);
}

/* Everything is freed in every order; the tables are released when the last of it is gone. */
static void test_released_once_and_last(void) {
  enum { HANDLES, FIRST_FACTORY, SECOND_FACTORY, SESSION, THINGS };
  static const int orders[][THINGS] = {{HANDLES, FIRST_FACTORY, SECOND_FACTORY, SESSION},
                                       {SESSION, SECOND_FACTORY, FIRST_FACTORY, HANDLES},
                                       {SECOND_FACTORY, HANDLES, SESSION, FIRST_FACTORY},
                                       {FIRST_FACTORY, SESSION, HANDLES, SECOND_FACTORY}};
  for (size_t order = 0; order < sizeof orders / sizeof *orders; order++) {
    AsherahFactory *factory, *second;
    AsherahSession *session;
    host_open_session(&host, HOST_CONFIG, &factory, &session);
    second = host_factory(&host, HOST_CONFIG);
    for (int i = 0; i < THINGS; i++) {
      bool usable = true;
      for (int j = 0; j < i; j++)
        usable = usable && orders[order][j] != SESSION;
      if (usable)
        CHECK_STATUS(host_use(session), ASHERAH_OK);
      CHECK(host.metastore_releases == 0 && host.kms_releases == 0, "order %zu: released after %d of %d", order, i,
            THINGS);
      switch (orders[order][i]) {
      case HANDLES:
        host_free_handles(&host);
        break;
      case FIRST_FACTORY:
        asherah_factory_free(factory);
        break;
      case SECOND_FACTORY:
        asherah_factory_free(second);
        break;
      default:
        asherah_session_free(session);
      }
    }
    CHECK(host.metastore_releases == 1 && host.kms_releases == 1, "order %zu: %d and %d releases", order,
          host.metastore_releases, host.kms_releases);
    host_close(&host);
  }
}

static atomic_bool go_on;

static bool waits(struct host *own, const char *function, AsherahReply *reply, int32_t *answer) {
  (void)own, (void)function, (void)reply, (void)answer;
  while (!go_on)
    host_pause(1);
  return false;
}

static void use_and_free(size_t index, void *things) {
  AsherahSession *session = ((void **)things)[1];
  AsherahBuffer record = {0};
  if (index == 0) {
    CHECK_STATUS(asherah_encrypt_to_json(session, (const uint8_t *)"x", 1, &record), ASHERAH_OK);
    asherah_buffer_free(&record);
    return;
  }
  while (host.running == 0)
    host_pause(1);
  asherah_session_free(session);
  asherah_factory_free(((void **)things)[0]);
  host_free_handles(&host);
  host_pause(20);
  CHECK(host.metastore_releases == 0 && host.kms_releases == 0, "released while a call is in flight");
  go_on = true;
}

/* A call in flight ends well although everything it uses is freed meanwhile. */
static void test_freed_while_a_call_is_in_flight(void) {
  AsherahFactory *factory;
  AsherahSession *session;
  host_open_session(&host, HOST_CONFIG, &factory, &session);
  void *things[] = {factory, session};
  host.fault = waits;
  go_on = false;
  check_threads(2, use_and_free, things);
  host_close(&host);
}

/* How many descriptors of this process lead to a file whose path has these words. */
static int open_files(const char *words) {
  int count = 0;
  for (int fd = 0; fd < 256; fd++) {
    char link[64], path[1024];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n < 0)
      continue;
    path[n] = '\0';
    count += strstr(path, words) != NULL;
  }
  return count;
}

/* Built-in parts beside those of the host, shared by factories, and closed when the last one is gone. */
static void test_shared_parts_of_a_configuration(void) {
  char directory[] = "/tmp/asherah-capi-XXXXXX", config[512], path[64];
  REQUIRE(mkdtemp(directory), "no temporary directory");
  snprintf(path, sizeof path, "%s/shared-keys.db", directory);
  snprintf(
      config, sizeof config,
      "{\"ServiceName\":\"service\",\"ProductID\":\"product\",\"Metastore\":\"sqlite\",\"ConnectionString\":\"%s\","
      "\"KMS\":\"static\",\"StaticMasterKeyHex\":\"" CHECK_KEY_HEX "\"}",
      path);
  AsherahMetastore *metastore = asherah_metastore_new(config);
  AsherahKms *kms = asherah_kms_new(config);
  AsherahBuffer record = {0}, text = {0};
  host_open(&host);
  /* One factory has both of them, another one its own KMS, and two have the host's in place of one. */
  AsherahFactory *factories[] = {
      asherah_factory_new(HOST_CONFIG, metastore, kms, NULL), asherah_factory_new(config, metastore, NULL, NULL),
      asherah_factory_new(config, host.metastore, NULL, NULL), asherah_factory_new(config, NULL, host.kms, NULL)};
  AsherahSession *sessions[4];
  asherah_metastore_free(metastore);
  asherah_kms_free(kms);
  for (int i = 0; i < 4; i++) {
    sessions[i] = asherah_factory_get_session(factories[i], i == 3 ? "other" : "partition");
    CHECK(sessions[i], "factory %d: %s", i, asherah_last_error_message());
    asherah_factory_free(factories[i]);
  }
  CHECK_STATUS(asherah_encrypt_to_json(sessions[0], (const uint8_t *)"x", 1, &record), ASHERAH_OK);
  CHECK_STATUS(asherah_decrypt_from_json(sessions[1], record.data, record.len, &text), ASHERAH_OK);
  CHECK(text.len == 1 && *text.data == 'x', "another plaintext");
  asherah_buffer_free(&text);
  CHECK_STATUS(asherah_decrypt_from_json(sessions[2], record.data, record.len, &text), ASHERAH_ERROR_METADATA_MISSING);
  CHECK_STATUS(host_use(sessions[2]), ASHERAH_OK);
  CHECK(host.table->rows == 2 && host.encryptions == 0, "%zu keys, %d encryptions", host.table->rows, host.encryptions);
  asherah_buffer_free(&record);
  asherah_session_free(sessions[3]);
  asherah_session_free(sessions[2]);
  asherah_session_free(sessions[0]);
  CHECK_STATUS(host_use(sessions[1]), ASHERAH_OK);
  CHECK(open_files("shared-keys.db") > 0, "the database is closed too early");
  asherah_session_free(sessions[1]);
  for (int i = 0; i < 10000 && open_files("shared-keys.db") > 0; i++)
    host_pause(1);
  CHECK(open_files("shared-keys.db") == 0, "the database stays open");
  host_close(&host);
  static const char *const ends[] = {"", "-wal", "-shm"};
  for (int i = 0; i < 3; i++) {
    char file[80];
    snprintf(file, sizeof file, "%s%s", path, ends[i]);
    unlink(file);
  }
  CHECK(rmdir(directory) == 0, "files are left in %s", directory);
}

static bool replies(struct host *own, const char *function, AsherahReply *reply, int32_t *answer) {
  const struct host_reply *given = own->argument;
  AsherahBuffer ignored = {0};
  /* Calls that the function makes leave no trace in the thread's last error. */
  CHECK_STATUS(asherah_encrypt_to_json(NULL, NULL, 0, &ignored), ASHERAH_ERROR_CLOSED_HANDLE);
  CHECK(asherah_last_error_message(), "no message");
  if (strcmp(function, given->function) != 0)
    return false;
  if (given->message)
    reply->set_message(reply, given->message, given->len);
  *answer = given->status;
  return true;
}

static const char *const functions[] = {"load_latest", "store", "encrypt_key"};

/* Encrypts in a new partition of a new factory while one function fails. Nothing is made of what is not known. */
static void fail_with(const struct host_reply *given, int expected, const char *message) {
  AsherahFactory *factory;
  AsherahSession *session;
  host_open_session(&host, HOST_CONFIG, &factory, &session);
  host.argument = (void *)given;
  host.fault = replies;
  CHECK_STATUS(host_use(session), expected);
  const char *words = asherah_last_error_message();
  CHECK(asherah_last_error_code() == expected, "the last error's status is %d", asherah_last_error_code());
  CHECK(words && strcmp(words, message) == 0, "\"%s\", not \"%s\"", words ? words : "NULL", message);
  CHECK(host.table->rows == 0, "%zu keys were made", host.table->rows);
  host.fault = NULL;
  CHECK_STATUS(host_use(session), ASHERAH_OK);
  CHECK(!asherah_last_error_message(), "the last error is still there");
  host_close_session(&host, factory, session);
}

static void test_failures_travel_unchanged(void) {
  static const int32_t statuses[] = {
      -1000, -1234, INT32_MIN, ASHERAH_ERROR_METASTORE, ASHERAH_ERROR_BUFFER_TOO_SMALL, ASHERAH_ERROR_WOULD_BLOCK};
  static const char words[] = "d\xc3\xa9tails for the caller: \xf0\x9f\x94\x91";
  for (size_t i = 0; i < 3; i++) {
    for (size_t j = 0; j < sizeof statuses / sizeof *statuses; j++) {
      struct host_reply given = {functions[i], statuses[j], words, sizeof words - 1};
      fail_with(&given, statuses[j], words);
    }
    char expected[128];
    struct host_reply silent = {functions[i], -5555, NULL, 0};
    snprintf(expected, sizeof expected, "the host's %s failed with status -5555", functions[i]);
    fail_with(&silent, -5555, expected);
    struct host_reply empty = {functions[i], -5555, "", 0};
    fail_with(&empty, -5555, expected);
    struct host_reply positive = {functions[i], 77, words, sizeof words - 1};
    snprintf(expected, sizeof expected, "the host's %s answered 77, which means nothing here", functions[i]);
    fail_with(&positive, ASHERAH_ERROR_HOST_CALLBACK, expected);
  }
  struct host_reply absent = {"encrypt_key", ASHERAH_ABSENT, NULL, 0};
  fail_with(&absent, ASHERAH_ERROR_HOST_CALLBACK, "the host's encrypt_key answered 1, which means nothing here");
}

/* Long messages are cut between two characters, and what is not UTF-8 is replaced. */
static void test_messages_of_failures(void) {
  static char longer[6000], cut[6000];
  for (size_t lead = 0; lead < 3; lead++) {
    memset(longer, 'x', lead);
    for (size_t i = lead; i + 3 <= sizeof longer; i += 3)
      memcpy(longer + i, "\xe2\x82\xac", 3);
    size_t kept = lead + (4096 - lead) / 3 * 3;
    memcpy(cut, longer, kept);
    cut[kept] = '\0';
    struct host_reply given = {"load_latest", -1001, longer, sizeof longer - 3};
    fail_with(&given, -1001, cut);
  }
  struct host_reply broken = {"store", -1001, "a\xff\xc3(b\0c", 7};
  fail_with(&broken, -1001, "a\xef\xbf\xbd(b c");
}

static bool makes_an_error(struct host *own, const char *function, AsherahReply *reply, int32_t *answer) {
  AsherahBuffer ignored = {0};
  (void)own, (void)function, (void)reply, (void)answer;
  CHECK(!asherah_last_error_message(), "the error of the call that this one is inside of is seen");
  CHECK_STATUS(asherah_encrypt_to_json(NULL, NULL, 0, &ignored), ASHERAH_ERROR_CLOSED_HANDLE);
  return false;
}

/* What functions of the host do is not in their thread's last error, and does not take it away. */
static void test_last_error_of_the_thread(void) {
  AsherahFactory *factory, *second;
  AsherahSession *session, *other;
  AsherahBuffer record = {0};
  host_open_session(&host, HOST_CONFIG, &factory, &session);
  host.fault = makes_an_error;
  CHECK_STATUS(asherah_encrypt_to_json(session, (const uint8_t *)"x", 1, &record), ASHERAH_OK);
  CHECK(asherah_last_error_code() == ASHERAH_OK && !asherah_last_error_message(), "%d", asherah_last_error_code());

  second = host_factory(&host, HOST_CONFIG);
  other = asherah_factory_get_session(second, "partition");
  AsherahSlice records[] = {{(const uint8_t *)"{}", 2}, {record.data, record.len}};
  AsherahResult results[2];
  int loads = host.loads;
  CHECK_STATUS(asherah_decrypt_batch(other, records, 2, results, 0), ASHERAH_ERROR_MALFORMED_RECORD);
  CHECK(results[1].status == ASHERAH_OK && host.loads > loads, "%d after %d loads", results[1].status,
        host.loads - loads);
  CHECK(asherah_last_error_code() == ASHERAH_ERROR_MALFORMED_RECORD && asherah_last_error_message(), "%d",
        asherah_last_error_code());
  asherah_buffer_free(&results[1].buffer);
  asherah_buffer_free(&record);
  asherah_session_free(other);
  asherah_factory_free(second);
  host_close_session(&host, factory, session);
}

int main(void) {
  RUN(test_keys_are_the_hosts);
  RUN(test_threads);
  RUN(test_released_once_and_last);
  RUN(test_freed_while_a_call_is_in_flight);
  RUN(test_shared_parts_of_a_configuration);
  RUN(test_failures_travel_unchanged);
  RUN(test_messages_of_failures);
  RUN(test_last_error_of_the_thread);
  FINISH();
}
