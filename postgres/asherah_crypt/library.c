#include "asherah_crypt.h"

#include "golibrary.h"

Asherah asherah;

static const GoSymbol symbols[] = {
    {"asherah_abi_version", (void **)&asherah.abi_version},
    {"asherah_status_name", (void **)&asherah.status_name},
    {"asherah_last_error_message", (void **)&asherah.last_error_message},
    {"asherah_last_error_code", (void **)&asherah.last_error_code},
    {"asherah_set_log_hook_sync", (void **)&asherah.set_log_hook},
    {"asherah_factory_new_with_config", (void **)&asherah.factory_new},
    {"asherah_factory_free", (void **)&asherah.factory_free},
    {"asherah_factory_get_session_n", (void **)&asherah.get_session},
    {"asherah_session_free", (void **)&asherah.session_free},
    {"asherah_encrypted_size", (void **)&asherah.encrypted_size},
    {"asherah_decrypted_size", (void **)&asherah.decrypted_size},
    {"asherah_encrypt_into", (void **)&asherah.encrypt_into},
    {"asherah_decrypt_into", (void **)&asherah.decrypt_into},
    {"asherah_encrypt_start", (void **)&asherah.encrypt_start},
    {"asherah_decrypt_start", (void **)&asherah.decrypt_start},
    {"asherah_call_cancel", (void **)&asherah.call_cancel},
    {NULL, NULL},
};

static const char *check(void) {
  if (asherah.abi_version() < ASHERAH_ABI_VERSION)
    return "it is older than the extension";
  return NULL;
}

static GoLibrary library = {
    .name = "libasherah",
    .setting = "asherah.library_path",
    .symbols = symbols,
    .check = check,
};

void library_load(void) {
  if (library.handle != NULL)
    return;
  golibrary_load(&library, asherah_library_path);
  lines_collect();
}
