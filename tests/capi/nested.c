/* Functions of the host that call the library: inside of each other, on what serves them, and while it is freed. */
#include "host.h"

enum { MAX_DEPTH = 8 };

static struct host host;
static AsherahFactory *factory;
static AsherahSession *session;

static void opened(const char *config) {
  host_open(&host);
  factory = host_factory(&host, config);
  session = asherah_factory_get_session(factory, "partition");
  CHECK(session, "%s", asherah_last_error_message());
}

static void closed(void) {
  asherah_session_free(session);
  asherah_factory_free(factory);
  host_close(&host);
}

static _Thread_local int depth; /* functions of the host on this thread */
static int deepest, limit;      /* of the calls that they make */
static int statuses[64];
static pthread_t threads[64];

/* The first call on each level uses the same session, down to the limit. */
static bool uses_session(struct host *own, const char *function, AsherahReply *reply, int32_t *answer) {
  (void)own, (void)function, (void)reply, (void)answer;
  if (depth < deepest || depth >= limit)
    return false;
  int level = deepest++;
  threads[level] = pthread_self();
  depth++;
  statuses[level] = host_use(session);
  depth--;
  return false;
}

static void nest(const char *config, int levels) {
  opened(config);
  host.fault = uses_session;
  deepest = depth = 0;
  limit = levels;
  CHECK_STATUS(host_use(session), ASHERAH_OK);
  CHECK(deepest == (levels < MAX_DEPTH + 1 ? levels : MAX_DEPTH + 1), "%d levels", deepest);
  for (int i = 0; i < deepest; i++) {
    /* The innermost is one too many: its functions are not called. */
    int expected = i < MAX_DEPTH ? ASHERAH_OK : ASHERAH_ERROR_HOST_CALLBACK;
    CHECK(statuses[i] == expected, "level %d of %d: %s", i, deepest, asherah_status_name(statuses[i]));
    CHECK(pthread_equal(threads[i], threads[0]), "level %d runs on another thread", i);
  }
  CHECK(host.table->rows == 2, "%zu keys", host.table->rows);
  closed();
}

static void test_calls_inside_of_each_other(void) {
  for (int levels = 0; levels <= MAX_DEPTH; levels++)
    nest(HOST_CONFIG, levels);
  nest(HOST_CONFIG, 60);
}

static void test_calls_inside_of_each_other_with_a_time_limit(void) {
  nest(HOST_CONFIG_WITH(",\"CallbackTimeoutMs\":60000"), 1);
  nest(HOST_CONFIG_WITH(",\"CallbackTimeoutMs\":60000"), MAX_DEPTH);
  nest(HOST_CONFIG_WITH(",\"CallbackTimeoutMs\":60000"), 60);
}

static void test_calls_inside_of_each_other_without_caches(void) {
  nest(HOST_CONFIG_WITH(",\"CacheSystemKeys\":false,\"CacheIntermediateKeys\":false"), MAX_DEPTH);
}

static int loads_too_deep;

/* Loads by way of the handle that it serves. */
static int32_t loads_itself(void *user_data, const uint8_t *id, size_t id_len, int64_t created, AsherahReply *reply) {
  AsherahBuffer record = {0};
  (void)user_data;
  depth++;
  int status = asherah_metastore_load(host.metastore, id, id_len, created, &record);
  if (depth == MAX_DEPTH + 1) {
    CHECK_STATUS(status, ASHERAH_ERROR_HOST_CALLBACK);
    loads_too_deep++;
  }
  depth--;
  if (status != ASHERAH_OK) {
    const char *message = asherah_last_error_message();
    reply->set_message(reply, message, strlen(message));
    return -1000 - depth;
  }
  asherah_buffer_free(&record);
  return ASHERAH_ABSENT;
}

static void test_a_store_that_loads_from_itself(void) {
  AsherahMetastore *metastore;
  AsherahBuffer record = {0};
  host_open(&host);
  metastore = host.metastore;
  AsherahMetastoreCallbacks table = host_metastore_callbacks(&host);
  table.load = loads_itself;
  table.release = NULL;
  host.metastore = asherah_metastore_new_from_callbacks(&table);
  loads_too_deep = depth = 0;
  CHECK_STATUS(asherah_metastore_load(host.metastore, (const uint8_t *)"id", 2, 1, &record), -1000);
  const char *message = asherah_last_error_message();
  CHECK(message && strstr(message, "inside of each other"), "%s", message ? message : "no message");
  CHECK(loads_too_deep == 1, "%d times too deep", loads_too_deep);
  asherah_metastore_free(host.metastore);
  host.metastore = metastore;
  host_close(&host);
}

/* A nested call that must not ask anybody. */
static bool asks_the_cache(struct host *own, const char *function, AsherahReply *reply, int32_t *answer) {
  uint8_t out[1000];
  size_t written;
  (void)own, (void)function, (void)reply, (void)answer;
  CHECK_STATUS(
      asherah_encrypt_into(session, (const uint8_t *)"x", 1, out, sizeof out, &written, ASHERAH_ONLY_IF_CACHED),
      ASHERAH_ERROR_WOULD_BLOCK);
  return false;
}

static void test_only_if_cached_inside_of_a_function(void) {
  opened(HOST_CONFIG);
  host.fault = asks_the_cache;
  CHECK_STATUS(host_use(session), ASHERAH_OK);
  CHECK(host.loads > 0, "nothing was asked");
  closed();
}

static bool frees_everything(struct host *own, const char *function, AsherahReply *reply, int32_t *answer) {
  (void)function, (void)reply, (void)answer;
  asherah_session_free(session);
  asherah_factory_free(factory);
  host_free_handles(own);
  CHECK(own->metastore_releases == 0 && own->kms_releases == 0, "released while it is in use");
  return false;
}

/* Frees all that it serves in its first call and in each later one. The call ends well. */
static void test_freed_by_its_own_functions(void) {
  static const char *const configs[] = {HOST_CONFIG, HOST_CONFIG_WITH(",\"CallbackTimeoutMs\":60000")};
  for (size_t i = 0; i < 2; i++) {
    AsherahBuffer record = {0};
    opened(configs[i]);
    host.fault = frees_everything;
    CHECK_STATUS(asherah_encrypt_to_json(session, (const uint8_t *)"x", 1, &record), ASHERAH_OK);
    CHECK(record.len > 0, "no record");
    asherah_buffer_free(&record);
    CHECK(host.table->rows == 2, "%zu keys", host.table->rows);
    host_close(&host);
  }
}

static atomic_int used;

static bool uses_while_others_wait(struct host *own, const char *function, AsherahReply *reply, int32_t *answer) {
  (void)own, (void)function, (void)reply, (void)answer;
  if (depth > 0)
    return false;
  host_pause(5); /* the other threads come to wait for this call */
  depth++;
  CHECK_STATUS(host_use(session), ASHERAH_OK);
  depth--;
  atomic_fetch_add(&used, 1);
  return false;
}

static void use_shared_session(size_t index, void *argument) {
  (void)index, (void)argument;
  CHECK_STATUS(host_use(session), ASHERAH_OK);
}

static void test_nested_calls_do_not_wait_for_those_that_wait(void) {
  static const char *const configs[] = {HOST_CONFIG, HOST_CONFIG_WITH(",\"CallbackTimeoutMs\":60000")};
  for (size_t i = 0; i < 2; i++) {
    opened(configs[i]);
    host.fault = uses_while_others_wait;
    used = 0;
    check_threads(16, use_shared_session, NULL);
    CHECK(used > 0 && host.table->rows == 2, "%d nested calls, %zu keys", used, host.table->rows);
    closed();
  }
}

static int32_t never_expired(void *user_data, int64_t created) {
  (void)user_data, (void)created;
  if (depth >= limit)
    return 0;
  depth++;
  int status = host_use(session);
  depth--;
  deepest = depth > deepest ? depth : deepest;
  return status == ASHERAH_ERROR_HOST_CALLBACK ? -4000 : status;
}

static void count_release(void *user_data) { atomic_fetch_add((atomic_int *)user_data, 1); }

/* A policy whose decisions need the session that asks for them: an error in the end, not the end of the stack. */
static void test_a_policy_that_uses_its_session(void) {
  atomic_int releases = 0;
  AsherahPolicyCallbacks policy = {.size = sizeof policy,
                                   .version = ASHERAH_CALLBACKS_VERSION,
                                   .user_data = &releases,
                                   .is_key_expired = never_expired,
                                   .release = count_release};
  host_open(&host);
  factory = asherah_factory_new(HOST_CONFIG, host.metastore, host.kms, &policy);
  session = asherah_factory_get_session(factory, "partition");
  depth = deepest = 0;
  limit = 0;
  CHECK_STATUS(host_use(session), ASHERAH_OK); /* keys are there now */
  limit = 60;
  CHECK_STATUS(host_use(session), -4000);
  CHECK(deepest <= MAX_DEPTH + 1, "%d deep", deepest);
  limit = 0;
  CHECK_STATUS(host_use(session), ASHERAH_OK);
  asherah_factory_free(factory);
  CHECK(releases == 0, "released while a session is open");
  asherah_session_free(session);
  CHECK(releases == 1, "%d releases of the policy", releases);
  host_close(&host);
}

/* Frees the next host's handles, whose release frees the one after that. */
static void release_next(void *user_data) {
  struct host *own = user_data;
  own->metastore_releases++;
  AsherahBuffer out = {0};
  CHECK_STATUS(asherah_encrypt_to_json(NULL, NULL, 0, &out), ASHERAH_ERROR_CLOSED_HANDLE);
  if (own->argument)
    asherah_metastore_free(((struct host *)own->argument)->metastore);
}

static void test_releases_that_free_others(void) {
  enum { HOSTS = 30 };
  static struct host hosts[HOSTS];
  for (int i = 0; i < HOSTS; i++) {
    hosts[i] = (struct host){.table = hashstore_new(NULL), .argument = i + 1 < HOSTS ? &hosts[i + 1] : NULL};
    AsherahMetastoreCallbacks table = host_metastore_callbacks(&hosts[i]);
    table.release = release_next;
    hosts[i].metastore = asherah_metastore_new_from_callbacks(&table);
  }
  asherah_metastore_free(hosts[0].metastore);
  for (int i = 0; i < HOSTS; i++) {
    CHECK(hosts[i].metastore_releases == 1, "%d releases of %d", hosts[i].metastore_releases, i);
    hashstore_free(hosts[i].table);
  }
}

int main(void) {
  RUN(test_calls_inside_of_each_other);
  RUN(test_calls_inside_of_each_other_with_a_time_limit);
  RUN(test_calls_inside_of_each_other_without_caches);
  RUN(test_a_store_that_loads_from_itself);
  RUN(test_only_if_cached_inside_of_a_function);
  RUN(test_freed_by_its_own_functions);
  RUN(test_nested_calls_do_not_wait_for_those_that_wait);
  RUN(test_a_policy_that_uses_its_session);
  RUN(test_releases_that_free_others);
  FINISH();
}
