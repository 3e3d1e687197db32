#include "hessra_authz.h"

#include "golibrary.h"

#include "utils/guc.h"

char *hessra_config_path;
char *hessra_library_path;
int hessra_token_cache_size;
bool hessra_log_refusals;

static bool check_path(char **value, void **extra, GucSource source) {
  if (**value == '\0' || is_absolute_path(*value))
    return true;
  GUC_check_errdetail("The path must be absolute.");
  return false;
}

static const char *const names[] = {"hessra.config_path", "hessra.library_path", "hessra.token_cache_size",
                                    "hessra.log_refusals", NULL};

/* None may be set by whom a policy restricts: who chooses the key, or the code that checks it, decides what the policy
 * answers. */
void settings_define(void) {
  golibrary_refuse_options("hessra_authz", names);
  DefineCustomStringVariable("hessra.config_path", "The configuration of libhessra, which has the key.",
                             "A file that the server's user or root owns and nobody else can write.",
                             &hessra_config_path, "", PGC_SUSET, GUC_SUPERUSER_ONLY, check_path, NULL, NULL);
  DefineCustomStringVariable("hessra.library_path", "The file of libhessra.",
                             "Read once in each session, when the first token is judged.", &hessra_library_path,
                             HESSRA_LIBRARY, PGC_SUSET, GUC_SUPERUSER_ONLY, check_path, NULL, NULL);
  DefineCustomIntVariable("hessra.token_cache_size", "How many tokens a session keeps parsed, with signatures judged.",
                          "Whether they are expired and allow a request is judged in each call. 0 keeps none.",
                          &hessra_token_cache_size, 32, 0, 1024, PGC_SUSET, 0, NULL, NULL, NULL);
  DefineCustomBoolVariable("hessra.log_refusals", "Writes a line to the server's log when a token is refused.",
                           "It has the role, the request and a word for the reason, not the token.",
                           &hessra_log_refusals, false, PGC_SUSET, 0, NULL, NULL, NULL);
#if PG_VERSION_NUM >= 150000
  MarkGUCPrefixReserved("hessra");
#else
  EmitWarningsOnPlaceholders("hessra");
#endif
}
