#include "hessra_authz.h"

#include "access/xact.h"
#include "common/hashfn.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"

/* How much of a text is written, and how many lines a statement may cause: whom a policy restricts decides how many
 * rows it is asked for, and the log is not his. */
enum { SHOWN = 128, LINES = 32 };

/* What was written about the statement that runs. */
static struct {
  TimestampTz statement;
  int count;
  uint64 seen[LINES];
} written;

static uint64 mix(uint64 seed, const char *text) {
  return hash_bytes_extended((const unsigned char *)text, strlen(text) + 1, seed);
}

/* Whether a refusal gets a line: once for each statement, and within its number of lines, of which the last one says
 * that there are no more. */
static bool is_new(uint64 refusal, bool *last) {
  TimestampTz statement = GetCurrentStatementStartTimestamp();

  if (written.statement != statement) {
    written.statement = statement;
    written.count = 0;
  }
  for (int i = 0; i < written.count; i++) {
    if (written.seen[i] == refusal)
      return false;
  }
  if (written.count == LINES)
    return false;
  written.seen[written.count++] = refusal;
  *last = written.count == LINES;
  return true;
}

static int shown(const char *text) { return pg_mbcliplen(text, strlen(text), SHOWN); }

/* The line goes to the server's log alone: whom a policy restricts can have messages sent to him, and the texts may be
 * of rows that he must not see. The statement and the context may have the token. */
void refusal_log(const HessraRequest *request, const Reason *reason) {
  bool verify = request->kind == HESSRA_VERIFY;
  const char *what = verify ? request->subject : request->operation;
  const char *why = reason->word[0] == '\0' ? "unknown" : reason->word;
  bool last;

  if (!hessra_log_refusals || !is_new(mix(mix(mix(GetUserId() * 2 + verify, request->resource), what), why), &last))
    return;
  ereport(LOG_SERVER_ONLY,
          (errmsg("hessra_authz refused a token: role \"%s\", session of \"%s\", %s, resource \"%.*s\", %s \"%.*s\", "
                  "reason %s",
                  GetUserNameFromId(GetUserId(), true), GetUserNameFromId(GetSessionUserId(), true),
                  verify ? "verify_token" : "row_security", shown(request->resource), request->resource,
                  verify ? "subject" : "operation", shown(what), what, why),
           last ? errdetail("Further refusals of this statement are not written.") : 0, errhidestmt(true),
           errhidecontext(true)));
}
