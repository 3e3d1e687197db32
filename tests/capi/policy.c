/* Policies of the host: what is asked, what the answers do, and failures. */
#include "host.h"

enum {
  EXPIRED,
  PERIOD,
  CACHE_SYSTEM,
  CACHE_INTERMEDIATE,
  QUEUED,
  NOTIFY_SYSTEM,
  NOTIFY_INTERMEDIATE,
  TRUNCATE_SYSTEM,
  TRUNCATE_INTERMEDIATE,
  DECISIONS
};

static const char *const names[DECISIONS] = {"is_key_expired",
                                             "revoke_check_period_ms",
                                             "can_cache_system_keys",
                                             "can_cache_intermediate_keys",
                                             "is_queued_rotation",
                                             "notify_expired_system_key_on_read",
                                             "notify_expired_intermediate_key_on_read",
                                             "truncate_system_key",
                                             "truncate_intermediate_key"};

/* The answer is the time of creation that is asked about. */
static const int64_t as_given = INT64_MAX;

static struct {
  int64_t answers[DECISIONS];
  atomic_int asked[DECISIONS], releases, late;
  pthread_t thread;
  bool any_thread;
} policy;

static int64_t decide(void *user_data, int decision, int64_t created) {
  CHECK(user_data == &policy, "other user data");
  CHECK(policy.any_thread || pthread_equal(pthread_self(), policy.thread), "%s on another thread", names[decision]);
  if (policy.releases != 0)
    atomic_fetch_add(&policy.late, 1);
  atomic_fetch_add(&policy.asked[decision], 1);
  return policy.answers[decision] == as_given ? created : policy.answers[decision];
}

#define DECIDE_KEY(name, type, decision)                                                                               \
  static type name(void *user_data, int64_t created) { return (type)decide(user_data, decision, created); }
#define DECIDE(name, type, decision)                                                                                   \
  static type name(void *user_data) { return (type)decide(user_data, decision, 0); }

DECIDE_KEY(is_key_expired, int32_t, EXPIRED)
DECIDE(revoke_check_period_ms, int64_t, PERIOD)
DECIDE(can_cache_system_keys, int32_t, CACHE_SYSTEM)
DECIDE(can_cache_intermediate_keys, int32_t, CACHE_INTERMEDIATE)
DECIDE(is_queued_rotation, int32_t, QUEUED)
DECIDE(notify_expired_system_key_on_read, int32_t, NOTIFY_SYSTEM)
DECIDE(notify_expired_intermediate_key_on_read, int32_t, NOTIFY_INTERMEDIATE)
DECIDE_KEY(truncate_system_key, int64_t, TRUNCATE_SYSTEM)
DECIDE_KEY(truncate_intermediate_key, int64_t, TRUNCATE_INTERMEDIATE)

static void release(void *user_data) {
  CHECK(user_data == &policy, "other user data");
  atomic_fetch_add(&policy.releases, 1);
}

static const AsherahPolicyCallbacks table = {sizeof table,
                                             ASHERAH_CALLBACKS_VERSION,
                                             0,
                                             &policy,
                                             is_key_expired,
                                             revoke_check_period_ms,
                                             can_cache_system_keys,
                                             can_cache_intermediate_keys,
                                             is_queued_rotation,
                                             notify_expired_system_key_on_read,
                                             notify_expired_intermediate_key_on_read,
                                             truncate_system_key,
                                             truncate_intermediate_key,
                                             release};

static struct host host;
static AsherahFactory *factory;
static AsherahSession *session;

/* Opens a factory whose policy answers as the defaults would. */
static void opened(const char *config) {
  static const int64_t defaults[DECISIONS] = {0, 3600000, 1, 1, 0, 0, 0, as_given, as_given};
  memcpy(policy.answers, defaults, sizeof defaults);
  for (int i = 0; i < DECISIONS; i++)
    policy.asked[i] = 0;
  policy.releases = policy.late = 0;
  policy.thread = pthread_self();
  policy.any_thread = false;
  host_open(&host);
  factory = asherah_factory_new(config, host.metastore, host.kms, &table);
  CHECK(factory, "%s", asherah_last_error_message());
  session = asherah_factory_get_session(factory, "partition");
}

static void closed(void) {
  asherah_factory_free(factory);
  CHECK(policy.releases == 0, "released while a session is open");
  asherah_session_free(session);
  CHECK(policy.releases == 1 && policy.late == 0, "%d releases, %d calls later", policy.releases, policy.late);
  host_close(&host);
}

static void test_asked_at_each_decision(void) {
  opened(HOST_CONFIG);
  CHECK_STATUS(host_use(session), ASHERAH_OK);
  static const int at_first[] = {PERIOD, CACHE_SYSTEM, CACHE_INTERMEDIATE, TRUNCATE_SYSTEM, TRUNCATE_INTERMEDIATE};
  for (size_t i = 0; i < sizeof at_first / sizeof *at_first; i++)
    CHECK(policy.asked[at_first[i]] > 0, "%s was not asked", names[at_first[i]]);
  int expired = policy.asked[EXPIRED], period = policy.asked[PERIOD], loads = host.loads;
  for (int i = 0; i < 10; i++)
    CHECK_STATUS(host_use(session), ASHERAH_OK);
  CHECK(policy.asked[EXPIRED] >= expired + 10 && policy.asked[PERIOD] >= period + 10,
        "cached keys are not asked about");
  CHECK(host.loads == loads, "%d loads of cached keys", host.loads - loads);
  closed();
}

static void test_what_the_answers_do(void) {
  AsherahBuffer record = {0}, text = {0}, row = {0};
  opened(HOST_CONFIG);
  policy.answers[TRUNCATE_INTERMEDIATE] = 1600000000;
  CHECK_STATUS(asherah_encrypt_to_json(session, (const uint8_t *)"x", 1, &record), ASHERAH_OK);
  CHECK_STATUS(
      asherah_metastore_load(host.metastore, (const uint8_t *)"_IK_partition_service_product", 29, 1600000000, &row),
      ASHERAH_OK);
  CHECK(row.data, "the key is not dated as the host says");
  asherah_buffer_free(&row);

  int loads = host.loads;
  policy.answers[PERIOD] = 0;
  CHECK_STATUS(host_use(session), ASHERAH_OK);
  CHECK(host.loads > loads, "no look for revocation marks");
  policy.answers[PERIOD] = INT64_MAX - 1;      /* not as_given */
  CHECK_STATUS(host_use(session), ASHERAH_OK); /* the last look was due again at once */
  loads = host.loads;
  CHECK_STATUS(host_use(session), ASHERAH_OK);
  CHECK(host.loads == loads, "%d looks", host.loads - loads);

  policy.answers[CACHE_SYSTEM] = policy.answers[CACHE_INTERMEDIATE] = 0;
  int decryptions = host.decryptions;
  CHECK_STATUS(host_use(session), ASHERAH_OK);
  CHECK(host.decryptions > decryptions, "the system key is still cached");
  policy.answers[CACHE_SYSTEM] = policy.answers[CACHE_INTERMEDIATE] = 1;

  policy.answers[TRUNCATE_INTERMEDIATE] = as_given;
  policy.answers[EXPIRED] = policy.answers[NOTIFY_SYSTEM] = policy.answers[NOTIFY_INTERMEDIATE] = 1;
  size_t rows = host.table->rows;
  AsherahBuffer later = {0};
  CHECK_STATUS(asherah_decrypt_from_json(session, record.data, record.len, &text), ASHERAH_OK);
  CHECK(text.len == 1 && *text.data == 'x', "another plaintext");
  CHECK(policy.asked[NOTIFY_INTERMEDIATE] > 0, "not asked about the use of an expired key");
  /* Every key is expired, also the one that was just made: such a policy is an error, after some attempts. */
  int status = asherah_encrypt_to_json(session, (const uint8_t *)"y", 1, &later);
  CHECK(status != ASHERAH_OK || host.table->rows > rows, "an expired key goes on encrypting");
  policy.answers[EXPIRED] = 0;
  CHECK_STATUS(host_use(session), ASHERAH_OK);
  asherah_buffer_free(&later);
  asherah_buffer_free(&record);
  asherah_buffer_free(&text);
  closed();
}

/* Without members the configuration decides, and without a table. */
static void test_members_that_are_missing(void) {
  AsherahPolicyCallbacks empty = {.size = sizeof empty, .version = ASHERAH_CALLBACKS_VERSION};
  host_open(&host);
  factory = asherah_factory_new(HOST_CONFIG, host.metastore, host.kms, &empty);
  session = asherah_factory_get_session(factory, "partition");
  for (int i = 0; i < 10; i++)
    CHECK_STATUS(host_use(session), ASHERAH_OK);
  CHECK(host.loads < 10, "%d loads", host.loads);
  asherah_session_free(session);
  asherah_factory_free(factory);
  host_close(&host);
}

/* The policy of a factory whose metastore and KMS are of the configuration. */
static void test_with_parts_of_the_configuration(void) {
  opened(HOST_CONFIG);
  AsherahFactory *second = asherah_factory_new(CHECK_CONFIG, NULL, NULL, &table);
  CHECK(second, "%s", asherah_last_error_message());
  policy.answers[TRUNCATE_SYSTEM] = -1212;
  CHECK_STATUS(host_use_partition(second, "partition"), -1212);
  policy.answers[TRUNCATE_SYSTEM] = as_given;
  CHECK_STATUS(host_use_partition(second, "partition"), ASHERAH_OK);
  asherah_factory_free(second);
  CHECK(policy.releases == 1, "%d releases", policy.releases);
  policy.releases = 0;
  CHECK(!asherah_factory_new("{}", NULL, NULL, &table), "a factory without a name");
  CHECK(policy.releases == 0, "released although no factory was made");
  closed();
}

/* What a decision is tried with: the first use of a partition, or one of keys that are expired. */
static int use_for(int decision) {
  AsherahBuffer record = {0}, text = {0};
  AsherahSession *own;
  int status;
  switch (decision) {
  case QUEUED:
    return host_use(session);
  case NOTIFY_SYSTEM:
  case NOTIFY_INTERMEDIATE:
    policy.answers[EXPIRED] = 0;
    CHECK_STATUS(asherah_encrypt_to_json(session, (const uint8_t *)"x", 1, &record), ASHERAH_OK);
    policy.answers[EXPIRED] = 1;
    policy.answers[CACHE_SYSTEM] = policy.answers[CACHE_INTERMEDIATE] = 0;
    status = asherah_decrypt_from_json(session, record.data, record.len, &text);
    asherah_buffer_free(&record);
    asherah_buffer_free(&text);
    return status;
  default:
    own = asherah_factory_get_session(factory, "first use");
    status = host_use(own);
    asherah_session_free(own);
    return status;
  }
}

static void fail_decision(int decision, int64_t answer, int expected) {
  opened(HOST_CONFIG);
  bool expired = decision == QUEUED || decision == NOTIFY_SYSTEM || decision == NOTIFY_INTERMEDIATE;
  CHECK(!expired || host_use(session) == ASHERAH_OK, "%s", asherah_last_error_message());
  policy.answers[EXPIRED] = expired;
  policy.answers[decision] = answer;
  size_t rows = host.table->rows;
  int status = use_for(decision);
  const char *message = asherah_last_error_message();
  CHECK(policy.asked[decision] > 0, "%s was not asked", names[decision]);
  CHECK(status == expected, "%s answers %lld: %d, not %d", names[decision], (long long)answer, status, expected);
  CHECK(message && strstr(message, names[decision]), "%s: %s", names[decision], message ? message : "no message");
  CHECK(host.table->rows < rows + 2, "%s: %zu keys were made", names[decision], host.table->rows - rows);
  closed();
}

/* Failures are those of the call, with their numbers. Other answers that are none have one number. */
static void test_failures(void) {
  for (int decision = 0; decision < DECISIONS; decision++) {
    static const int32_t failures[] = {-1, -1000, INT32_MIN};
    for (size_t i = 0; i < sizeof failures / sizeof *failures; i++)
      fail_decision(decision, failures[i], failures[i]);
    switch (decision) {
    case PERIOD:
      fail_decision(decision, (int64_t)INT32_MIN - 1, ASHERAH_ERROR_HOST_CALLBACK);
      fail_decision(decision, INT64_MIN, ASHERAH_ERROR_HOST_CALLBACK);
      break;
    case TRUNCATE_SYSTEM:
    case TRUNCATE_INTERMEDIATE:
      fail_decision(decision, INT64_MIN, ASHERAH_ERROR_HOST_CALLBACK);
      fail_decision(decision, INT64_MAX - 1, ASHERAH_ERROR_HOST_CALLBACK); /* later than what was given */
      break;
    default:
      fail_decision(decision, 2, ASHERAH_ERROR_HOST_CALLBACK);
      fail_decision(decision, INT32_MAX, ASHERAH_ERROR_HOST_CALLBACK);
    }
  }
}

static void use_and_free(size_t index, void *argument) {
  (void)argument;
  for (int i = 0; i < 50; i++) {
    AsherahSession *own = asherah_factory_get_session(factory, index % 2 ? "partition" : "other");
    CHECK_STATUS(host_use(own), ASHERAH_OK);
    asherah_session_free(own);
  }
}

static void test_from_threads(void) {
  opened(HOST_CONFIG);
  policy.any_thread = true;
  check_threads(8, use_and_free, NULL);
  CHECK(host.table->rows == 3, "%zu keys", host.table->rows);
  closed();
}

int main(void) {
  RUN(test_asked_at_each_decision);
  RUN(test_what_the_answers_do);
  RUN(test_members_that_are_missing);
  RUN(test_with_parts_of_the_configuration);
  RUN(test_failures);
  RUN(test_from_threads);
  FINISH();
}
