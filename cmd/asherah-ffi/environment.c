#include "calls.h"

int asherah_set_env(const char *json) {
  ENTER_STATUS;
  if (json == NULL)
    return lasterror_fail(ASHERAH_ERROR_INVALID_ARGUMENT, "the environment is NULL");
  size_t n = strnlen(json, BORDER_MAX_STRING);
  if (n == BORDER_MAX_STRING)
    return lasterror_fail(ASHERAH_ERROR_INVALID_ARGUMENT, "the environment has no NUL within 1 MiB");
  return borderSetEnv((uintptr_t)json, n);
}
