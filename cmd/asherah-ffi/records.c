#include "calls.h"

/*
 * How much longer than its base64 data a record is: known to a session, guessed here from the thread's last record, so
 * that the output can be allocated before the one crossing into Go. A guess too small costs a second crossing.
 */
static _Thread_local uint32_t record_overhead __attribute__((tls_model("initial-exec")));
enum { FIRST_OVERHEAD = 320, SLACK = 32, LONG_OVERHEAD = 2048 };

/* Encrypts into a new buffer. */
static int encrypt(uintptr_t session, const uint8_t *data, size_t len, AsherahBuffer *out) {
  size_t field = base64_size(len + SEAL_OVERHEAD), written = 0;
  if (record_overhead == 0)
    record_overhead = FIRST_OVERHEAD;
  for (;;) {
    size_t capacity = field + record_overhead;
    uint8_t *record = malloc(capacity);
    if (record == NULL)
      return no_memory();
    int status = borderEncrypt(session, (uintptr_t)data, len, (uintptr_t)record, capacity, &written, border_flags(0));
    if (status == ASHERAH_OK) {
      *out = (AsherahBuffer){record, written, capacity};
      /* The guess sinks slowly, for threads that go from session to session, but not from a very long id. */
      size_t overhead = written - field + SLACK;
      if (overhead < record_overhead && record_overhead <= LONG_OVERHEAD)
        overhead = record_overhead - (record_overhead - overhead + 15) / 16;
      record_overhead = (uint32_t)overhead;
      return status;
    }
    free(record);
    if (status != ASHERAH_ERROR_BUFFER_TOO_SMALL || written <= capacity)
      return status;
    record_overhead = (uint32_t)(written - field);
    lasterror_clear();
  }
}

int asherah_encrypt_to_json(AsherahSession *session, const uint8_t *data, size_t len, AsherahBuffer *out) {
  ENTER_STATUS;
  if (out == NULL)
    return lasterror_fail(ASHERAH_ERROR_INVALID_ARGUMENT, "the output buffer is NULL");
  *out = EMPTY_BUFFER;
  int status = check_input(data, len);
  return status != ASHERAH_OK ? status : encrypt((uintptr_t)session, data, len, out);
}

static int check_into(const uint8_t *data, size_t len, uint8_t *out, size_t capacity, size_t *written, uint32_t flags) {
  if (written == NULL)
    return lasterror_fail(ASHERAH_ERROR_INVALID_ARGUMENT, "written is NULL");
  *written = 0;
  int status = check_input(data, len);
  if (status != ASHERAH_OK)
    return status;
  if (out == NULL && capacity != 0)
    return lasterror_fail(ASHERAH_ERROR_INVALID_ARGUMENT, "the output is NULL and its capacity is not 0");
  if (capacity > PTRDIFF_MAX)
    return lasterror_fail(ASHERAH_ERROR_INVALID_ARGUMENT, "the capacity of the output is impossible");
  if (overlap(data, len, out, capacity))
    return lasterror_fail(ASHERAH_ERROR_INVALID_ARGUMENT, "input and output overlap");
  return check_flags(flags);
}

int asherah_encrypt_into(AsherahSession *session, const uint8_t *data, size_t len, uint8_t *out, size_t capacity,
                         size_t *written, uint32_t flags) {
  ENTER_STATUS;
  int status = check_into(data, len, out, capacity, written, flags);
  if (status != ASHERAH_OK)
    return status;
  return borderEncrypt((uintptr_t)session, (uintptr_t)data, len, (uintptr_t)out, capacity, written,
                       border_flags(flags));
}

size_t asherah_encrypted_size(AsherahSession *session, size_t len) {
  if (len > ASHERAH_MAX_INPUT || !enter_quietly())
    return 0;
  return borderEncryptedSize((uintptr_t)session, len);
}

int asherah_decrypt_from_json(AsherahSession *session, const uint8_t *json, size_t len, AsherahBuffer *out) {
  ENTER_STATUS;
  if (out == NULL)
    return lasterror_fail(ASHERAH_ERROR_INVALID_ARGUMENT, "the output buffer is NULL");
  *out = EMPTY_BUFFER;
  int status = check_input(json, len);
  if (status != ASHERAH_OK)
    return status;
  size_t capacity = sealed_bound(len) + 1, written = 0;
  uint8_t *plaintext = malloc(capacity);
  if (plaintext == NULL)
    return no_memory();
  status = borderDecrypt((uintptr_t)session, (uintptr_t)json, len, (uintptr_t)plaintext, capacity, 0, 0, &written,
                         border_flags(0));
  if (status != ASHERAH_OK) {
    free(plaintext);
    return status;
  }
  *out = (AsherahBuffer){plaintext, written, capacity};
  return ASHERAH_OK;
}

int asherah_decrypt_into(AsherahSession *session, const uint8_t *json, size_t len, uint8_t *out, size_t capacity,
                         size_t *written, uint32_t flags) {
  ENTER_STATUS;
  int status = check_into(json, len, out, capacity, written, flags);
  if (status != ASHERAH_OK)
    return status;
  /* Where the plaintext fits but not its ciphertext with tag and nonce, the ciphertext goes elsewhere. */
  uint8_t small[1024], *work = NULL;
  size_t bound = sealed_bound(len), work_size = 0;
  if (capacity < bound) {
    work_size = bound;
    work = bound <= sizeof small ? small : malloc(bound);
    if (work == NULL)
      return no_memory();
  }
  status = borderDecrypt((uintptr_t)session, (uintptr_t)json, len, (uintptr_t)out, capacity, (uintptr_t)work, work_size,
                         written, border_flags(flags));
  if (work != small)
    free(work);
  return status;
}

size_t asherah_decrypted_size(const uint8_t *json, size_t len) {
  if (json == NULL || len > ASHERAH_MAX_INPUT || !enter_quietly())
    return 0;
  return borderDecryptedSize((uintptr_t)json, len);
}
