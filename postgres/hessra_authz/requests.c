#include "hessra_authz.h"

#include "statement.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include <time.h>

/* An argument as libhessra takes it, in UTF-8. */
static const char *argument(FunctionCallInfo fcinfo, int number) {
  char *string = text_to_cstring(PG_GETARG_TEXT_PP(number));

  return pg_server_to_any(string, strlen(string), PG_UTF8);
}

/* The wall clock in seconds: not the start of the transaction, which could prolong a token. */
static int64 seconds_now(void) {
  struct timespec time;

  clock_gettime(CLOCK_REALTIME, &time);
  return time.tv_sec;
}

bool request_allowed(FunctionCallInfo fcinfo, uint32 kind) {
  HessraRequest request = {.size = sizeof request, .kind = kind, .flags = HESSRA_NOW_SET};
  text *token;
  HessraPublicKey key;
  HessraResult result;
  Reason reason;
  ErrorContextCallback callback;

  statement_hide(&callback);
  /* libhessra runs a second at most and does not look at interrupts: they are served before and after. */
  CHECK_FOR_INTERRUPTS();
  token = PG_GETARG_TEXT_PP(0);
  if (kind == HESSRA_VERIFY) {
    request.subject = argument(fcinfo, 1);
    request.resource = argument(fcinfo, 2);
  } else {
    request.resource = argument(fcinfo, 1);
    request.operation = argument(fcinfo, 2);
  }
  key = configuration_key();
  request.now = seconds_now();
  result = tokens_judge(VARDATA_ANY(token), VARSIZE_ANY_EXHDR(token), key, &request, &reason);
  if (result == HESSRA_ERROR_INVALID_TOKEN || result == HESSRA_ERROR_VERIFICATION_FAILED) {
    refusal_log(&request, &reason);
  } else if (result != HESSRA_SUCCESS) {
    Fault fault;

    fault_of_result(&fault, result, "the token cannot be judged");
    fault_raise(&fault);
  }
  CHECK_FOR_INTERRUPTS();
  statement_show(&callback);
  return result == HESSRA_SUCCESS;
}
