#include "calls.h"

AsherahSecret *asherah_secret_new(size_t len, uint8_t **data) {
  ENTER_HANDLE;
  if (data == NULL) {
    lasterror_fail(ASHERAH_ERROR_INVALID_ARGUMENT, "the place for the secret's address is NULL");
    return NULL;
  }
  *data = NULL;
  if (len == 0 || len > ASHERAH_MAX_SECRET) {
    lasterror_fail(ASHERAH_ERROR_INVALID_ARGUMENT, "the length of a secret is 1 to ASHERAH_MAX_SECRET bytes");
    return NULL;
  }
  uintptr_t address = 0;
  AsherahSecret *secret = (AsherahSecret *)borderSecretNew(len, &address);
  *data = (uint8_t *)address;
  return secret;
}

void asherah_secret_free(AsherahSecret *secret) {
  if (secret != NULL && enter_quietly())
    borderSecretFree((uintptr_t)secret);
}
