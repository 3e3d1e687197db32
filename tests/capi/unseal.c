/*
 * Opens sealed values: reads lines "<key, hex> <sealed value, hex>" and prints what was sealed, hex, or "-". A sealed
 * value is ciphertext, tag (16 bytes), nonce (12 bytes), AES-256-GCM without associated data.
 */
#include <openssl/evp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { KEY = 32, TAG = 16, NONCE = 12, MAX = 1 << 16 };

static size_t from_hex(const char *text, uint8_t *out) {
  size_t n = 0;
  unsigned byte;
  while (n < MAX && sscanf(text + 2 * n, "%2x", &byte) == 1)
    out[n++] = (uint8_t)byte;
  return n;
}

static int unseal(const uint8_t *key, const uint8_t *sealed, size_t len, uint8_t *out) {
  EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
  size_t size = len - TAG - NONCE;
  int n = 0, last = 0;
  int good = ctx && EVP_DecryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, sealed + size + TAG) == 1 &&
             EVP_DecryptUpdate(ctx, out, &n, sealed, (int)size) == 1 &&
             EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, TAG, (void *)(sealed + size)) == 1 &&
             EVP_DecryptFinal_ex(ctx, out + n, &last) == 1;
  EVP_CIPHER_CTX_free(ctx);
  return good;
}

int main(void) {
  static char line[4 * MAX], key_text[256], sealed_text[4 * MAX];
  static uint8_t key[MAX], sealed[MAX], out[MAX];
  while (fgets(line, sizeof line, stdin)) {
    if (sscanf(line, "%255s %262143s", key_text, sealed_text) != 2)
      return 2;
    size_t len = from_hex(sealed_text, sealed);
    if (from_hex(key_text, key) != KEY || len < TAG + NONCE || !unseal(key, sealed, len, out)) {
      puts("-");
      continue;
    }
    for (size_t i = 0; i < len - TAG - NONCE; i++)
      printf("%02x", out[i]);
    putchar('\n');
  }
  return 0;
}
