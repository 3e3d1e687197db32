/* Events of a factory: which ones come, in which order, for which factory, and when the table is released. */
#include "host.h"

enum { MAX_EVENTS = 256 };

static struct {
  AsherahEvent events[MAX_EVENTS];
  char ids[MAX_EVENTS][64];
  atomic_int count, releases, late;
  pthread_t thread;
  AsherahSession *nested; /* used in each event */
} seen;

static void note(void *user_data, const AsherahEvent *event) {
  CHECK(user_data == &seen, "other user data");
  CHECK(event->size == sizeof *event, "%zu bytes", event->size);
  CHECK(pthread_equal(pthread_self(), seen.thread), "event %d on another thread", event->type);
  if (seen.releases != 0)
    atomic_fetch_add(&seen.late, 1);
  int i = atomic_fetch_add(&seen.count, 1) % MAX_EVENTS;
  seen.events[i] = *event;
  snprintf(seen.ids[i], sizeof seen.ids[i], "%.*s", (int)event->id_len, (const char *)event->id);
  if (seen.nested != NULL)
    host_use(seen.nested);
}

static void release(void *user_data) {
  CHECK(user_data == &seen, "other user data");
  atomic_fetch_add(&seen.releases, 1);
}

static const AsherahEventCallbacks table = {sizeof table, ASHERAH_CALLBACKS_VERSION, 0, &seen, note, release};

static struct host host;
static AsherahFactory *factory;

static void opened(void) {
  memset(&seen, 0, sizeof seen);
  seen.thread = pthread_self();
  host_open(&host);
  factory = asherah_factory_new(HOST_CONFIG, host.metastore, host.kms, NULL);
  CHECK(factory, "%s", asherah_last_error_message());
}

static void closed(void) {
  asherah_factory_free(factory);
  host_close(&host);
}

static const char intermediate[] = "_IK_partition_service_product", system_key[] = "_SK_service_product";

static void expect(int i, int type, const char *id, int absent) {
  const AsherahEvent *event = &seen.events[i];
  CHECK(i < seen.count && event->type == type, "event %d is %d, not %d", i, event->type, type);
  CHECK(strcmp(seen.ids[i], id) == 0, "event %d is about \"%s\", not \"%s\"", i, seen.ids[i], id);
  CHECK(event->absent == absent && !event->failed, "event %d: absent %d, failed %d", i, event->absent, event->failed);
  CHECK(event->region == NULL && event->region_len == 0, "event %d names a region", i);
  CHECK(event->system_key == (*id == 0 || id == system_key), "event %d: level", i);
}

static void test_a_first_use_and_one_of_cached_keys(void) {
  opened();
  CHECK_STATUS(asherah_factory_observe(factory, &table), ASHERAH_OK);
  CHECK_STATUS(host_use_partition(factory, "partition"), ASHERAH_OK);
  static const struct {
    int type;
    const char *id;
    int absent;
  } expected[] = {{ASHERAH_EVENT_LOADING_LATEST, intermediate, 0},
                  {ASHERAH_EVENT_LOADED_LATEST, intermediate, 1},
                  {ASHERAH_EVENT_LOADING_LATEST, system_key, 0},
                  {ASHERAH_EVENT_LOADED_LATEST, system_key, 1},
                  {ASHERAH_EVENT_KEY_ENCRYPTED, "", 0},
                  {ASHERAH_EVENT_STORING, system_key, 0},
                  {ASHERAH_EVENT_STORED, system_key, 0},
                  {ASHERAH_EVENT_KEY_CACHED, system_key, 0},
                  {ASHERAH_EVENT_STORING, intermediate, 0},
                  {ASHERAH_EVENT_STORED, intermediate, 0},
                  {ASHERAH_EVENT_KEY_CACHED, intermediate, 0}};
  int count = sizeof expected / sizeof *expected;
  CHECK(seen.count == count, "%d events, not %d", seen.count, count);
  for (int i = 0; i < count; i++)
    expect(i, expected[i].type, expected[i].id, expected[i].absent);
  CHECK(seen.events[9].duration_ns > 0 && seen.events[9].created > 1600000000, "no duration, or no time of creation");
  CHECK_STATUS(host_use_partition(factory, "partition"), ASHERAH_OK);
  CHECK(seen.count == count, "%d events of cached keys", seen.count - count);
  closed();
  CHECK(seen.releases == 1 && seen.late == 0, "%d releases, %d events later", seen.releases, seen.late);
}

static bool fail_loads(struct host *failing, const char *function, AsherahReply *reply, int32_t *answer) {
  (void)failing, (void)reply;
  *answer = -1212;
  return strcmp(function, "load_latest") == 0;
}

static void test_failures_and_other_factories(void) {
  opened();
  AsherahFactory *other = asherah_factory_new(HOST_CONFIG, host.metastore, host.kms, NULL);
  CHECK_STATUS(asherah_factory_observe(factory, &table), ASHERAH_OK);
  CHECK_STATUS(host_use_partition(other, "partition"), ASHERAH_OK);
  CHECK(seen.count == 0, "%d events of another factory", seen.count);
  host.fault = fail_loads;
  CHECK_STATUS(host_use_partition(factory, "partition"), -1212);
  CHECK(seen.count == 2 && seen.events[1].failed && !seen.events[1].absent, "a failure is not told");
  host.fault = NULL;
  asherah_factory_free(other);
  closed();
}

static void test_refused(void) {
  opened();
  AsherahEventCallbacks bad = table;
  bad.event = NULL;
  CHECK_STATUS(asherah_factory_observe(factory, &bad), ASHERAH_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(asherah_factory_observe(factory, NULL), ASHERAH_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(asherah_factory_observe(NULL, &table), ASHERAH_ERROR_CLOSED_HANDLE);
  CHECK_STATUS(asherah_factory_observe(factory, &table), ASHERAH_OK);
  CHECK_STATUS(asherah_factory_observe(factory, &table), ASHERAH_ERROR_INVALID_ARGUMENT);
  AsherahSession *session = asherah_factory_get_session(factory, "partition");
  asherah_factory_free(factory);
  CHECK(seen.releases == 0, "released while a session is open");
  CHECK_STATUS(asherah_factory_observe(factory, &table), ASHERAH_ERROR_CLOSED_HANDLE);
  asherah_session_free(session);
  CHECK(seen.releases == 1, "%d releases", seen.releases);
  factory = NULL;
  closed();
}

/* Events of calls that events make come too, until functions of the host are too deep inside of each other. */
static void test_that_call_the_library(void) {
  opened();
  CHECK_STATUS(asherah_factory_observe(factory, &table), ASHERAH_OK);
  seen.nested = asherah_factory_get_session(factory, "other");
  CHECK_STATUS(host_use_partition(factory, "partition"), ASHERAH_OK);
  CHECK(seen.count > 11, "%d events", seen.count);
  asherah_session_free(seen.nested);
  closed();
}

int main(void) {
  RUN(test_a_first_use_and_one_of_cached_keys);
  RUN(test_failures_and_other_factories);
  RUN(test_refused);
  RUN(test_that_call_the_library);
  FINISH();
}
