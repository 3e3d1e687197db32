#include "postgres.h"

#include "golibrary.h"
#include "statement.h"

#include "access/xact.h"
#include "utils/acl.h"
#include "utils/guc.h"
#include "utils/guc_tables.h"

/* What is there under the name of a setting: NULL, or in most cases what was set before it was defined. */
static const struct config_generic *find(const char *name) {
#if PG_VERSION_NUM >= 160000
  return find_option(name, false, true, 0);
#else
  struct config_generic **all = get_guc_variables();

  for (int i = 0; i < GetNumConfigOptions(); i++) {
    if (pg_strcasecmp(all[i]->name, name) == 0)
      return all[i];
  }
  return NULL;
#endif
}

/* Whether the value came with the connection, of one who may not set it. */
static bool is_stranger(const struct config_generic *value) {
  if (value->reset_source != PGC_S_CLIENT || value->reset_scontext != PGC_BACKEND)
    return false;
#if PG_VERSION_NUM >= 150000
  return pg_parameter_aclcheck(value->name, value->reset_srole, ACL_SET) != ACLCHECK_OK;
#else
  return true;
#endif
}

void golibrary_refuse_options(const char *extension, const char *const *settings) {
  ErrorContextCallback callback;

  /* The statement whose function the extension is loaded for may have a secret in it. */
  statement_hide(&callback);
  if (IsInParallelMode())
    ereport(ERROR, (errcode(ERRCODE_INVALID_TRANSACTION_STATE),
                    errmsg("%s cannot be loaded during a parallel operation", extension),
                    errdetail("The server cannot give its settings their values then."),
                    errhint("Have session_preload_libraries load it at the start of each session.")));
  for (; *settings != NULL; settings++) {
    const struct config_generic *value = find(*settings);

    if (value != NULL && is_stranger(value))
      ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
                      errmsg("permission denied to set \"%s\" with a connection option", *settings),
                      errdetail("The option has taken the place of the administrator's value."),
                      errhint("Connect without this option.")));
  }
  statement_show(&callback);
}
