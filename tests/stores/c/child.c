/*
 * A host with metastores and KMSs of its own, those of hashstore.h and hostkms.h. It does what the Go tests ask for on
 * standard input, through the handles that the library made of them; ../protocol_test.go says how. Its status is 0 if
 * every table was released once.
 */
#include "../../capi/hashstore.h"
#include "../../capi/hostkms.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>

enum { THREADS = 8, MAX_PARTS = 4096, REQUEST_HEAD = 32, ANSWER_HEAD = 16, MAX_TEXT = 1 << 24 };

enum {
  NEW_METASTORE,
  SAME_METASTORE,
  LOAD,
  LOAD_LATEST,
  STORE,
  KEY_SUFFIX,
  NEW_KMS,
  ENCRYPT_KEY,
  DECRYPT_KEY,
  WRAP,
  STATS
};

struct request {
  uint32_t number, operation, part, flag;
  int64_t created;
  uint32_t first_len, second_len;
  uint8_t *first, *second;
};

/* What a number of the protocol stands for: a handle and what its functions work on. */
struct part {
  AsherahMetastore *metastore;
  AsherahKms *kms;
  void *data;
  atomic_int released;
};

static struct part parts[MAX_PARTS];
static atomic_uint used;
static struct hashstore *tables[MAX_PARTS];
static atomic_uint tables_used;
static pthread_mutex_t in_mutex = PTHREAD_MUTEX_INITIALIZER, out_mutex = PTHREAD_MUTEX_INITIALIZER;

static void fail(const char *what) {
  fprintf(stderr, "child: %s\n", what);
  exit(2);
}

/* The tables' functions get the part as user data, so that their release is counted. */

static int32_t part_load(void *part, const uint8_t *id, size_t id_len, int64_t created, AsherahReply *reply) {
  return hashstore_load(((struct part *)part)->data, id, id_len, created, reply);
}

static int32_t part_load_latest(void *part, const uint8_t *id, size_t id_len, AsherahReply *reply) {
  return hashstore_load_latest(((struct part *)part)->data, id, id_len, reply);
}

static int32_t part_store(void *part, const uint8_t *id, size_t id_len, int64_t created, const uint8_t *record,
                          size_t record_len, AsherahReply *reply) {
  return hashstore_store(((struct part *)part)->data, id, id_len, created, record, record_len, reply);
}

static int32_t part_key_suffix(void *part, AsherahReply *reply) {
  return hashstore_key_suffix(((struct part *)part)->data, reply);
}

static int32_t part_encrypt_key(void *part, const uint8_t *key, size_t key_len, int64_t created, int32_t revoked,
                                AsherahReply *reply) {
  return hostkms_encrypt_key(((struct part *)part)->data, key, key_len, created, revoked, reply);
}

static int32_t part_decrypt_key(void *part, const uint8_t *blob, size_t blob_len, int64_t created, int32_t revoked,
                                AsherahReply *reply) {
  return hostkms_decrypt_key(((struct part *)part)->data, blob, blob_len, created, revoked, reply);
}

static void part_release(void *part) { atomic_fetch_add(&((struct part *)part)->released, 1); }

static struct part *new_part(void *data) {
  unsigned i = atomic_fetch_add(&used, 1);
  if (i >= MAX_PARTS)
    fail("too many parts");
  parts[i].data = data;
  return &parts[i];
}

static uint32_t new_metastore(struct hashstore *table) {
  struct part *part = new_part(table);
  AsherahMetastoreCallbacks callbacks = {.size = sizeof callbacks,
                                         .version = ASHERAH_CALLBACKS_VERSION,
                                         .user_data = part,
                                         .load = part_load,
                                         .load_latest = part_load_latest,
                                         .store = part_store,
                                         .key_suffix = part_key_suffix,
                                         .release = part_release};
  part->metastore = asherah_metastore_new_from_callbacks(&callbacks);
  if (!part->metastore)
    fail(asherah_last_error_message());
  return (uint32_t)(part - parts);
}

static uint32_t new_table(const struct request *r) {
  char *suffix = calloc(1, r->first_len + 1);
  unsigned i = atomic_fetch_add(&tables_used, 1);
  if (!suffix || i >= MAX_PARTS)
    fail("too many tables");
  memcpy(suffix, r->first, r->first_len);
  tables[i] = hashstore_new(suffix);
  return new_metastore(tables[i]);
}

static uint32_t new_kms(const struct request *r) {
  struct hostkms *master = malloc(sizeof *master);
  if (!master || r->first_len != sizeof master->master)
    fail("a master key has 32 bytes");
  memcpy(master->master, r->first, sizeof master->master);
  struct part *part = new_part(master);
  AsherahKmsCallbacks callbacks = {.size = sizeof callbacks,
                                   .version = ASHERAH_CALLBACKS_VERSION,
                                   .user_data = part,
                                   .encrypt_key = part_encrypt_key,
                                   .decrypt_key = part_decrypt_key,
                                   .release = part_release};
  part->kms = asherah_kms_new_from_callbacks(&callbacks);
  if (!part->kms)
    fail(asherah_last_error_message());
  return (uint32_t)(part - parts);
}

/* What the KMS makes of a key of any length. */
static void wrap(const struct request *r, AsherahBuffer *result) {
  result->data = malloc(r->first_len + HOSTKMS_OVERHEAD);
  result->len = result->capacity = r->first_len + HOSTKMS_OVERHEAD;
  if (!result->data || !hostkms_seal(parts[r->part].data, r->first, r->first_len, result->data))
    fail("wrapping");
}

static int perform(const struct request *r, uint32_t *value, AsherahBuffer *result) {
  struct part *part = &parts[r->part];
  int32_t stored = 0;
  int status = ASHERAH_OK;
  switch (r->operation) {
  case NEW_METASTORE:
    *value = new_table(r);
    break;
  case SAME_METASTORE:
    *value = new_metastore(part->data);
    break;
  case LOAD:
    status = asherah_metastore_load(part->metastore, r->first, r->first_len, r->created, result);
    break;
  case LOAD_LATEST:
    status = asherah_metastore_load_latest(part->metastore, r->first, r->first_len, result);
    break;
  case STORE:
    status =
        asherah_metastore_store(part->metastore, r->first, r->first_len, r->created, r->second, r->second_len, &stored);
    *value = (uint32_t)stored;
    break;
  case KEY_SUFFIX:
    status = asherah_metastore_key_suffix(part->metastore, result);
    break;
  case NEW_KMS:
    *value = new_kms(r);
    break;
  case ENCRYPT_KEY:
    status = asherah_kms_encrypt_key(part->kms, r->first, r->first_len, r->created, (int32_t)r->flag, result);
    break;
  case DECRYPT_KEY:
    status = asherah_kms_decrypt_key(part->kms, r->first, r->first_len, r->created, (int32_t)r->flag, result);
    break;
  case WRAP:
    wrap(r, result);
    break;
  case STATS:
    status = asherah_stats(result);
    break;
  default:
    fail("unknown operation");
  }
  return status;
}

static bool read_request(struct request *r) {
  uint8_t head[REQUEST_HEAD];
  pthread_mutex_lock(&in_mutex);
  bool more = fread(head, sizeof head, 1, stdin) == 1;
  if (more) {
    memcpy(&r->number, head, 4);
    memcpy(&r->operation, head + 4, 4);
    memcpy(&r->part, head + 8, 4);
    memcpy(&r->flag, head + 12, 4);
    memcpy(&r->created, head + 16, 8);
    memcpy(&r->first_len, head + 24, 4);
    memcpy(&r->second_len, head + 28, 4);
    if (r->part >= MAX_PARTS || r->first_len > MAX_TEXT || r->second_len > MAX_TEXT)
      fail("bad request");
    r->first = malloc(r->first_len + r->second_len + 1);
    r->second = r->first + r->first_len;
    if (!r->first || fread(r->first, 1, r->first_len + r->second_len, stdin) != r->first_len + r->second_len)
      fail("cut request");
  }
  pthread_mutex_unlock(&in_mutex);
  return more;
}

static void answer(const struct request *r, int status, uint32_t value, const AsherahBuffer *result) {
  uint8_t head[ANSWER_HEAD];
  const char *message = status == ASHERAH_OK ? NULL : asherah_last_error_message();
  uint32_t len = (uint32_t)(message ? strlen(message) : result->len);
  memcpy(head, &r->number, 4);
  memcpy(head + 4, &(int32_t){status}, 4);
  memcpy(head + 8, &value, 4);
  memcpy(head + 12, &len, 4);
  pthread_mutex_lock(&out_mutex);
  fwrite(head, sizeof head, 1, stdout);
  fwrite(message ? (const void *)message : result->data, 1, len, stdout);
  fflush(stdout);
  pthread_mutex_unlock(&out_mutex);
}

static void *serve(void *unused) {
  struct request r;
  while (read_request(&r)) {
    AsherahBuffer result = {0};
    uint32_t value = 0;
    int status = perform(&r, &value, &result);
    answer(&r, status, value, &result);
    asherah_buffer_free(&result);
    free(r.first);
  }
  return unused;
}

int main(void) {
  pthread_t threads[THREADS];
  for (int i = 0; i < THREADS; i++) {
    if (pthread_create(&threads[i], NULL, serve, NULL) != 0)
      fail("pthread_create");
  }
  for (int i = 0; i < THREADS; i++)
    pthread_join(threads[i], NULL);
  int status = 0;
  for (unsigned i = 0; i < used; i++) {
    asherah_metastore_free(parts[i].metastore);
    asherah_kms_free(parts[i].kms);
    if (parts[i].released != 1) {
      fprintf(stderr, "child: part %u was released %d times\n", i, parts[i].released);
      status = 1;
    }
    if (parts[i].kms)
      free(parts[i].data);
  }
  for (unsigned i = 0; i < tables_used; i++) {
    free((void *)tables[i]->suffix);
    hashstore_free(tables[i]);
  }
  return status;
}
