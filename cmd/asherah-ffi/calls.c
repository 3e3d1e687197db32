#include "border.h"

#include <stdlib.h>
#include <string.h>

#include "_cgo_export.h"
#include "host.h"

#define ENTER_STATUS                                                                                                   \
  do {                                                                                                                 \
    if (!border_enter())                                                                                               \
      return ASHERAH_ERROR_UNSUPPORTED;                                                                                \
  } while (0)

#define ENTER_HANDLE                                                                                                   \
  do {                                                                                                                 \
    if (!border_enter())                                                                                               \
      return NULL;                                                                                                     \
  } while (0)

/* For functions that are neither status nor handle: these leave the last error alone. */
static int enter_quietly(void) { return host_enter(); }

static const AsherahBuffer empty_buffer;

/* What a sealed value has beyond its plaintext: tag and nonce. */
enum { SEAL_OVERHEAD = 28 };

static size_t base64_size(size_t n) { return (n + 2) / 3 * 4; }

/* The most that len characters of record can hold, sealed. */
static size_t sealed_bound(size_t len) { return len / 4 * 3; }

static int check_input(const uint8_t *data, size_t len) {
  if (data == NULL && len != 0)
    return border_fail(ASHERAH_ERROR_INVALID_ARGUMENT, "the input is NULL and its length is not 0");
  if (len > ASHERAH_MAX_INPUT)
    return border_fail(ASHERAH_ERROR_INVALID_ARGUMENT, "the input is longer than ASHERAH_MAX_INPUT");
  return ASHERAH_OK;
}

static int overlap(const void *a, size_t a_len, const void *b, size_t b_len) {
  uintptr_t x = (uintptr_t)a, y = (uintptr_t)b;
  return a_len != 0 && b_len != 0 && x < y + b_len && y < x + a_len;
}

/* Length of a string, or -1 with the last error set. */
static ptrdiff_t string_length(const char *text, const char *when_null, const char *when_long) {
  if (text == NULL) {
    border_fail(ASHERAH_ERROR_INVALID_ARGUMENT, when_null);
    return -1;
  }
  size_t n = strnlen(text, BORDER_MAX_STRING);
  if (n == BORDER_MAX_STRING) {
    border_fail(ASHERAH_ERROR_INVALID_ARGUMENT, when_long);
    return -1;
  }
  return (ptrdiff_t)n;
}

static ptrdiff_t config_length(const char *config_json) {
  return string_length(config_json, "the configuration is NULL", "the configuration has no NUL within 1 MiB");
}

/* ---- Factories and sessions ---- */

AsherahFactory *asherah_factory_new_with_config(const char *config_json) {
  ENTER_HANDLE;
  ptrdiff_t n = config_length(config_json);
  return n < 0 ? NULL : (AsherahFactory *)borderFactoryNew((uintptr_t)config_json, (size_t)n);
}

AsherahFactory *asherah_factory_new_from_env(void) {
  ENTER_HANDLE;
  return (AsherahFactory *)borderFactoryFromEnv();
}

int asherah_apply_config_json(const char *config_json) {
  ENTER_STATUS;
  if (config_json == NULL)
    return borderApplyConfig(0, 0);
  ptrdiff_t n = config_length(config_json);
  return n < 0 ? ASHERAH_ERROR_INVALID_ARGUMENT : borderApplyConfig((uintptr_t)config_json, (size_t)n);
}

AsherahSession *asherah_factory_get_session_n(AsherahFactory *factory, const uint8_t *partition_id, size_t len) {
  ENTER_HANDLE;
  if (partition_id == NULL && len != 0) {
    border_fail(ASHERAH_ERROR_INVALID_ARGUMENT, "the partition id is NULL");
    return NULL;
  }
  if (len > BORDER_MAX_STRING) {
    border_fail(ASHERAH_ERROR_INVALID_ARGUMENT, "the partition id is longer than 1 MiB");
    return NULL;
  }
  return (AsherahSession *)borderSessionNew((uintptr_t)factory, (uintptr_t)partition_id, len);
}

AsherahSession *asherah_factory_get_session(AsherahFactory *factory, const char *partition_id) {
  ENTER_HANDLE;
  ptrdiff_t n = string_length(partition_id, "the partition id is NULL", "the partition id has no NUL within 1 MiB");
  return n < 0 ? NULL : (AsherahSession *)borderSessionNew((uintptr_t)factory, (uintptr_t)partition_id, (size_t)n);
}

void asherah_factory_free(AsherahFactory *factory) {
  if (factory != NULL && enter_quietly())
    borderFactoryFree((uintptr_t)factory);
}

void asherah_session_free(AsherahSession *session) {
  if (session != NULL && enter_quietly())
    borderSessionFree((uintptr_t)session);
}

/* ---- Buffers ---- */

void asherah_buffer_free(AsherahBuffer *buffer) {
  if (buffer == NULL)
    return;
  if (buffer->data != NULL) {
    explicit_bzero(buffer->data, buffer->capacity);
    free(buffer->data);
  }
  *buffer = empty_buffer;
}

void *border_alloc(size_t size) { return malloc(size); }

static int no_memory(void) { return border_fail(ASHERAH_ERROR_INTERNAL, "out of memory"); }

int border_fill(AsherahBuffer *out, const void *data, size_t len) {
  uint8_t *copy = malloc(len + 1);
  if (copy == NULL)
    return no_memory();
  memcpy(copy, data, len);
  *out = (AsherahBuffer){copy, len, len + 1};
  return ASHERAH_OK;
}

/* ---- Encryption ---- */

/*
 * How much longer than its base64 data a record is: known to a session, guessed here from the thread's last record, so
 * that the output can be allocated before the one crossing into Go. A guess too small costs a second crossing.
 */
static _Thread_local uint32_t record_overhead __attribute__((tls_model("initial-exec")));
enum { FIRST_OVERHEAD = 320, SLACK = 32 };

/* Encrypts into a new buffer. */
static int encrypt(uintptr_t session, const uint8_t *data, size_t len, AsherahBuffer *out, uint32_t flags) {
  size_t field = base64_size(len + SEAL_OVERHEAD), written = 0;
  if (record_overhead == 0)
    record_overhead = FIRST_OVERHEAD;
  for (;;) {
    size_t capacity = field + record_overhead;
    uint8_t *record = malloc(capacity);
    if (record == NULL)
      return no_memory();
    int status = borderEncrypt(session, (uintptr_t)data, len, (uintptr_t)record, capacity, &written, flags);
    if (status == ASHERAH_OK) {
      *out = (AsherahBuffer){record, written, capacity};
      /* The guess sinks slowly, for threads that go from session to session. */
      size_t overhead = written - field + SLACK;
      if (overhead < record_overhead)
        overhead = record_overhead - (record_overhead - overhead + 15) / 16;
      record_overhead = (uint32_t)overhead;
      return status;
    }
    free(record);
    if (status != ASHERAH_ERROR_BUFFER_TOO_SMALL || written <= capacity)
      return status;
    record_overhead = (uint32_t)(written - field);
    border_clear_error();
  }
}

int asherah_encrypt_to_json(AsherahSession *session, const uint8_t *data, size_t len, AsherahBuffer *out) {
  ENTER_STATUS;
  if (out == NULL)
    return border_fail(ASHERAH_ERROR_INVALID_ARGUMENT, "the output buffer is NULL");
  *out = empty_buffer;
  int status = check_input(data, len);
  return status != ASHERAH_OK ? status : encrypt((uintptr_t)session, data, len, out, 0);
}

static int check_into(const uint8_t *data, size_t len, uint8_t *out, size_t capacity, size_t *written, uint32_t flags) {
  if (written == NULL)
    return border_fail(ASHERAH_ERROR_INVALID_ARGUMENT, "written is NULL");
  *written = 0;
  int status = check_input(data, len);
  if (status != ASHERAH_OK)
    return status;
  if (out == NULL && capacity != 0)
    return border_fail(ASHERAH_ERROR_INVALID_ARGUMENT, "the output is NULL and its capacity is not 0");
  if (capacity > PTRDIFF_MAX)
    return border_fail(ASHERAH_ERROR_INVALID_ARGUMENT, "the capacity of the output is impossible");
  if (overlap(data, len, out, capacity))
    return border_fail(ASHERAH_ERROR_INVALID_ARGUMENT, "input and output overlap");
  if ((flags & ~ASHERAH_ONLY_IF_CACHED) != 0)
    return border_fail(ASHERAH_ERROR_INVALID_ARGUMENT, "unknown flag");
  return ASHERAH_OK;
}

int asherah_encrypt_into(AsherahSession *session, const uint8_t *data, size_t len, uint8_t *out, size_t capacity,
                         size_t *written, uint32_t flags) {
  ENTER_STATUS;
  int status = check_into(data, len, out, capacity, written, flags);
  if (status != ASHERAH_OK)
    return status;
  return borderEncrypt((uintptr_t)session, (uintptr_t)data, len, (uintptr_t)out, capacity, written, flags);
}

size_t asherah_encrypted_size(AsherahSession *session, size_t len) {
  if (len > ASHERAH_MAX_INPUT || !enter_quietly())
    return 0;
  return borderEncryptedSize((uintptr_t)session, len);
}

/* ---- Decryption ---- */

int asherah_decrypt_from_json(AsherahSession *session, const uint8_t *json, size_t len, AsherahBuffer *out) {
  ENTER_STATUS;
  if (out == NULL)
    return border_fail(ASHERAH_ERROR_INVALID_ARGUMENT, "the output buffer is NULL");
  *out = empty_buffer;
  int status = check_input(json, len);
  if (status != ASHERAH_OK)
    return status;
  size_t capacity = sealed_bound(len) + 1, written = 0;
  uint8_t *plaintext = malloc(capacity);
  if (plaintext == NULL)
    return no_memory();
  status = borderDecrypt((uintptr_t)session, (uintptr_t)json, len, (uintptr_t)plaintext, capacity, 0, 0, &written, 0);
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
                         written, flags);
  if (work != small)
    free(work);
  return status;
}

size_t asherah_decrypted_size(const uint8_t *json, size_t len) {
  if (json == NULL || len > ASHERAH_MAX_INPUT || !enter_quietly())
    return 0;
  return borderDecryptedSize((uintptr_t)json, len);
}

/* ---- Batches ---- */

/* Checks the arguments of a batch. */
static int begin_batch(const AsherahSlice *inputs, size_t count, AsherahResult *results, uint32_t flags) {
  if (count > ASHERAH_MAX_BATCH)
    return border_fail(ASHERAH_ERROR_INVALID_ARGUMENT, "the batch has more than ASHERAH_MAX_BATCH inputs");
  if (count != 0 && (inputs == NULL || results == NULL))
    return border_fail(ASHERAH_ERROR_INVALID_ARGUMENT, "the inputs or the results are NULL");
  if ((flags & ~ASHERAH_ONLY_IF_CACHED) != 0)
    return border_fail(ASHERAH_ERROR_INVALID_ARGUMENT, "unknown flag");
  return ASHERAH_OK;
}

static void prepare_result(const AsherahSlice *input, size_t capacity, AsherahResult *result) {
  *result = (AsherahResult){empty_buffer, ASHERAH_OK, 0};
  if ((input->data == NULL && input->len != 0) || input->len > ASHERAH_MAX_INPUT) {
    result->status = ASHERAH_ERROR_INVALID_ARGUMENT;
    return;
  }
  result->buffer.data = malloc(capacity);
  result->buffer.capacity = capacity;
  if (result->buffer.data == NULL)
    result->status = ASHERAH_ERROR_INTERNAL;
}

/* Frees the buffers of what failed and returns the status of the first that did. */
static int end_batch(size_t count, AsherahResult *results) {
  int first = ASHERAH_OK;
  for (size_t i = 0; i < count; i++) {
    if (results[i].status == ASHERAH_OK)
      continue;
    free(results[i].buffer.data);
    results[i].buffer = empty_buffer;
    if (first == ASHERAH_OK) {
      first = results[i].status;
      if (asherah_last_error_code() == ASHERAH_OK)
        border_fail(first,
                    first == ASHERAH_ERROR_INTERNAL ? "out of memory" : "an input of the batch is NULL or too long");
    }
  }
  return first;
}

int asherah_encrypt_batch(AsherahSession *session, const AsherahSlice *inputs, size_t count, AsherahResult *results,
                          uint32_t flags) {
  ENTER_STATUS;
  int status = begin_batch(inputs, count, results, flags);
  if (status != ASHERAH_OK)
    return status;
  size_t overhead = borderEncryptedSize((uintptr_t)session, 0);
  if (overhead == 0)
    return border_fail(ASHERAH_ERROR_CLOSED_HANDLE, "the session is closed or no session");
  for (size_t i = 0; i < count; i++)
    prepare_result(&inputs[i], overhead + base64_size(inputs[i].len), &results[i]);
  if (count != 0)
    borderBatch((uintptr_t)session, (AsherahSlice *)inputs, count, results, flags, 0);
  return end_batch(count, results);
}

int asherah_decrypt_batch(AsherahSession *session, const AsherahSlice *inputs, size_t count, AsherahResult *results,
                          uint32_t flags) {
  ENTER_STATUS;
  int status = begin_batch(inputs, count, results, flags);
  if (status != ASHERAH_OK)
    return status;
  if (borderEncryptedSize((uintptr_t)session, 0) == 0)
    return border_fail(ASHERAH_ERROR_CLOSED_HANDLE, "the session is closed or no session");
  for (size_t i = 0; i < count; i++)
    prepare_result(&inputs[i], sealed_bound(inputs[i].len) + 1, &results[i]);
  if (count != 0)
    borderBatch((uintptr_t)session, (AsherahSlice *)inputs, count, results, flags, 1);
  return end_batch(count, results);
}

/* ---- Asynchronous calls ---- */

static int start_async(AsherahSession *session, const uint8_t *data, size_t len, AsherahCompletionFn callback,
                       void *user_data, int decrypting) {
  int status = check_input(data, len);
  if (status != ASHERAH_OK)
    return status;
  if (callback == NULL)
    return border_fail(ASHERAH_ERROR_INVALID_ARGUMENT, "the callback is NULL");
  AsherahBuffer input;
  status = border_fill(&input, data == NULL ? (const uint8_t *)"" : data, len);
  if (status != ASHERAH_OK)
    return status;
  status = borderAsync((uintptr_t)session, (uintptr_t)input.data, len, (uintptr_t)callback, (uintptr_t)user_data,
                       decrypting);
  if (status != ASHERAH_OK)
    asherah_buffer_free(&input);
  return status;
}

int asherah_encrypt_to_json_async(AsherahSession *session, const uint8_t *data, size_t len,
                                  AsherahCompletionFn callback, void *user_data) {
  ENTER_STATUS;
  return start_async(session, data, len, callback, user_data, 0);
}

int asherah_decrypt_from_json_async(AsherahSession *session, const uint8_t *json, size_t len,
                                    AsherahCompletionFn callback, void *user_data) {
  ENTER_STATUS;
  return start_async(session, json, len, callback, user_data, 1);
}

void border_call_completion(AsherahCompletionFn callback, uintptr_t user_data, const uint8_t *data, size_t len,
                            const char *error) {
  callback((void *)user_data, data, len, error);
}

/* ---- Hooks and statistics ---- */

int asherah_set_log_hook_with_config(AsherahLogFn callback, void *user_data, size_t queue_capacity, int32_t min_level) {
  ENTER_STATUS;
  return borderSetLogHook((uintptr_t)callback, (uintptr_t)user_data, queue_capacity, min_level, 0);
}

int asherah_set_log_hook(AsherahLogFn callback, void *user_data) {
  return asherah_set_log_hook_with_config(callback, user_data, 0, ASHERAH_LOG_WARN);
}

int asherah_set_log_hook_sync(AsherahLogFn callback, void *user_data, int32_t min_level) {
  ENTER_STATUS;
  return borderSetLogHook((uintptr_t)callback, (uintptr_t)user_data, 0, min_level, 1);
}

int asherah_clear_log_hook(void) { return asherah_set_log_hook_with_config(NULL, NULL, 0, ASHERAH_LOG_OFF); }

uint64_t asherah_log_dropped_count(void) { return enter_quietly() ? borderDropped(0) : 0; }

int asherah_set_metrics_hook_with_config(AsherahMetricsFn callback, void *user_data, size_t queue_capacity) {
  ENTER_STATUS;
  return borderSetMetricsHook((uintptr_t)callback, (uintptr_t)user_data, queue_capacity, 0);
}

int asherah_set_metrics_hook(AsherahMetricsFn callback, void *user_data) {
  return asherah_set_metrics_hook_with_config(callback, user_data, 0);
}

int asherah_set_metrics_hook_sync(AsherahMetricsFn callback, void *user_data) {
  ENTER_STATUS;
  return borderSetMetricsHook((uintptr_t)callback, (uintptr_t)user_data, 0, 1);
}

int asherah_clear_metrics_hook(void) { return asherah_set_metrics_hook_with_config(NULL, NULL, 0); }

uint64_t asherah_metrics_dropped_count(void) { return enter_quietly() ? borderDropped(1) : 0; }

void border_call_log(AsherahLogFn callback, uintptr_t user_data, int32_t level, const char *target,
                     const char *message) {
  callback((void *)user_data, level, target, message);
}

void border_call_metrics(AsherahMetricsFn callback, uintptr_t user_data, int32_t type, uint64_t duration_ns,
                         const char *name) {
  callback((void *)user_data, type, duration_ns, name);
}

int asherah_stats(AsherahBuffer *out) {
  ENTER_STATUS;
  if (out == NULL)
    return border_fail(ASHERAH_ERROR_INVALID_ARGUMENT, "the output buffer is NULL");
  *out = empty_buffer;
  return borderStats(out);
}
