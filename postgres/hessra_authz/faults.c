#include "hessra_authz.h"

#include "catalog/pg_authid.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/acl.h"

#include <stdarg.h>

#if PG_VERSION_NUM < 140000
#define ROLE_PG_READ_SERVER_FILES DEFAULT_ROLE_READ_SERVER_FILES
#endif

/* Takes the beginning of a character away that the end of the room has cut. */
static void whole_characters(char *text, int encoding) {
  int length = strlen(text);

  text[pg_encoding_mbcliplen(encoding, text, length, length)] = '\0';
}

/* libhessra's words are UTF-8. In a database with another encoding what is not ASCII, of a path say, becomes a question
 * mark: converting may fail, which the report of a failure must not. */
void last_words(char *to, size_t size) {
  HessraError error;

  *to = '\0';
  if (hessra.last_error(&error) != HESSRA_SUCCESS || error.message == NULL)
    return;
  strlcpy(to, error.message, size);
  hessra.error_free(error.message);
  if (GetDatabaseEncoding() == PG_UTF8) {
    whole_characters(to, PG_UTF8);
    return;
  }
  for (; *to != '\0'; to++) {
    if (IS_HIGHBIT_SET(*to))
      *to = '?';
  }
}

static int sqlstate_of(HessraResult result) {
  switch (result) {
  case HESSRA_ERROR_INVALID_KEY:
  case HESSRA_ERROR_CONFIG_INVALID:
    return ERRCODE_CONFIG_FILE_ERROR;
  case HESSRA_ERROR_MEMORY:
    return ERRCODE_OUT_OF_MEMORY;
  case HESSRA_ERROR_IO:
    return ERRCODE_IO_ERROR;
  case HESSRA_ERROR_INVALID_PARAMETER:
    return ERRCODE_INVALID_PARAMETER_VALUE;
  default:
    return ERRCODE_EXTERNAL_ROUTINE_EXCEPTION;
  }
}

void fault_of_result(Fault *fault, HessraResult result, const char *message) {
  fault->sqlstate = sqlstate_of(result);
  strlcpy(fault->message, message, sizeof fault->message);
  last_words(fault->detail, sizeof fault->detail);
}

void fault_set(Fault *fault, int sqlstate, const char *message, const char *detail, ...) {
  va_list arguments;

  fault->sqlstate = sqlstate;
  strlcpy(fault->message, message, sizeof fault->message);
  va_start(arguments, detail);
  vsnprintf(fault->detail, sizeof fault->detail, detail, arguments);
  va_end(arguments);
  whole_characters(fault->detail, GetDatabaseEncoding());
}

/* The roles that may read the configuration through SQL see what is wrong with it; whom a policy restricts sees that
 * something is, also where a function runs with another role's rights. */
void fault_raise(const Fault *fault) {
  if (has_privs_of_role(GetUserId(), ROLE_PG_READ_SERVER_FILES) &&
      has_privs_of_role(GetOuterUserId(), ROLE_PG_READ_SERVER_FILES))
    ereport(ERROR, (errcode(fault->sqlstate), errmsg("%s", fault->message),
                    fault->detail[0] == '\0' ? 0 : errdetail("%s", fault->detail)));
  ereport(ERROR, (errcode(fault->sqlstate), errmsg("%s", fault->message),
                  fault->detail[0] == '\0' ? 0 : errdetail_log("%s", fault->detail),
                  errhint("An administrator finds the reason in the server's log.")));
}

void fault_log(const Fault *fault) {
  ereport(LOG_SERVER_ONLY,
          (errcode(fault->sqlstate), errmsg("%s", fault->message),
           fault->detail[0] == '\0' ? 0 : errdetail("%s", fault->detail), errhidestmt(true), errhidecontext(true)));
}
