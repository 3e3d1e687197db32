#include "asherah_crypt.h"

#include "golibrary.h"

#include "utils/guc.h"

char *asherah_config_path;
char *asherah_library_path;

static bool check_path(char **value, void **extra, GucSource source) {
  if (**value == '\0' || is_absolute_path(*value))
    return true;
  GUC_check_errdetail("The path must be absolute.");
  return false;
}

static const char *const names[] = {"asherah.config_path", "asherah.library_path", NULL};

/*
 * There is no setting that holds the configuration itself, with its keys: a server shows the text of a setting of an
 * extension to everybody while the extension is not loaded, and writes it to the log when the file is read again.
 */
void settings_define(void) {
  golibrary_refuse_options("asherah_crypt", names);
  DefineCustomStringVariable("asherah.config_path", "The configuration of libasherah: metastore, KMS and keys.",
                             "A file of JSON that nobody but the server's user can read.", &asherah_config_path, "",
                             PGC_SUSET, GUC_SUPERUSER_ONLY, check_path, NULL, NULL);
  DefineCustomStringVariable("asherah.library_path", "The file of libasherah.",
                             "Read once in each session, at the first encryption or decryption.", &asherah_library_path,
                             ASHERAH_LIBRARY, PGC_SUSET, GUC_SUPERUSER_ONLY, check_path, NULL, NULL);
#if PG_VERSION_NUM >= 150000
  MarkGUCPrefixReserved("asherah");
#else
  EmitWarningsOnPlaceholders("asherah");
#endif
}
