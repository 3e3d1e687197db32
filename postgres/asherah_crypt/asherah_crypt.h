/*
 * asherah_crypt.h: what the files of the extension share.
 *
 * No function of PostgreSQL is called from Go or from a thread of the library, and none that can raise an error while
 * memory of the library is held by nothing but a local variable.
 */
#ifndef ASHERAH_CRYPT_H
#define ASHERAH_CRYPT_H

#include "postgres.h"

#include <asherah.h>

/* ---- Settings ---------------------------------------------------------------------------------------------------- */

extern char *asherah_config_path;
extern char *asherah_library_path;

extern void settings_define(void);

/* ---- The library ------------------------------------------------------------------------------------------------- */

/* The functions of libasherah that are used here. */
typedef struct Asherah {
  __typeof__(&asherah_abi_version) abi_version;
  __typeof__(&asherah_status_name) status_name;
  __typeof__(&asherah_last_error_message) last_error_message;
  __typeof__(&asherah_last_error_code) last_error_code;
  __typeof__(&asherah_set_log_hook_sync) set_log_hook;
  __typeof__(&asherah_factory_new_with_config) factory_new;
  __typeof__(&asherah_factory_free) factory_free;
  __typeof__(&asherah_factory_get_session_n) get_session;
  __typeof__(&asherah_session_free) session_free;
  __typeof__(&asherah_encrypted_size) encrypted_size;
  __typeof__(&asherah_decrypted_size) decrypted_size;
  __typeof__(&asherah_encrypt_into) encrypt_into;
  __typeof__(&asherah_decrypt_into) decrypt_into;
  __typeof__(&asherah_encrypt_start) encrypt_start;
  __typeof__(&asherah_decrypt_start) decrypt_start;
  __typeof__(&asherah_call_cancel) call_cancel;
} Asherah;

extern Asherah asherah;

extern void library_load(void);

/* ---- Configuration and sessions ---------------------------------------------------------------------------------- */

/* The text of the file at asherah.config_path, NUL-terminated, for configuration_wipe(). */
extern char *configuration_read(const char *path);
extern void configuration_wipe(char *text);

/* The session of a partition, UTF-8, in this backend's factory. It stays valid until the next call. */
extern AsherahSession *session_of(const char *partition, size_t length);

/* ---- Calls ------------------------------------------------------------------------------------------------------- */

typedef enum Direction { ENCRYPT, DECRYPT } Direction;

/*
 * Encrypts or decrypts into palloc'ed memory with room for header bytes before the result and a NUL after it, which
 * *written does not count. Waits for metastore and KMS where it must, and can be cancelled then.
 */
extern char *call(Direction direction, AsherahSession *session, const void *data, size_t length, size_t header,
                  size_t *written);

/* A call that asks metastore or KMS. The backend waits for it, and gives it up on an error. */
typedef struct Waiting Waiting;

extern Waiting *waiting_start(Direction direction, AsherahSession *session, const void *data, size_t length);
/* Waits for the end of the call and returns its status. An interrupt raises its error. */
extern int waiting_end(Waiting *waiting);
extern const uint8_t *waiting_result(const Waiting *waiting, size_t *length);
extern const char *waiting_message(const Waiting *waiting);

/* ---- Errors and log lines ---------------------------------------------------------------------------------------- */

/* Raises the error of a status, with the library's words for it. */
extern void fault_raise(int status, const char *message) __attribute__((__noreturn__));
/* The same for the last call of this thread. */
extern void fault_raise_last(void) __attribute__((__noreturn__));

/* Has the library keep its warnings for the server's log. */
extern void lines_collect(void);
/* Writes what has come to the server's log. */
extern void lines_write(void);
/* Makes UTF-8 text from the library one of the database's encoding, in place. */
extern void lines_encode(char *text);

#endif
