#include "hessra_authz.h"

#include "access/xact.h"
#include "common/hashfn.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"

/* How much of a text is written, and how many lines a message of the client may cause: whom a policy restricts decides
 * how many rows it is asked for, and the log is not his. */
enum { SHOWN = 128, LINES = 32 };

/* What was written about the message that runs, by the time that it came: all statements of a message have the same. */
static struct {
  TimestampTz message;
  int count;
  uint64 seen[LINES];
  uint64 left_out;
  char role[NAMEDATALEN]; /* whose refusal was the last that got a line */
  char session[NAMEDATALEN];
} written;

static uint64 mix(uint64 seed, const char *text) {
  return hash_bytes_extended((const unsigned char *)text, strlen(text) + 1, seed);
}

/* Says how many refusals got no line. Looks up nothing: there may be no transaction any more. */
static void log_left_out(void) {
  uint64 left_out = written.left_out;

  written.left_out = 0;
  if (left_out > 0)
    ereport(LOG_SERVER_ONLY, (errmsg("hessra_authz refused tokens " UINT64_FORMAT " times more in one message: "
                                     "role \"%s\", session of \"%s\"",
                                     left_out, written.role, written.session),
                              errhidestmt(true), errhidecontext(true)));
}

static void at_transaction_end(XactEvent event, void *unused) { log_left_out(); }

/* Whether a refusal gets a line: once for each message, and within its number of lines, of which the last one says that
 * there are no more. Those that are left out then are counted. */
static bool is_new(uint64 refusal, bool *last) {
  static bool registered;
  TimestampTz message = GetCurrentStatementStartTimestamp();

  if (!registered)
    RegisterXactCallback(at_transaction_end, NULL);
  registered = true;
  if (written.message != message) {
    log_left_out();
    written.message = message;
    written.count = 0;
  }
  for (int i = 0; i < written.count; i++) {
    if (written.seen[i] == refusal)
      return false;
  }
  if (written.count == LINES) {
    written.left_out++;
    return false;
  }
  written.seen[written.count++] = refusal;
  *last = written.count == LINES;
  return true;
}

static int shown(const char *text) { return pg_mbcliplen(text, strlen(text), SHOWN); }

static void name(char *to, Oid role) {
  char *found = GetUserNameFromId(role, true);

  strlcpy(to, found == NULL ? "" : found, NAMEDATALEN);
}

/* The line goes to the server's log alone: whom a policy restricts can have messages sent to him, and the texts may be
 * of rows that he must not see. The statement and the context may have the token. */
void refusal_log(const HessraRequest *request, const Reason *reason) {
  bool verify = request->kind == HESSRA_VERIFY;
  const char *what = verify ? request->subject : request->operation;
  const char *why = reason->word[0] == '\0' ? "unknown" : reason->word;
  bool last;

  if (!hessra_log_refusals || !is_new(mix(mix(mix(GetUserId() * 2 + verify, request->resource), what), why), &last))
    return;
  name(written.role, GetUserId());
  name(written.session, GetSessionUserId());
  ereport(
      LOG_SERVER_ONLY,
      (errmsg("hessra_authz refused a token: role \"%s\", session of \"%s\", %s, resource \"%.*s\", %s \"%.*s\", "
              "reason %s",
              written.role, written.session, verify ? "verify_token" : "row_security", shown(request->resource),
              request->resource, verify ? "subject" : "operation", shown(what), what, why),
       last ? errdetail("Further refusals of this message of the client are counted, and not written one by one.") : 0,
       errhidestmt(true), errhidecontext(true)));
}
