/* Tables of functions of the host: their layout, what is refused, and handles used by themselves. */
#include "host.h"

#include <stddef.h>

#define AT(type, member, offset) _Static_assert(offsetof(type, member) == (offset), #type "." #member)
#define SIZE(type, size) _Static_assert(sizeof(type) == (size), #type)

AT(AsherahReply, size, 0);
AT(AsherahReply, allocate, 8);
AT(AsherahReply, set_message, 16);
SIZE(AsherahReply, 24);

AT(AsherahMetastoreCallbacks, size, 0);
AT(AsherahMetastoreCallbacks, version, 8);
AT(AsherahMetastoreCallbacks, flags, 12);
AT(AsherahMetastoreCallbacks, user_data, 16);
AT(AsherahMetastoreCallbacks, load, 24);
AT(AsherahMetastoreCallbacks, load_latest, 32);
AT(AsherahMetastoreCallbacks, store, 40);
AT(AsherahMetastoreCallbacks, key_suffix, 48);
AT(AsherahMetastoreCallbacks, release, 56);
SIZE(AsherahMetastoreCallbacks, 64);

AT(AsherahKmsCallbacks, size, 0);
AT(AsherahKmsCallbacks, version, 8);
AT(AsherahKmsCallbacks, flags, 12);
AT(AsherahKmsCallbacks, user_data, 16);
AT(AsherahKmsCallbacks, encrypt_key, 24);
AT(AsherahKmsCallbacks, decrypt_key, 32);
AT(AsherahKmsCallbacks, release, 40);
SIZE(AsherahKmsCallbacks, 48);

AT(AsherahPolicyCallbacks, size, 0);
AT(AsherahPolicyCallbacks, version, 8);
AT(AsherahPolicyCallbacks, flags, 12);
AT(AsherahPolicyCallbacks, user_data, 16);
AT(AsherahPolicyCallbacks, is_key_expired, 24);
AT(AsherahPolicyCallbacks, revoke_check_period_ms, 32);
AT(AsherahPolicyCallbacks, can_cache_system_keys, 40);
AT(AsherahPolicyCallbacks, can_cache_intermediate_keys, 48);
AT(AsherahPolicyCallbacks, is_queued_rotation, 56);
AT(AsherahPolicyCallbacks, notify_expired_system_key_on_read, 64);
AT(AsherahPolicyCallbacks, notify_expired_intermediate_key_on_read, 72);
AT(AsherahPolicyCallbacks, truncate_system_key, 80);
AT(AsherahPolicyCallbacks, truncate_intermediate_key, 88);
AT(AsherahPolicyCallbacks, release, 96);
SIZE(AsherahPolicyCallbacks, 104);

/* The table of a later header, with members that this library does not know. */
struct longer_metastore {
  AsherahMetastoreCallbacks known;
  void *unknown[3];
};
struct longer_kms {
  AsherahKmsCallbacks known;
  void *unknown[3];
};
struct longer_policy {
  AsherahPolicyCallbacks known;
  void *unknown[3];
};

static struct host host;

/* Makes of each kind of table what there is to make, and expects that status; the message has the text. */
#define EXPECT_METASTORE(table, expected, text)                                                                        \
  do {                                                                                                                 \
    AsherahMetastore *made_ = asherah_metastore_new_from_callbacks(table);                                             \
    expect((void *)made_, expected, text, __LINE__);                                                                   \
    asherah_metastore_free(made_);                                                                                     \
  } while (0)
#define EXPECT_KMS(table, expected, text)                                                                              \
  do {                                                                                                                 \
    AsherahKms *made_ = asherah_kms_new_from_callbacks(table);                                                         \
    expect((void *)made_, expected, text, __LINE__);                                                                   \
    asherah_kms_free(made_);                                                                                           \
  } while (0)
#define EXPECT_POLICY(table, expected, text)                                                                           \
  do {                                                                                                                 \
    AsherahFactory *made_ = asherah_factory_new(HOST_CONFIG, host.metastore, host.kms, table);                         \
    expect((void *)made_, expected, text, __LINE__);                                                                   \
    asherah_factory_free(made_);                                                                                       \
  } while (0)

static void expect(const void *made, int expected, const char *text, int line) {
  const char *message = asherah_last_error_message();
  int status = asherah_last_error_code();
  CHECK((made != NULL) == (expected == ASHERAH_OK) && status == expected, "line %d: %s: %s", line,
        asherah_status_name(status), message ? message : "no message");
  CHECK(!text || (message && strstr(message, text)), "line %d: the message is %s", line, message ? message : "NULL");
}

/* Tries what any table may have wrong. */
#define TRY_TABLE(EXPECT, type, longer, original)                                                                      \
  do {                                                                                                                 \
    type table_ = original;                                                                                            \
    EXPECT(&table_, ASHERAH_OK, NULL);                                                                                 \
    static const size_t sizes[] = {0, 1, 23, sizeof(type) - 1, sizeof(type) + 1, 5000, SIZE_MAX, SIZE_MAX / 8 * 8};    \
    for (size_t i_ = 0; i_ < sizeof sizes / sizeof *sizes; i_++) {                                                     \
      table_.size = sizes[i_];                                                                                         \
      EXPECT(&table_, ASHERAH_ERROR_INVALID_ARGUMENT, "size");                                                         \
    }                                                                                                                  \
    table_ = original;                                                                                                 \
    for (uint32_t version_ = 0; version_ < 4; version_ += 2) {                                                         \
      table_.version = version_;                                                                                       \
      EXPECT(&table_, ASHERAH_ERROR_INVALID_ARGUMENT, "version");                                                      \
    }                                                                                                                  \
    table_ = original;                                                                                                 \
    table_.flags = 1u << 31;                                                                                           \
    EXPECT(&table_, ASHERAH_ERROR_INVALID_ARGUMENT, "flag");                                                           \
    longer later_ = {original, {NULL}};                                                                                \
    later_.known.size = sizeof later_;                                                                                 \
    EXPECT(&later_.known, ASHERAH_OK, NULL);                                                                           \
    later_.unknown[2] = &later_;                                                                                       \
    EXPECT(&later_.known, ASHERAH_ERROR_INVALID_ARGUMENT, "older");                                                    \
  } while (0)

static void test_tables_that_are_refused(void) {
  host_open(&host);
  AsherahMetastoreCallbacks metastore = host_metastore_callbacks(&host);
  AsherahKmsCallbacks kms = host_kms_callbacks(&host);
  AsherahPolicyCallbacks policy = {.size = sizeof policy, .version = ASHERAH_CALLBACKS_VERSION};
  EXPECT_METASTORE(NULL, ASHERAH_ERROR_INVALID_ARGUMENT, "NULL");
  EXPECT_KMS(NULL, ASHERAH_ERROR_INVALID_ARGUMENT, "NULL");
  EXPECT_POLICY(NULL, ASHERAH_OK, NULL);
  TRY_TABLE(EXPECT_METASTORE, AsherahMetastoreCallbacks, struct longer_metastore, metastore);
  TRY_TABLE(EXPECT_KMS, AsherahKmsCallbacks, struct longer_kms, kms);
  TRY_TABLE(EXPECT_POLICY, AsherahPolicyCallbacks, struct longer_policy, policy);
  policy.flags = ASHERAH_CALLBACKS_ANY_THREAD;
  EXPECT_POLICY(&policy, ASHERAH_ERROR_INVALID_ARGUMENT, "flag");

  /* What is not refused was released, once each: three of each kind, of which one is the host's own. */
  CHECK(host.metastore_releases == 2 && host.kms_releases == 2, "%d and %d releases", host.metastore_releases,
        host.kms_releases);
  host.metastore_releases = host.kms_releases = 0;

  /* The table of an earlier header lacks the last members. */
  metastore.size = offsetof(AsherahMetastoreCallbacks, key_suffix);
  kms.size = offsetof(AsherahKmsCallbacks, release);
  policy.flags = 0;
  policy.size = offsetof(AsherahPolicyCallbacks, is_key_expired);
  EXPECT_METASTORE(&metastore, ASHERAH_OK, NULL);
  EXPECT_KMS(&kms, ASHERAH_OK, NULL);
  EXPECT_POLICY(&policy, ASHERAH_OK, NULL);
  metastore.size = offsetof(AsherahMetastoreCallbacks, store);
  kms.size = offsetof(AsherahKmsCallbacks, decrypt_key);
  EXPECT_METASTORE(&metastore, ASHERAH_ERROR_INVALID_ARGUMENT, "lacks");
  EXPECT_KMS(&kms, ASHERAH_ERROR_INVALID_ARGUMENT, "lacks");
  CHECK(host.metastore_releases == 0 && host.kms_releases == 0, "released by way of a member that is not there");
  host_close(&host);
}

static void test_functions_that_must_be_there(void) {
  host_open(&host);
  for (int missing = 0; missing < 3; missing++) {
    AsherahMetastoreCallbacks table = host_metastore_callbacks(&host);
    if (missing == 0)
      table.load = NULL;
    if (missing == 1)
      table.load_latest = NULL;
    if (missing == 2)
      table.store = NULL;
    EXPECT_METASTORE(&table, ASHERAH_ERROR_INVALID_ARGUMENT, "lacks");
  }
  for (int missing = 0; missing < 2; missing++) {
    AsherahKmsCallbacks table = host_kms_callbacks(&host);
    if (missing == 0)
      table.encrypt_key = NULL;
    else
      table.decrypt_key = NULL;
    EXPECT_KMS(&table, ASHERAH_ERROR_INVALID_ARGUMENT, "lacks");
  }
  host_close(&host);
}

static int32_t suffix_of(void *user_data, AsherahReply *reply) {
  const AsherahBuffer *suffix = user_data;
  uint8_t *result = reply->allocate(reply, suffix->len);
  if (!result)
    return -2000;
  memcpy(result, suffix->data, suffix->len);
  return 0;
}

static int32_t failing_suffix(void *user_data, AsherahReply *reply) {
  reply->set_message(reply, "no suffix today", 15);
  (void)user_data;
  return -1717;
}

static void never(void *user_data) {
  (void)user_data;
  CHECK(false, "released although no handle was made");
}

/* The key suffix is asked when the handle is made, and its failure is that of making it. */
static void test_key_suffix(void) {
  static const struct {
    const char *suffix;
    int expected;
  } cases[] = {
      {"", ASHERAH_OK}, {"eu-west-1", ASHERAH_OK}, {"\xc3\xa9", ASHERAH_OK}, {"\xff", ASHERAH_ERROR_HOST_CALLBACK}};
  host_open(&host);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    AsherahBuffer given = {(uint8_t *)cases[i].suffix, strlen(cases[i].suffix), 0}, got = {0};
    AsherahMetastoreCallbacks table = host_metastore_callbacks(&host);
    table.user_data = &given;
    table.key_suffix = suffix_of;
    table.release = NULL;
    AsherahMetastore *metastore = asherah_metastore_new_from_callbacks(&table);
    expect(metastore, cases[i].expected, NULL, __LINE__);
    if (!metastore)
      continue;
    CHECK_STATUS(asherah_metastore_key_suffix(metastore, &got), ASHERAH_OK);
    CHECK(got.len == given.len && memcmp(got.data, given.data, got.len) == 0, "another suffix");
    asherah_buffer_free(&got);
    asherah_metastore_free(metastore);
  }
  AsherahMetastoreCallbacks table = host_metastore_callbacks(&host);
  table.key_suffix = failing_suffix;
  table.release = never;
  EXPECT_METASTORE(&table, -1717, "no suffix today");
  host_close(&host);
}

#define ID(text) (const uint8_t *)(text), sizeof(text) - 1
#define RECORD                                                                                                         \
  "{\"Created\":1700000000,\"Key\":\"AAECAw==\",\"ParentKeyMeta\":{\"KeyId\":\"_SK_s_p\",\"Created\":1690000000}}"

static void use_metastore(AsherahMetastore *metastore) {
  AsherahBuffer record = {(uint8_t *)1, 2, 3};
  int32_t stored = 7;
  CHECK_STATUS(asherah_metastore_load(metastore, ID("id\0x"), 1700000000, &record), ASHERAH_OK);
  CHECK(!record.data && !record.len && !record.capacity, "there is a record");
  CHECK_STATUS(asherah_metastore_load_latest(metastore, ID("id\0x"), &record), ASHERAH_OK);
  CHECK(!record.data, "there is a record");
  CHECK_STATUS(asherah_metastore_store(metastore, ID("id\0x"), 1700000000, ID(RECORD), &stored), ASHERAH_OK);
  CHECK(stored == 1, "stored: %d", stored);
  CHECK_STATUS(asherah_metastore_store(metastore, ID("id\0x"), 1700000000, ID(RECORD), &stored), ASHERAH_OK);
  CHECK(stored == 0, "stored twice: %d", stored);
  CHECK_STATUS(asherah_metastore_load(metastore, ID("id\0x"), 1700000000, &record), ASHERAH_OK);
  CHECK(record.len == sizeof RECORD - 1 && memcmp(record.data, RECORD, record.len) == 0, "%.*s", (int)record.len,
        (const char *)record.data);
  asherah_buffer_free(&record);
  CHECK_STATUS(asherah_metastore_load_latest(metastore, ID("id\0x"), &record), ASHERAH_OK);
  CHECK(record.len == sizeof RECORD - 1, "%zu bytes", record.len);
  asherah_buffer_free(&record);
  CHECK_STATUS(asherah_metastore_load(metastore, ID("id"), 1700000000, &record), ASHERAH_OK);
  CHECK(!record.data, "the id was cut at the NUL");
  CHECK_STATUS(asherah_metastore_store(metastore, ID("other"), 5, ID("{\"Created\":5,\"Key\":\"AA==\"}"), &stored),
               ASHERAH_OK);
  CHECK(stored == 1, "%d", stored);

  const int refused = ASHERAH_ERROR_INVALID_ARGUMENT;
  CHECK_STATUS(asherah_metastore_load(metastore, ID("id"), 0, NULL), refused);
  CHECK_STATUS(asherah_metastore_load(metastore, NULL, 1, 0, &record), refused);
  CHECK_STATUS(asherah_metastore_load(metastore, ID("\xff"), 0, &record), refused);
  CHECK_STATUS(asherah_metastore_load_latest(metastore, ID("\xed\xa0\x80"), &record), refused);
  CHECK_STATUS(asherah_metastore_load_latest(metastore, (const uint8_t *)"", (1 << 20) + 1, &record), refused);
  CHECK_STATUS(asherah_metastore_store(metastore, ID("id"), 6, ID(RECORD), &stored), refused);
  CHECK_STATUS(asherah_metastore_store(metastore, ID("id"), 1700000000, ID(RECORD), NULL), refused);
  CHECK_STATUS(asherah_metastore_store(metastore, ID("id"), 1700000000, NULL, 1, &stored), refused);
  CHECK_STATUS(asherah_metastore_store(metastore, ID("id"), 1700000000, ID("{}"), &stored),
               ASHERAH_ERROR_MALFORMED_RECORD);
  CHECK_STATUS(asherah_metastore_key_suffix(metastore, NULL), refused);
  CHECK_STATUS(asherah_metastore_key_suffix(metastore, &record), ASHERAH_OK);
  CHECK(record.data && record.len == 0, "a suffix of %zu bytes", record.len);
  asherah_buffer_free(&record);
}

static void use_kms(AsherahKms *kms) {
  uint8_t key[32];
  AsherahBuffer blob = {0}, back = {0};
  memset(key, 'k', sizeof key);
  const int refused = ASHERAH_ERROR_INVALID_ARGUMENT;
  CHECK_STATUS(asherah_kms_encrypt_key(kms, key, sizeof key, 1700000000, 0, &blob), ASHERAH_OK);
  CHECK_STATUS(asherah_kms_decrypt_key(kms, blob.data, blob.len, 1700000000, 1, &back), ASHERAH_OK);
  CHECK(back.len == sizeof key && memcmp(back.data, key, sizeof key) == 0, "another key");
  asherah_buffer_free(&back);
  blob.data[blob.len / 2] ^= 1;
  int status = asherah_kms_decrypt_key(kms, blob.data, blob.len, 1700000000, 0, &back);
  CHECK(status != ASHERAH_OK && !back.data, "an altered key is decrypted");
  asherah_buffer_free(&blob);
  for (size_t len = 0; len < sizeof key; len++)
    CHECK_STATUS(asherah_kms_encrypt_key(kms, key, len, 1700000000, 0, &blob), refused);
  CHECK_STATUS(asherah_kms_encrypt_key(kms, NULL, 32, 1700000000, 0, &blob), refused);
  CHECK_STATUS(asherah_kms_encrypt_key(kms, key, 32, 1700000000, 2, &blob), refused);
  CHECK_STATUS(asherah_kms_encrypt_key(kms, key, 32, 1700000000, 0, NULL), refused);
  CHECK_STATUS(asherah_kms_decrypt_key(kms, key, 32, 1700000000, -1, &back), refused);
  CHECK_STATUS(asherah_kms_decrypt_key(kms, key, 32, 1700000000, 0, NULL), refused);
  CHECK_STATUS(asherah_kms_decrypt_key(kms, NULL, 0, 1700000000, 0, &back), ASHERAH_ERROR_MALFORMED_RECORD);
  CHECK(check_stat("live_secrets") <= 1, "%lld live secrets", check_stat("live_secrets")); /* a static master key */
}

static void test_handles_used_by_themselves(void) {
  host_open(&host);
  use_metastore(host.metastore);
  use_kms(host.kms);
  host_close(&host);

  static const char config[] =
      "{\"Metastore\":\"memory\",\"KMS\":\"static\",\"StaticMasterKeyHex\":\"" CHECK_KEY_HEX "\"}";
  AsherahMetastore *metastore = asherah_metastore_new(config);
  AsherahKms *kms = asherah_kms_new(config);
  REQUIRE(metastore && kms, "%s", asherah_last_error_message());
  use_metastore(metastore);
  use_kms(kms);
  asherah_metastore_free(metastore);
  asherah_kms_free(kms);
  CHECK(check_stat("live_secrets") == 0, "%lld live secrets", check_stat("live_secrets"));
  CHECK(!asherah_metastore_new("{}") && asherah_last_error_code() == ASHERAH_ERROR_CONFIGURATION, "no metastore named");
  CHECK(!asherah_kms_new("{}") && asherah_last_error_code() == ASHERAH_ERROR_CONFIGURATION, "no KMS named");
  CHECK(!asherah_metastore_new(NULL) && asherah_last_error_code() == ASHERAH_ERROR_INVALID_ARGUMENT, "NULL");
  CHECK(!asherah_factory_new(NULL, NULL, NULL, NULL) && asherah_last_error_code() == ASHERAH_ERROR_INVALID_ARGUMENT,
        "NULL");
}

/* Handles of every wrong kind, in every place. */
static void test_wrong_handles(void) {
  host_open(&host);
  AsherahFactory *factory = host_factory(&host, HOST_CONFIG);
  AsherahSession *session = asherah_factory_get_session(factory, "p");
  AsherahMetastore *freed_metastore = asherah_metastore_new("{\"Metastore\":\"memory\"}");
  AsherahKms *freed_kms = asherah_kms_new("{\"KMS\":\"static\",\"StaticMasterKeyHex\":\"" CHECK_KEY_HEX "\"}");
  asherah_metastore_free(freed_metastore);
  asherah_metastore_free(freed_metastore);
  asherah_kms_free(freed_kms);
  asherah_kms_free(freed_kms);
  asherah_metastore_free(NULL);
  asherah_kms_free(NULL);
  const int closed = ASHERAH_ERROR_CLOSED_HANDLE;
  AsherahBuffer out = {0};
  int32_t stored;
  uint8_t key[32] = {0};
  void *wrong[] = {NULL,
                   (void *)1,
                   factory,
                   session,
                   freed_metastore,
                   freed_kms,
                   (void *)((uintptr_t)host.kms ^ 1),
                   (void *)UINTPTR_MAX,
                   host.metastore,
                   host.kms};
  enum { METASTORE = 8, KMS = 9, COUNT = 10 }; /* which of them are good as what */
  for (size_t i = 0; i < COUNT; i++) {
    if (i != METASTORE) {
      CHECK_STATUS(asherah_metastore_load(wrong[i], ID("id"), 0, &out), closed);
      CHECK_STATUS(asherah_metastore_load_latest(wrong[i], ID("id"), &out), closed);
      CHECK_STATUS(asherah_metastore_store(wrong[i], ID("id"), 1700000000, ID(RECORD), &stored), closed);
      CHECK_STATUS(asherah_metastore_key_suffix(wrong[i], &out), closed);
      if (wrong[i]) {
        asherah_metastore_free(wrong[i]);
        CHECK(!asherah_factory_new(HOST_CONFIG, wrong[i], host.kms, NULL) && asherah_last_error_code() == closed,
              "handle %zu taken for a metastore", i);
      }
    }
    if (i != KMS) {
      CHECK_STATUS(asherah_kms_encrypt_key(wrong[i], key, 32, 0, 0, &out), closed);
      CHECK_STATUS(asherah_kms_decrypt_key(wrong[i], key, 32, 0, 0, &out), closed);
      if (wrong[i]) {
        asherah_kms_free(wrong[i]);
        CHECK(!asherah_factory_new(HOST_CONFIG, host.metastore, wrong[i], NULL) && asherah_last_error_code() == closed,
              "handle %zu taken for a KMS", i);
      }
    }
  }
  CHECK_STATUS(host_use(session), ASHERAH_OK); /* the handles that are good were not freed by others' names */
  asherah_session_free(session);
  asherah_factory_free(factory);
  host_close(&host);
}

int main(void) {
  RUN(test_tables_that_are_refused);
  RUN(test_functions_that_must_be_there);
  RUN(test_key_suffix);
  RUN(test_handles_used_by_themselves);
  RUN(test_wrong_handles);
  FINISH();
}
