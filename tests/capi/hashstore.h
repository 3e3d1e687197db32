/*
 * A metastore as a host would write it: key records in a hash map, behind one lock. For tests and the benchmark.
 */
#ifndef CAPI_HASHSTORE_H
#define CAPI_HASHSTORE_H

#include "../../include/asherah.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { HASHSTORE_BUCKETS = 4096 };

struct hashstore_row {
  struct hashstore_row *next;
  int64_t created;
  size_t id_len, record_len;
  uint8_t bytes[]; /* id, then record */
};

struct hashstore {
  pthread_mutex_t mutex;
  const char *suffix; /* of key ids; NULL: none */
  size_t rows;
  struct hashstore_row *buckets[HASHSTORE_BUCKETS];
};

static inline struct hashstore *hashstore_new(const char *suffix) {
  struct hashstore *store = calloc(1, sizeof *store);
  if (!store)
    abort();
  pthread_mutex_init(&store->mutex, NULL);
  store->suffix = suffix;
  return store;
}

static inline void hashstore_free(struct hashstore *store) {
  for (size_t i = 0; i < HASHSTORE_BUCKETS; i++) {
    for (struct hashstore_row *row = store->buckets[i], *next; row; row = next) {
      next = row->next;
      free(row);
    }
  }
  pthread_mutex_destroy(&store->mutex);
  free(store);
}

static inline struct hashstore_row **hashstore_bucket(struct hashstore *store, const uint8_t *id, size_t id_len) {
  uint64_t hash = 14695981039346656037u; /* FNV-1a */
  for (size_t i = 0; i < id_len; i++)
    hash = (hash ^ id[i]) * 1099511628211u;
  return &store->buckets[(hash ^ hash >> 32) % HASHSTORE_BUCKETS];
}

/* The row with this created, or the one with the largest where latest is not 0. The lock is held. */
static inline struct hashstore_row *hashstore_find(struct hashstore *store, const uint8_t *id, size_t id_len,
                                                   int64_t created, int latest) {
  struct hashstore_row *found = NULL;
  for (struct hashstore_row *row = *hashstore_bucket(store, id, id_len); row; row = row->next) {
    if (row->id_len != id_len || memcmp(row->bytes, id, id_len) != 0)
      continue;
    if (latest ? !found || row->created > found->created : row->created == created)
      found = row;
  }
  return found;
}

static inline int32_t hashstore_answer(struct hashstore *store, const uint8_t *id, size_t id_len, int64_t created,
                                       int latest, AsherahReply *reply) {
  pthread_mutex_lock(&store->mutex);
  struct hashstore_row *row = hashstore_find(store, id, id_len, created, latest);
  pthread_mutex_unlock(&store->mutex); /* rows are never changed or removed */
  if (!row)
    return ASHERAH_ABSENT;
  uint8_t *result = reply->allocate(reply, row->record_len);
  if (!result)
    return ASHERAH_HOST_STATUS;
  memcpy(result, row->bytes + row->id_len, row->record_len);
  return 0;
}

static int32_t hashstore_load(void *store, const uint8_t *id, size_t id_len, int64_t created, AsherahReply *reply) {
  return hashstore_answer(store, id, id_len, created, 0, reply);
}

static int32_t hashstore_load_latest(void *store, const uint8_t *id, size_t id_len, AsherahReply *reply) {
  return hashstore_answer(store, id, id_len, 0, 1, reply);
}

static int32_t hashstore_store(void *user_data, const uint8_t *id, size_t id_len, int64_t created,
                               const uint8_t *record, size_t record_len, AsherahReply *reply) {
  struct hashstore *store = user_data;
  struct hashstore_row *row = malloc(sizeof *row + id_len + record_len);
  if (!row) {
    reply->set_message(reply, "out of memory", 13);
    return ASHERAH_HOST_STATUS;
  }
  *row = (struct hashstore_row){.created = created, .id_len = id_len, .record_len = record_len};
  memcpy(row->bytes, id, id_len);
  memcpy(row->bytes + id_len, record, record_len);
  pthread_mutex_lock(&store->mutex);
  int duplicate = hashstore_find(store, id, id_len, created, 0) != NULL;
  if (!duplicate) {
    struct hashstore_row **bucket = hashstore_bucket(store, id, id_len);
    row->next = *bucket;
    *bucket = row;
    store->rows++;
  }
  pthread_mutex_unlock(&store->mutex);
  if (duplicate)
    free(row);
  return duplicate ? ASHERAH_DUPLICATE : 0;
}

static int32_t hashstore_key_suffix(void *user_data, AsherahReply *reply) {
  const char *suffix = ((struct hashstore *)user_data)->suffix;
  size_t len = suffix ? strlen(suffix) : 0;
  uint8_t *result = reply->allocate(reply, len);
  if (!result)
    return ASHERAH_HOST_STATUS;
  if (len > 0)
    memcpy(result, suffix, len);
  return 0;
}

static inline AsherahMetastoreCallbacks hashstore_callbacks(struct hashstore *store) {
  return (AsherahMetastoreCallbacks){.size = sizeof(AsherahMetastoreCallbacks),
                                     .version = ASHERAH_CALLBACKS_VERSION,
                                     .user_data = store,
                                     .load = hashstore_load,
                                     .load_latest = hashstore_load_latest,
                                     .store = hashstore_store,
                                     .key_suffix = hashstore_key_suffix};
}

#endif
