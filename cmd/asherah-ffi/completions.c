#include "calls.h"

/* Starts a call with a copy of its input. callback is an AsherahResultFn if with_status is not 0, else an
 * AsherahCompletionFn. */
static int start(AsherahSession *session, const uint8_t *data, size_t len, int decrypting, uintptr_t callback,
                 void *user_data, int with_status, AsherahCall **call) {
  if (call != NULL)
    *call = NULL;
  int status = check_input(data, len);
  if (status != ASHERAH_OK)
    return status;
  if (callback == 0)
    return lasterror_fail(ASHERAH_ERROR_INVALID_ARGUMENT, "the callback is NULL");
  AsherahBuffer input;
  status = border_fill(&input, data == NULL ? (const uint8_t *)"" : data, len);
  if (status != ASHERAH_OK)
    return status;
  status = borderAsync((uintptr_t)session, (uintptr_t)input.data, len, decrypting, callback, (uintptr_t)user_data,
                       with_status, (uintptr_t *)call);
  if (status != ASHERAH_OK)
    asherah_buffer_free(&input);
  return status;
}

int asherah_encrypt_to_json_async(AsherahSession *session, const uint8_t *data, size_t len,
                                  AsherahCompletionFn callback, void *user_data) {
  ENTER_STATUS;
  return start(session, data, len, 0, (uintptr_t)callback, user_data, 0, NULL);
}

int asherah_decrypt_from_json_async(AsherahSession *session, const uint8_t *json, size_t len,
                                    AsherahCompletionFn callback, void *user_data) {
  ENTER_STATUS;
  return start(session, json, len, 1, (uintptr_t)callback, user_data, 0, NULL);
}

int asherah_encrypt_start(AsherahSession *session, const uint8_t *data, size_t len, AsherahResultFn callback,
                          void *user_data, AsherahCall **call) {
  ENTER_STATUS;
  return start(session, data, len, 0, (uintptr_t)callback, user_data, 1, call);
}

int asherah_decrypt_start(AsherahSession *session, const uint8_t *json, size_t len, AsherahResultFn callback,
                          void *user_data, AsherahCall **call) {
  ENTER_STATUS;
  return start(session, json, len, 1, (uintptr_t)callback, user_data, 1, call);
}

int asherah_call_cancel(AsherahCall *call) {
  ENTER_STATUS;
  return borderCallCancel((uintptr_t)call);
}

void border_call_completion(AsherahCompletionFn callback, uintptr_t user_data, const uint8_t *data, size_t len,
                            const char *error) {
  callback((void *)user_data, data, len, error);
}

void border_call_result(AsherahResultFn callback, uintptr_t user_data, int32_t status, const uint8_t *data, size_t len,
                        const char *message) {
  callback((void *)user_data, status, data, len, message);
}
