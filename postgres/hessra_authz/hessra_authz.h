/* hessra_authz.h: what the files of the extension share. */
#ifndef HESSRA_AUTHZ_H
#define HESSRA_AUTHZ_H

#include "postgres.h"

#include "fmgr.h"
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

#include <hessra.h>

/* ---- Settings: settings.c ---------------------------------------------------------------------------------------- */

extern char *hessra_config_path;
extern char *hessra_library_path;
extern int hessra_token_cache_size;
extern bool hessra_log_refusals;

void settings_define(void);

/* ---- libhessra: library.c ---------------------------------------------------------------------------------------- */

/* The functions of libhessra, once library_load() has returned. */
typedef struct Hessra {
  __typeof__(&hessra_init) init;
  __typeof__(&hessra_version) version;
  __typeof__(&hessra_last_error) last_error;
  __typeof__(&hessra_error_free) error_free;
  __typeof__(&hessra_config_from_file) config_from_file;
  __typeof__(&hessra_config_get_public_key) config_get_public_key;
  __typeof__(&hessra_config_key_file) config_key_file;
  __typeof__(&hessra_config_free) config_free;
  __typeof__(&hessra_public_key_free) public_key_free;
  __typeof__(&hessra_token_parse) token_parse;
  __typeof__(&hessra_token_authorize) token_authorize;
  __typeof__(&hessra_token_describe) token_describe;
  __typeof__(&hessra_token_free) token_free;
} Hessra;

extern Hessra hessra;

/* Loads libhessra into this backend if it is not there yet, or raises an error. */
void library_load(void);

/* ---- Faults: faults.c -------------------------------------------------------------------------------------------- */

/* An administrative fault: what keeps a token from being judged. It holds no memory, so that it can be filled while
 * native memory is held and be reported when none is. */
typedef struct Fault {
  int sqlstate; /* 0: no fault */
  char message[128];
  char detail[512]; /* shown to administrators and to the server's log alone: it may have paths */
} Fault;

/* Fills a fault with the words of libhessra's last error. */
void fault_of_result(Fault *fault, HessraResult result, const char *message);
void fault_set(Fault *fault, int sqlstate, const char *message, const char *detail, ...) pg_attribute_printf(4, 5);

/* Raises the fault, or writes it to the server's log alone. */
void fault_raise(const Fault *fault) __attribute__((noreturn));
void fault_log(const Fault *fault);

/* Copies the words of libhessra's last error and frees them. */
void last_words(char *to, size_t size);

/* ---- Configuration: configuration.c ------------------------------------------------------------------------------ */

/* The key that tokens are judged by, of the configuration that hessra.config_path names. Raises an error if there is
 * none. Reads the file at first use, and when the server has reloaded its configuration since. */
HessraPublicKey configuration_key(void);

/* Counts the keys that were in force in this backend: another number, another key. */
uint64 configuration_generation(void);

/* Reads the file and puts its key into force, or raises an error and leaves all as it was. */
void configuration_read(const char *path);

/* ---- Tokens: tokens.c -------------------------------------------------------------------------------------------- */

/* The word that libhessra begins its reasons with. */
typedef struct Reason {
  char word[16];
} Reason;

/* Judges a token by a request, whose time is set. reason is for the refused. */
HessraResult tokens_judge(const char *text, int length, HessraPublicKey key, const HessraRequest *request,
                          Reason *reason);

/* ---- Verdicts: verdicts.c ---------------------------------------------------------------------------------------- */

enum { VERDICT_LONGEST = 240 };

/* What a token was found to allow in a second. */
typedef struct Verdict {
  uint64 token; /* its number in this backend */
  int64 now;
  bool known; /* whether result and reason are there */
  HessraResult result;
  Reason reason;
  int length;
  char request[VERDICT_LONGEST];
} Verdict;

/* The verdict on this request, or an empty place for it, which holds until the next call. NULL if it is too long. */
Verdict *verdict_place(uint64 token, const HessraRequest *request);

/* ---- Requests: requests.c ---------------------------------------------------------------------------------------- */

/* Whether the token, the first argument, allows the request that the two others are, of this kind. Raises an error if
 * it cannot be judged. */
bool request_allowed(FunctionCallInfo fcinfo, uint32 kind);

/* ---- Refusals: refusals.c ---------------------------------------------------------------------------------------- */

/* Writes a line about a refused request to the server's log if hessra.log_refusals is on. */
void refusal_log(const HessraRequest *request, const Reason *reason);

#endif
