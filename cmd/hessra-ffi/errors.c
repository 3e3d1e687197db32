#include "border.h"

#include <stdlib.h>
#include <string.h>

const char *hessra_version(void) { return HESSRA_VERSION; }

/* By index; the last one is for numbers that no result has. */
static const struct {
  HessraResult result;
  const char *message;
} messages[] = {
    {HESSRA_SUCCESS, "The call succeeded."},
    {HESSRA_ERROR_INVALID_TOKEN, "The token is malformed, or a signature in it is wrong."},
    {HESSRA_ERROR_INVALID_KEY, "A key cannot be used."},
    {HESSRA_ERROR_VERIFICATION_FAILED, "The token does not allow the request."},
    {HESSRA_ERROR_CONFIG_INVALID, "The configuration is invalid."},
    {HESSRA_ERROR_MEMORY, "Memory is short."},
    {HESSRA_ERROR_IO, "A file cannot be read."},
    {HESSRA_ERROR_INVALID_PARAMETER, "An argument is invalid."},
    {HESSRA_ERROR_UNKNOWN, "The library failed, or cannot run in this process."},
    {-1, "The result is unknown."},
};

enum { MESSAGES = sizeof messages / sizeof messages[0] };

const char *hessra_error_message(HessraResult result) {
  for (int i = 0; i < MESSAGES - 1; i++) {
    if (messages[i].result == result)
      return messages[i].message;
  }
  return messages[MESSAGES - 1].message;
}

void hessra_error_free(char *message) {
  for (int i = 0; i < MESSAGES; i++) {
    if (messages[i].message == message)
      return;
  }
  free(message);
}

HessraResult hessra_last_error(HessraError *out) {
  if (out == NULL)
    return HESSRA_ERROR_INVALID_PARAMETER;
  *out = (HessraError){lasterror_status, NULL};
  const char *message = lasterror_message();
  if (message != NULL && (out->message = strdup(message)) == NULL)
    return HESSRA_ERROR_MEMORY;
  return HESSRA_SUCCESS;
}
