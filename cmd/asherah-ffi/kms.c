#include "callbacks.h"

#include "calls.h"

AsherahKms *asherah_kms_new(const char *config_json) {
  ENTER_HANDLE;
  ptrdiff_t n = border_config_length(config_json);
  return n < 0 ? NULL : (AsherahKms *)borderKmsNew((uintptr_t)config_json, (size_t)n);
}

AsherahKms *asherah_kms_new_from_callbacks(const AsherahKmsCallbacks *callbacks) {
  ENTER_HANDLE;
  AsherahKmsCallbacks *table = border_copy_kms(callbacks);
  if (table == NULL)
    return NULL;
  uintptr_t handle = borderKmsFromCallbacks(table);
  if (handle == 0)
    free(table);
  return (AsherahKms *)handle;
}

void asherah_kms_free(AsherahKms *kms) {
  if (kms != NULL && enter_quietly())
    borderKmsFree((uintptr_t)kms);
}

static int check_call(const uint8_t *input, size_t len, int32_t revoked, AsherahBuffer *out) {
  if (out == NULL)
    return lasterror_fail(ASHERAH_ERROR_INVALID_ARGUMENT, "the output buffer is NULL");
  *out = EMPTY_BUFFER;
  if (revoked != 0 && revoked != 1)
    return lasterror_fail(ASHERAH_ERROR_INVALID_ARGUMENT, "revoked is neither 0 nor 1");
  return check_input(input, len);
}

int asherah_kms_encrypt_key(AsherahKms *kms, const uint8_t *key, size_t key_len, int64_t created, int32_t revoked,
                            AsherahBuffer *blob) {
  ENTER_STATUS;
  int status = check_call(key, key_len, revoked, blob);
  if (status != ASHERAH_OK)
    return status;
  return borderKmsEncryptKey((uintptr_t)kms, (uintptr_t)key, key_len, created, revoked, blob);
}

int asherah_kms_decrypt_key(AsherahKms *kms, const uint8_t *blob, size_t blob_len, int64_t created, int32_t revoked,
                            AsherahBuffer *key) {
  ENTER_STATUS;
  int status = check_call(blob, blob_len, revoked, key);
  if (status != ASHERAH_OK)
    return status;
  return borderKmsDecryptKey((uintptr_t)kms, (uintptr_t)blob, blob_len, created, revoked, key);
}
