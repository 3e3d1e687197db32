/*
 * The floor: what an encryption and a decryption cost when OpenSSL does the cryptography and base64 and nothing else is
 * there: no sessions, no key cache, no look at a clock, no locks. A record is made as libasherah makes one: a fresh
 * 32-byte key seals the data, a fixed key seals that key, both are written as base64 between fixed JSON text. Contexts
 * are reused, and a thread has its own.
 */
#include "driver.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEY = 32, NONCE = 12, TAG = 16, OVERHEAD = TAG + NONCE, SEALED_KEY = KEY + OVERHEAD };

static const char HEAD[] = "{\"Key\":{\"Created\":1700000000,\"Key\":\"";
static const char MIDDLE[] =
    "\",\"ParentKeyMeta\":{\"KeyId\":\"_IK_partition_service_product\",\"Created\":1700000000}},"
    "\"Data\":\"";
static const char TAIL[] = "\"}";
enum { HEAD_LEN = sizeof HEAD - 1, MIDDLE_LEN = sizeof MIDDLE - 1, TAIL_LEN = sizeof TAIL - 1 };

static uint8_t parent_key[KEY];
static EVP_CIPHER *cipher;

/* The contexts under the parent key keep their key schedule; those of records get a new key each time. */
static _Thread_local struct {
  EVP_CIPHER_CTX *seal_key, *open_key, *seal_data, *open_data;
  uint8_t *work;
  size_t work_size;
} local;

static size_t base64_size(size_t n) { return (n + 2) / 3 * 4; }

static void *checked(void *pointer) {
  if (!pointer) {
    fprintf(stderr, "floor: OpenSSL or malloc failed\n");
    exit(1);
  }
  return pointer;
}

static void thread_start(void) {
  if (local.seal_key)
    return;
  local.seal_key = checked(EVP_CIPHER_CTX_new());
  local.open_key = checked(EVP_CIPHER_CTX_new());
  local.seal_data = checked(EVP_CIPHER_CTX_new());
  local.open_data = checked(EVP_CIPHER_CTX_new());
  EVP_EncryptInit_ex(local.seal_key, cipher, NULL, parent_key, NULL);
  EVP_DecryptInit_ex(local.open_key, cipher, NULL, parent_key, NULL);
  EVP_EncryptInit_ex(local.seal_data, cipher, NULL, NULL, NULL);
  EVP_DecryptInit_ex(local.open_data, cipher, NULL, NULL, NULL);
}

static uint8_t *work(size_t size) {
  if (local.work_size < size) {
    free(local.work);
    local.work = checked(malloc(size));
    local.work_size = size;
  }
  return local.work;
}

/* Writes ciphertext, tag and nonce. key is NULL where the context has one. */
static int seal(EVP_CIPHER_CTX *ctx, const uint8_t *key, const uint8_t *nonce, const uint8_t *in, size_t len,
                uint8_t *out) {
  int n = 0, last = 0;
  if (EVP_EncryptInit_ex(ctx, NULL, NULL, key, nonce) != 1 || EVP_EncryptUpdate(ctx, out, &n, in, (int)len) != 1 ||
      EVP_EncryptFinal_ex(ctx, out + n, &last) != 1 ||
      EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, TAG, out + len) != 1)
    return -1;
  memcpy(out + len + TAG, nonce, NONCE);
  return 0;
}

static int unseal(EVP_CIPHER_CTX *ctx, const uint8_t *key, const uint8_t *sealed, size_t len, uint8_t *out) {
  size_t n = len - OVERHEAD;
  int written = 0, last = 0;
  if (EVP_DecryptInit_ex(ctx, NULL, NULL, key, sealed + n + TAG) != 1 ||
      EVP_DecryptUpdate(ctx, out, &written, sealed, (int)n) != 1 ||
      EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, TAG, (void *)(sealed + n)) != 1 ||
      EVP_DecryptFinal_ex(ctx, out + written, &last) != 1)
    return -1;
  return 0;
}

static int encrypt_into(void *session, const uint8_t *data, size_t len, uint8_t *out, size_t capacity,
                        size_t *written) {
  (void)session, (void)capacity;
  thread_start();
  uint8_t random[KEY + 2 * NONCE];
  uint8_t sealed_key[SEALED_KEY];
  uint8_t *sealed = work(len + OVERHEAD);
  if (RAND_bytes(random, sizeof random) != 1 || seal(local.seal_data, random, random + KEY, data, len, sealed) != 0 ||
      seal(local.seal_key, NULL, random + KEY + NONCE, random, KEY, sealed_key) != 0)
    return -1;
  OPENSSL_cleanse(random, sizeof random);
  uint8_t *at = out;
  memcpy(at, HEAD, HEAD_LEN);
  at += HEAD_LEN;
  at += EVP_EncodeBlock(at, sealed_key, SEALED_KEY);
  memcpy(at, MIDDLE, MIDDLE_LEN);
  at += MIDDLE_LEN;
  at += EVP_EncodeBlock(at, sealed, (int)(len + OVERHEAD));
  memcpy(at, TAIL, TAIL_LEN);
  *written = (size_t)(at - out) + TAIL_LEN;
  return 0;
}

/* EVP_DecodeBlock counts padding as data, so the caller looks for it. */
static size_t decode(uint8_t *out, const uint8_t *in, size_t len) {
  int n = EVP_DecodeBlock(out, in, (int)len);
  if (n < 0)
    return 0;
  return (size_t)n - (in[len - 1] == '=') - (in[len - 2] == '=');
}

static int decrypt_into(void *session, const uint8_t *record, size_t len, uint8_t *out, size_t capacity,
                        size_t *written) {
  (void)session, (void)capacity;
  thread_start();
  size_t key_text = base64_size(SEALED_KEY);
  size_t data_at = HEAD_LEN + key_text + MIDDLE_LEN;
  if (len < data_at + TAIL_LEN + base64_size(OVERHEAD))
    return -1;
  size_t data_text = len - data_at - TAIL_LEN;
  uint8_t sealed_key[SEALED_KEY + 2], key[KEY];
  uint8_t *sealed = work(data_text / 4 * 3);
  if (decode(sealed_key, record + HEAD_LEN, key_text) != SEALED_KEY ||
      unseal(local.open_key, NULL, sealed_key, SEALED_KEY, key) != 0)
    return -1;
  size_t n = decode(sealed, record + data_at, data_text);
  int result = n < OVERHEAD ? -1 : unseal(local.open_data, key, sealed, n, out);
  OPENSSL_cleanse(key, sizeof key);
  *written = n - OVERHEAD;
  return result;
}

static int encrypt_out(void *session, const uint8_t *data, size_t len, struct output *out) {
  /* One byte more than the record: EVP_EncodeBlock ends its text with a NUL. */
  size_t size = HEAD_LEN + base64_size(SEALED_KEY) + MIDDLE_LEN + base64_size(len + OVERHEAD) + TAIL_LEN + 1;
  out->data = checked(malloc(size));
  return encrypt_into(session, data, len, out->data, size, &out->len);
}

static int decrypt_out(void *session, const uint8_t *record, size_t len, struct output *out) {
  out->data = checked(malloc(len / 4 * 3 + 1));
  return decrypt_into(session, record, len, out->data, len, &out->len);
}

static void release(struct output *out) { free(out->data); }

static void *session(const char *partition) {
  (void)partition;
  return parent_key;
}

static void close_session(void *handle) { (void)handle; }

static const char *version(void) { return OpenSSL_version(OPENSSL_VERSION); }

static const struct driver driver = {.name = "floor",
                                     .session = session,
                                     .close_session = close_session,
                                     .encrypt = encrypt_out,
                                     .decrypt = decrypt_out,
                                     .release = release,
                                     .encrypt_into = encrypt_into,
                                     .decrypt_into = decrypt_into,
                                     .version = version};

const struct driver *floor_open(void) {
  cipher = checked(EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL));
  if (RAND_bytes(parent_key, sizeof parent_key) != 1)
    checked(NULL);
  return &driver;
}
