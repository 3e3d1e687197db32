#include "hessra_authz.h"

#include "golibrary.h"

Hessra hessra;

static const GoSymbol symbols[] = {
    {"hessra_init", (void **)&hessra.init},
    {"hessra_version", (void **)&hessra.version},
    {"hessra_last_error", (void **)&hessra.last_error},
    {"hessra_error_free", (void **)&hessra.error_free},
    {"hessra_config_from_file", (void **)&hessra.config_from_file},
    {"hessra_config_get_public_key", (void **)&hessra.config_get_public_key},
    {"hessra_config_key_file", (void **)&hessra.config_key_file},
    {"hessra_config_free", (void **)&hessra.config_free},
    {"hessra_public_key_free", (void **)&hessra.public_key_free},
    {"hessra_token_parse", (void **)&hessra.token_parse},
    {"hessra_token_authorize", (void **)&hessra.token_authorize},
    {"hessra_token_describe", (void **)&hessra.token_describe},
    {"hessra_token_free", (void **)&hessra.token_free},
    {NULL, NULL},
};

/* The file name has the number of the binary interface; versions before 1.0 promise nothing beyond their second
 * number. */
static const char *check(void) {
  size_t length = strcspn(HESSRA_VERSION, ".");

  length += 1 + strcspn(HESSRA_VERSION + length + 1, ".");
  if (strncmp(hessra.version(), HESSRA_VERSION, length + 1) != 0)
    return "it is of another version than the extension, which is made for " HESSRA_VERSION;
  if (hessra.init() != HESSRA_SUCCESS)
    return "it cannot run in this process";
  return NULL;
}

static GoLibrary library = {
    .name = "libhessra",
    .setting = "hessra.library_path",
    .symbols = symbols,
    .check = check,
};

void library_load(void) { golibrary_load(&library, hessra_library_path); }
