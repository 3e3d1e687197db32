/* What the tests of functions of the host share: a store and a KMS whose calls are counted and may go wrong. */
#ifndef CAPI_HOST_H
#define CAPI_HOST_H

#include "check.h"
#include "hashstore.h"
#include "hostkms.h"

#include <time.h>

struct host;

/* Stands before a function of the store or the KMS. Returns whether it has answered with *answer. */
typedef bool (*host_fault)(struct host *host, const char *function, AsherahReply *reply, int32_t *answer);

struct host {
  struct hashstore *table;
  struct hostkms master;
  host_fault fault;
  void *argument; /* the fault's */
  atomic_int loads, stores, encryptions, decryptions, running, metastore_releases, kms_releases, late;
  AsherahMetastore *metastore;
  AsherahKms *kms;
};

static inline void host_pause(long milliseconds) {
  struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000};
  nanosleep(&time, NULL);
}

/* Begins a call. Functions that run after their table was released are counted. */
static inline bool host_begin(struct host *host, atomic_int *calls, atomic_int *releases, const char *function,
                              AsherahReply *reply, int32_t *answer) {
  atomic_fetch_add(&host->running, 1);
  atomic_fetch_add(calls, 1);
  if (*releases != 0)
    atomic_fetch_add(&host->late, 1);
  return host->fault && host->fault(host, function, reply, answer);
}

static inline int32_t host_end(struct host *host, atomic_int *releases, int32_t answer) {
  if (*releases != 0)
    atomic_fetch_add(&host->late, 1);
  atomic_fetch_sub(&host->running, 1);
  return answer;
}

static int32_t host_load(void *user_data, const uint8_t *id, size_t id_len, int64_t created, AsherahReply *reply) {
  struct host *host = user_data;
  int32_t answer;
  if (!host_begin(host, &host->loads, &host->metastore_releases, "load", reply, &answer))
    answer = hashstore_load(host->table, id, id_len, created, reply);
  return host_end(host, &host->metastore_releases, answer);
}

static int32_t host_load_latest(void *user_data, const uint8_t *id, size_t id_len, AsherahReply *reply) {
  struct host *host = user_data;
  int32_t answer;
  if (!host_begin(host, &host->loads, &host->metastore_releases, "load_latest", reply, &answer))
    answer = hashstore_load_latest(host->table, id, id_len, reply);
  return host_end(host, &host->metastore_releases, answer);
}

static int32_t host_store(void *user_data, const uint8_t *id, size_t id_len, int64_t created, const uint8_t *record,
                          size_t record_len, AsherahReply *reply) {
  struct host *host = user_data;
  int32_t answer;
  if (!host_begin(host, &host->stores, &host->metastore_releases, "store", reply, &answer))
    answer = hashstore_store(host->table, id, id_len, created, record, record_len, reply);
  return host_end(host, &host->metastore_releases, answer);
}

static void host_release_metastore(void *user_data) {
  struct host *host = user_data;
  atomic_fetch_add(&host->metastore_releases, 1);
}

static int32_t host_encrypt_key(void *user_data, const uint8_t *key, size_t key_len, int64_t created, int32_t revoked,
                                AsherahReply *reply) {
  struct host *host = user_data;
  int32_t answer;
  if (!host_begin(host, &host->encryptions, &host->kms_releases, "encrypt_key", reply, &answer))
    answer = hostkms_encrypt_key(&host->master, key, key_len, created, revoked, reply);
  return host_end(host, &host->kms_releases, answer);
}

static int32_t host_decrypt_key(void *user_data, const uint8_t *blob, size_t blob_len, int64_t created, int32_t revoked,
                                AsherahReply *reply) {
  struct host *host = user_data;
  int32_t answer;
  if (!host_begin(host, &host->decryptions, &host->kms_releases, "decrypt_key", reply, &answer))
    answer = hostkms_decrypt_key(&host->master, blob, blob_len, created, revoked, reply);
  return host_end(host, &host->kms_releases, answer);
}

static void host_release_kms(void *user_data) {
  struct host *host = user_data;
  atomic_fetch_add(&host->kms_releases, 1);
}

static inline AsherahMetastoreCallbacks host_metastore_callbacks(struct host *host) {
  return (AsherahMetastoreCallbacks){.size = sizeof(AsherahMetastoreCallbacks),
                                     .version = ASHERAH_CALLBACKS_VERSION,
                                     .user_data = host,
                                     .load = host_load,
                                     .load_latest = host_load_latest,
                                     .store = host_store,
                                     .release = host_release_metastore};
}

static inline AsherahKmsCallbacks host_kms_callbacks(struct host *host) {
  return (AsherahKmsCallbacks){.size = sizeof(AsherahKmsCallbacks),
                               .version = ASHERAH_CALLBACKS_VERSION,
                               .user_data = host,
                               .encrypt_key = host_encrypt_key,
                               .decrypt_key = host_decrypt_key,
                               .release = host_release_kms};
}

static inline void host_open(struct host *host) {
  *host = (struct host){.table = hashstore_new(NULL), .master = {"a master key of exactly 32 bytes"}};
  AsherahMetastoreCallbacks metastore = host_metastore_callbacks(host);
  AsherahKmsCallbacks kms = host_kms_callbacks(host);
  host->metastore = asherah_metastore_new_from_callbacks(&metastore);
  host->kms = asherah_kms_new_from_callbacks(&kms);
  CHECK(host->metastore && host->kms, "%s", asherah_last_error_message());
}

static inline void host_free_handles(struct host *host) {
  asherah_metastore_free(host->metastore);
  asherah_kms_free(host->kms);
}

/* Whether both tables come to be released, within ten seconds. */
static inline bool host_released(struct host *host) {
  for (int i = 0; i < 10000 && (host->metastore_releases == 0 || host->kms_releases == 0); i++)
    host_pause(1);
  return host->metastore_releases == 1 && host->kms_releases == 1;
}

/* Frees the handles, when all else is freed, and checks how the tables ended and that no key is left. */
static inline void host_close(struct host *host) {
  host_free_handles(host);
  CHECK(host_released(host), "%d and %d releases", host->metastore_releases, host->kms_releases);
  CHECK(host->late == 0, "%d calls after a release", host->late);
  CHECK(host->running == 0, "%d calls have not returned", host->running);
  CHECK(check_stat("live_secrets") == 0, "%lld live secrets", check_stat("live_secrets"));
  static const char *const handles[] = {"factories", "sessions", "metastores", "kms"};
  for (int i = 0; i < 4; i++)
    CHECK(check_stat(handles[i]) == 0, "%lld %s", check_stat(handles[i]), handles[i]);
  hashstore_free(host->table);
}

#define HOST_CONFIG_WITH(members)                                                                                      \
  "{\"ServiceName\":\"service\",\"ProductID\":\"product\",\"StrictConfig\":true" members "}"
#define HOST_CONFIG HOST_CONFIG_WITH("")

static inline AsherahFactory *host_factory(struct host *host, const char *config) {
  AsherahFactory *factory = asherah_factory_new(config, host->metastore, host->kms, NULL);
  CHECK(factory, "%s", asherah_last_error_message());
  return factory;
}

/* The status of the encryption of a word, which is decrypted again if that went well. */
static inline int host_use(AsherahSession *session) {
  static const char word[] = "a word";
  AsherahBuffer record = {0}, text = {0};
  int status = asherah_encrypt_to_json(session, (const uint8_t *)word, sizeof word, &record);
  if (status == ASHERAH_OK) {
    status = asherah_decrypt_from_json(session, record.data, record.len, &text);
    CHECK(status != ASHERAH_OK || (text.len == sizeof word && memcmp(text.data, word, sizeof word) == 0),
          "another plaintext");
  }
  asherah_buffer_free(&record);
  asherah_buffer_free(&text);
  return status;
}

/* host_use() in a session of its own. */
static inline int host_use_partition(AsherahFactory *factory, const char *partition) {
  AsherahSession *session = asherah_factory_get_session(factory, partition);
  int status = host_use(session);
  int kept = asherah_last_error_code();
  CHECK(status == kept, "the status is %d, the last error's %d", status, kept);
  asherah_session_free(session);
  return status;
}

/* What a function answers in place of its work. */
struct host_reply {
  const char *function;
  int32_t status;
  const char *message;
  size_t len;
};

static inline void host_open_session(struct host *host, const char *config, AsherahFactory **factory,
                                     AsherahSession **session) {
  host_open(host);
  *factory = host_factory(host, config);
  *session = asherah_factory_get_session(*factory, "partition");
  CHECK(*session, "%s", asherah_last_error_message());
}

static inline void host_close_session(struct host *host, AsherahFactory *factory, AsherahSession *session) {
  asherah_session_free(session);
  asherah_factory_free(factory);
  host_close(host);
}

#endif
