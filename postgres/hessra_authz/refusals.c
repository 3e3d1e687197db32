#include "hessra_authz.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"

/* How much of a text is written. */
enum { SHOWN = 128 };

static const char *kind_of(const HessraRequest *request) {
  return request->kind == HESSRA_VERIFY ? "verify_token" : "row_security";
}

/* The line goes to the server's log alone: whom a policy restricts can have messages sent to him, and the texts may be
 * of rows that he must not see. The statement and the context may have the token. */
void refusal_log(const HessraRequest *request, const Reason *reason) {
  if (!hessra_log_refusals)
    return;
  const char *what = request->kind == HESSRA_VERIFY ? request->subject : request->operation;

  ereport(LOG_SERVER_ONLY,
          (errmsg("hessra_authz refused a token: role \"%s\", session of \"%s\", %s, resource \"%.*s\", %s \"%.*s\", "
                  "reason %s",
                  GetUserNameFromId(GetUserId(), true), GetUserNameFromId(GetSessionUserId(), true), kind_of(request),
                  pg_mbcliplen(request->resource, strlen(request->resource), SHOWN), request->resource,
                  request->kind == HESSRA_VERIFY ? "subject" : "operation", pg_mbcliplen(what, strlen(what), SHOWN),
                  what, reason->word[0] == '\0' ? "unknown" : reason->word),
           errhidestmt(true), errhidecontext(true)));
}
