#include "callbacks.h"

#include "calls.h"

AsherahMetastore *asherah_metastore_new(const char *config_json) {
  ENTER_HANDLE;
  ptrdiff_t n = border_config_length(config_json);
  return n < 0 ? NULL : (AsherahMetastore *)borderMetastoreNew((uintptr_t)config_json, (size_t)n);
}

AsherahMetastore *asherah_metastore_new_from_callbacks(const AsherahMetastoreCallbacks *callbacks) {
  ENTER_HANDLE;
  AsherahMetastoreCallbacks *table = border_copy_metastore(callbacks);
  if (table == NULL)
    return NULL;
  uintptr_t handle = borderMetastoreFromCallbacks(table);
  if (handle == 0)
    free(table);
  return (AsherahMetastore *)handle;
}

void asherah_metastore_free(AsherahMetastore *metastore) {
  if (metastore != NULL && enter_quietly())
    borderMetastoreFree((uintptr_t)metastore);
}

static int check_id(const uint8_t *id, size_t id_len) {
  if (id == NULL && id_len != 0)
    return lasterror_fail(ASHERAH_ERROR_INVALID_ARGUMENT, "the key id is NULL and its length is not 0");
  if (id_len > BORDER_MAX_STRING)
    return lasterror_fail(ASHERAH_ERROR_INVALID_ARGUMENT, "the key id is longer than 1 MiB");
  return ASHERAH_OK;
}

static int load(AsherahMetastore *metastore, const uint8_t *id, size_t id_len, int64_t created, int latest,
                AsherahBuffer *record) {
  if (record == NULL)
    return lasterror_fail(ASHERAH_ERROR_INVALID_ARGUMENT, "the output buffer is NULL");
  *record = EMPTY_BUFFER;
  int status = check_id(id, id_len);
  if (status != ASHERAH_OK)
    return status;
  return borderMetastoreLoad((uintptr_t)metastore, (uintptr_t)id, id_len, created, latest, record);
}

int asherah_metastore_load(AsherahMetastore *metastore, const uint8_t *id, size_t id_len, int64_t created,
                           AsherahBuffer *record) {
  ENTER_STATUS;
  return load(metastore, id, id_len, created, 0, record);
}

int asherah_metastore_load_latest(AsherahMetastore *metastore, const uint8_t *id, size_t id_len,
                                  AsherahBuffer *record) {
  ENTER_STATUS;
  return load(metastore, id, id_len, 0, 1, record);
}

int asherah_metastore_store(AsherahMetastore *metastore, const uint8_t *id, size_t id_len, int64_t created,
                            const uint8_t *record, size_t record_len, int32_t *stored) {
  ENTER_STATUS;
  if (stored == NULL)
    return lasterror_fail(ASHERAH_ERROR_INVALID_ARGUMENT, "stored is NULL");
  *stored = 0;
  int status = check_id(id, id_len);
  if (status == ASHERAH_OK)
    status = check_input(record, record_len);
  if (status != ASHERAH_OK)
    return status;
  return borderMetastoreStore((uintptr_t)metastore, (uintptr_t)id, id_len, created, (uintptr_t)record, record_len,
                              stored);
}

int asherah_metastore_key_suffix(AsherahMetastore *metastore, AsherahBuffer *suffix) {
  ENTER_STATUS;
  if (suffix == NULL)
    return lasterror_fail(ASHERAH_ERROR_INVALID_ARGUMENT, "the output buffer is NULL");
  *suffix = EMPTY_BUFFER;
  return borderMetastoreKeySuffix((uintptr_t)metastore, suffix);
}
