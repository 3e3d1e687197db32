#include "hessra_authz.h"

#include "catalog/pg_authid.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/guc.h"

#if PG_VERSION_NUM < 140000
#define ROLE_PG_READ_SERVER_FILES DEFAULT_ROLE_READ_SERVER_FILES
#endif

/* libhessra has functions with the names of the SQL functions: the entry points have their own. */
PG_FUNCTION_INFO_V1(pg_hessra_verify_token);
PG_FUNCTION_INFO_V1(pg_hessra_row_security);
PG_FUNCTION_INFO_V1(pg_hessra_init);
PG_FUNCTION_INFO_V1(pg_hessra_reload_config);

Datum pg_hessra_verify_token(PG_FUNCTION_ARGS) { PG_RETURN_BOOL(request_allowed(fcinfo, HESSRA_VERIFY)); }

Datum pg_hessra_row_security(PG_FUNCTION_ARGS) { PG_RETURN_BOOL(request_allowed(fcinfo, HESSRA_VERIFY_CAPABILITY)); }

/* The file is read with the server's rights, and its key decides what policies answer: EXECUTE alone does not do. */
Datum pg_hessra_init(PG_FUNCTION_ARGS) {
  char *path = text_to_cstring(PG_GETARG_TEXT_PP(0));

  if (!has_privs_of_role(GetUserId(), ROLE_PG_READ_SERVER_FILES))
    ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE), errmsg("permission denied to choose the configuration"),
                    errhint("It takes a superuser or the rights of pg_read_server_files.")));
  if (!is_absolute_path(path))
    ereport(ERROR,
            (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("the path of the configuration must be absolute")));
  configuration_read(path);
  /* The setting is what counts from here on, and is undone as settings are: by an abort, RESET and DISCARD ALL. */
  SetConfigOption("hessra.config_path", path, PGC_SUSET, PGC_S_SESSION);
  PG_RETURN_BOOL(true);
}

Datum pg_hessra_reload_config(PG_FUNCTION_ARGS) {
  configuration_read(hessra_config_path);
  PG_RETURN_BOOL(true);
}
