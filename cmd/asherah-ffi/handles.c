#include "calls.h"

/* Length of a string, or -1 with the last error set. */
static ptrdiff_t string_length(const char *text, const char *when_null, const char *when_long) {
  if (text == NULL) {
    lasterror_fail(ASHERAH_ERROR_INVALID_ARGUMENT, when_null);
    return -1;
  }
  size_t n = strnlen(text, BORDER_MAX_STRING);
  if (n == BORDER_MAX_STRING) {
    lasterror_fail(ASHERAH_ERROR_INVALID_ARGUMENT, when_long);
    return -1;
  }
  return (ptrdiff_t)n;
}

ptrdiff_t border_config_length(const char *config_json) {
  return string_length(config_json, "the configuration is NULL", "the configuration has no NUL within 1 MiB");
}

AsherahFactory *asherah_factory_new_with_config(const char *config_json) {
  ENTER_HANDLE;
  ptrdiff_t n = border_config_length(config_json);
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
  ptrdiff_t n = border_config_length(config_json);
  return n < 0 ? ASHERAH_ERROR_INVALID_ARGUMENT : borderApplyConfig((uintptr_t)config_json, (size_t)n);
}

AsherahSession *asherah_factory_get_session_n(AsherahFactory *factory, const uint8_t *partition_id, size_t len) {
  ENTER_HANDLE;
  if (partition_id == NULL && len != 0) {
    lasterror_fail(ASHERAH_ERROR_INVALID_ARGUMENT, "the partition id is NULL");
    return NULL;
  }
  if (len > BORDER_MAX_STRING) {
    lasterror_fail(ASHERAH_ERROR_INVALID_ARGUMENT, "the partition id is longer than 1 MiB");
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
