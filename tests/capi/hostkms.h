/*
 * A KMS as a host would write it: AES-256-GCM under a master key, by OpenSSL. A wrapped key is nonce || ciphertext ||
 * tag. For tests.
 */
#ifndef CAPI_HOSTKMS_H
#define CAPI_HOSTKMS_H

#include "../../include/asherah.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { HOSTKMS_NONCE = 12, HOSTKMS_TAG = 16, HOSTKMS_OVERHEAD = HOSTKMS_NONCE + HOSTKMS_TAG };

struct hostkms {
  uint8_t master[32];
};

/* Writes len + HOSTKMS_OVERHEAD bytes. */
static inline int hostkms_seal(const struct hostkms *kms, const uint8_t *key, size_t len, uint8_t *out) {
  int n = 0;
  EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
  int ok = context && getrandom(out, HOSTKMS_NONCE, 0) == HOSTKMS_NONCE &&
           EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), NULL, kms->master, out) == 1 &&
           EVP_EncryptUpdate(context, out + HOSTKMS_NONCE, &n, key, (int)len) == 1 &&
           EVP_EncryptFinal_ex(context, out + HOSTKMS_NONCE + n, &n) == 1 &&
           EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, HOSTKMS_TAG, out + HOSTKMS_NONCE + len) == 1;
  EVP_CIPHER_CTX_free(context);
  return ok;
}

/* Writes len - HOSTKMS_OVERHEAD bytes, which are no key if the blob does not authenticate. */
static inline int hostkms_open(const struct hostkms *kms, const uint8_t *blob, size_t len, uint8_t *out) {
  int n = 0;
  size_t size = len - HOSTKMS_OVERHEAD;
  EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
  int ok =
      context && EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), NULL, kms->master, blob) == 1 &&
      EVP_DecryptUpdate(context, out, &n, blob + HOSTKMS_NONCE, (int)size) == 1 &&
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, HOSTKMS_TAG, (void *)(blob + HOSTKMS_NONCE + size)) == 1 &&
      EVP_DecryptFinal_ex(context, out + n, &n) == 1;
  EVP_CIPHER_CTX_free(context);
  return ok;
}

static inline int32_t hostkms_fail(AsherahReply *reply, const char *message) {
  reply->set_message(reply, message, strlen(message));
  return ASHERAH_HOST_STATUS;
}

static int32_t hostkms_encrypt_key(void *kms, const uint8_t *key, size_t key_len, int64_t created, int32_t revoked,
                                   AsherahReply *reply) {
  (void)created, (void)revoked;
  uint8_t *blob = reply->allocate(reply, key_len + HOSTKMS_OVERHEAD);
  if (!blob || !hostkms_seal(kms, key, key_len, blob))
    return hostkms_fail(reply, "the key cannot be wrapped");
  return 0;
}

static int32_t hostkms_decrypt_key(void *kms, const uint8_t *blob, size_t blob_len, int64_t created, int32_t revoked,
                                   AsherahReply *reply) {
  (void)created, (void)revoked;
  if (blob_len < HOSTKMS_OVERHEAD)
    return hostkms_fail(reply, "the wrapped key is too short");
  uint8_t *key = reply->allocate(reply, blob_len - HOSTKMS_OVERHEAD);
  if (!key || !hostkms_open(kms, blob, blob_len, key))
    return hostkms_fail(reply, "the wrapped key does not authenticate");
  return 0;
}

static inline AsherahKmsCallbacks hostkms_callbacks(struct hostkms *kms) {
  return (AsherahKmsCallbacks){.size = sizeof(AsherahKmsCallbacks),
                               .version = ASHERAH_CALLBACKS_VERSION,
                               .user_data = kms,
                               .encrypt_key = hostkms_encrypt_key,
                               .decrypt_key = hostkms_decrypt_key};
}

#endif
