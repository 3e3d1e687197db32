#include "calls.h"

/* Checks the arguments of a call whose result has need bytes. */
static int check_cipher(const uint8_t *key, const uint8_t *nonce, const uint8_t *data, size_t len, const uint8_t *out,
                        size_t capacity, size_t need, size_t *written) {
  if (key == NULL || nonce == NULL)
    return lasterror_fail(ASHERAH_ERROR_INVALID_ARGUMENT, "the key or the nonce is NULL");
  if (out == NULL && capacity != 0)
    return lasterror_fail(ASHERAH_ERROR_INVALID_ARGUMENT, "the output is NULL and its capacity is not 0");
  if (capacity > PTRDIFF_MAX)
    return lasterror_fail(ASHERAH_ERROR_INVALID_ARGUMENT, "the capacity of the output is impossible");
  if (capacity < need) {
    *written = need;
    return lasterror_fail(ASHERAH_ERROR_BUFFER_TOO_SMALL, "the output has no room for the result");
  }
  if ((data != out && overlap(data, len, out, capacity)) || overlap(key, ASHERAH_AES_KEY_SIZE, out, capacity) ||
      overlap(nonce, ASHERAH_AES_NONCE_SIZE, out, capacity))
    return lasterror_fail(
        ASHERAH_ERROR_INVALID_ARGUMENT,
        "the output overlaps the key, the nonce, or a part of the input that does not begin where it does");
  return ASHERAH_OK;
}

int asherah_aes_gcm_seal(const uint8_t *key, const uint8_t *nonce, const uint8_t *data, size_t len, uint8_t *out,
                         size_t capacity, size_t *written) {
  ENTER_STATUS;
  if (written == NULL)
    return lasterror_fail(ASHERAH_ERROR_INVALID_ARGUMENT, "written is NULL");
  *written = 0;
  int status = check_input(data, len);
  if (status != ASHERAH_OK)
    return status;
  size_t need = len + ASHERAH_AES_TAG_SIZE;
  status = check_cipher(key, nonce, data, len, out, capacity, need, written);
  if (status != ASHERAH_OK)
    return status;
  status = borderSeal((uintptr_t)key, (uintptr_t)nonce, (uintptr_t)data, len, (uintptr_t)out);
  if (status == ASHERAH_OK)
    *written = need;
  return status;
}

int asherah_aes_gcm_open(const uint8_t *key, const uint8_t *nonce, const uint8_t *data, size_t len, uint8_t *out,
                         size_t capacity, size_t *written) {
  ENTER_STATUS;
  if (written == NULL)
    return lasterror_fail(ASHERAH_ERROR_INVALID_ARGUMENT, "written is NULL");
  *written = 0;
  int status = check_input(data, len);
  if (status != ASHERAH_OK)
    return status;
  size_t need = len < ASHERAH_AES_TAG_SIZE ? 0 : len - ASHERAH_AES_TAG_SIZE;
  status = check_cipher(key, nonce, data, len, out, capacity, need, written);
  if (status != ASHERAH_OK)
    return status;
  if (len < ASHERAH_AES_TAG_SIZE)
    return lasterror_fail(ASHERAH_ERROR_AUTHENTICATION, "the data is shorter than the tag that ends it");
  status = borderOpen((uintptr_t)key, (uintptr_t)nonce, (uintptr_t)data, len, (uintptr_t)out);
  if (status == ASHERAH_OK)
    *written = need;
  return status;
}
