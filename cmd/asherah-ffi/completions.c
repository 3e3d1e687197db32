#include "calls.h"

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
