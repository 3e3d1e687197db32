#include "hessra_authz.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include <time.h>

const char *request_text(text *argument) {
  char *string = text_to_cstring(argument);

  return pg_server_to_any(string, strlen(string), PG_UTF8);
}

/* The wall clock in seconds: not the start of the transaction, which could prolong a token. */
static int64 seconds_now(void) {
  struct timespec time;

  clock_gettime(CLOCK_REALTIME, &time);
  return time.tv_sec;
}

bool request_allowed(text *token, HessraRequest *request) {
  HessraPublicKey key;
  HessraResult result;
  Reason reason;

  /* libhessra runs a second at most and does not look at interrupts: they are served before and after. */
  CHECK_FOR_INTERRUPTS();
  key = configuration_key();
  request->now = seconds_now();
  request->flags |= HESSRA_NOW_SET;
  result = tokens_judge(VARDATA_ANY(token), VARSIZE_ANY_EXHDR(token), key, request, &reason);
  if (result == HESSRA_SUCCESS || result == HESSRA_ERROR_INVALID_TOKEN || result == HESSRA_ERROR_VERIFICATION_FAILED) {
    if (result != HESSRA_SUCCESS)
      refusal_log(request, &reason);
  } else {
    Fault fault;

    fault_of_result(&fault, result, "the token cannot be judged");
    fault_raise(&fault);
  }
  CHECK_FOR_INTERRUPTS();
  return result == HESSRA_SUCCESS;
}
