#include "calls.h"

/* Checks the arguments of a batch. */
static int begin_batch(const AsherahSlice *inputs, size_t count, AsherahResult *results, uint32_t flags) {
  if (count > ASHERAH_MAX_BATCH)
    return lasterror_fail(ASHERAH_ERROR_INVALID_ARGUMENT, "the batch has more than ASHERAH_MAX_BATCH inputs");
  if (count != 0 && (inputs == NULL || results == NULL))
    return lasterror_fail(ASHERAH_ERROR_INVALID_ARGUMENT, "the inputs or the results are NULL");
  return check_flags(flags);
}

static void prepare_result(const AsherahSlice *input, size_t capacity, AsherahResult *result) {
  *result = (AsherahResult){EMPTY_BUFFER, ASHERAH_OK, 0};
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
    results[i].buffer = EMPTY_BUFFER;
    if (first == ASHERAH_OK) {
      first = results[i].status;
      if (asherah_last_error_code() == ASHERAH_OK)
        lasterror_fail(first,
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
    return lasterror_fail(ASHERAH_ERROR_CLOSED_HANDLE, "the session is closed or no session");
  for (size_t i = 0; i < count; i++)
    prepare_result(&inputs[i], overhead + base64_size(inputs[i].len), &results[i]);
  if (count != 0)
    borderBatch((uintptr_t)session, (AsherahSlice *)inputs, count, results, border_flags(flags), 0);
  return end_batch(count, results);
}

int asherah_decrypt_batch(AsherahSession *session, const AsherahSlice *inputs, size_t count, AsherahResult *results,
                          uint32_t flags) {
  ENTER_STATUS;
  int status = begin_batch(inputs, count, results, flags);
  if (status != ASHERAH_OK)
    return status;
  if (borderEncryptedSize((uintptr_t)session, 0) == 0)
    return lasterror_fail(ASHERAH_ERROR_CLOSED_HANDLE, "the session is closed or no session");
  for (size_t i = 0; i < count; i++)
    prepare_result(&inputs[i], sealed_bound(inputs[i].len) + 1, &results[i]);
  if (count != 0)
    borderBatch((uintptr_t)session, (AsherahSlice *)inputs, count, results, border_flags(flags), 1);
  return end_batch(count, results);
}
