/*
 * hessra.h: libhessra, verification of Hessra authorization tokens without a network.
 *
 * A token is a Biscuit (block versions 3.0 to 3.3) that an authorization service has signed. libhessra answers whether
 * a token is genuine and allows a request, with nothing but the service's public key.
 *
 * Conventions
 *
 *   Results    Functions return a HessraResult, HESSRA_SUCCESS or what went wrong; hessra_last_error() has the words,
 *              which hold neither the token, nor a key, nor more of a request than the caller passed in.
 *   Texts      NUL-terminated UTF-8. A token is read up to 1 MiB, other texts too.
 *   Outputs    Are written on success, and NULL after a failure.
 *   Handles    Are opaque numbers in a pointer: never dereferenced, never given out twice. A handle that was freed, or
 *              is of another type, is HESSRA_ERROR_INVALID_PARAMETER. Freeing NULL or a freed handle does nothing.
 *   Threads    Every function may be called by any number of threads, on the same handle too. A token or key never
 *              changes; hessra_config_set_public_key() locks.
 *   Cost       A call takes a second and 64 MiB at most, whatever the token contains. Signatures are judged first.
 *   Processes  The library does not work in a child made by fork() from a process that had loaded it: functions answer
 *              HESSRA_ERROR_UNKNOWN there. Load it after fork(), or exec. It opens no socket, reads no environment
 *              variable and writes nothing; the files it reads are those that are named to it.
 */
#ifndef HESSRA_H
#define HESSRA_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define HESSRA_EXPORT __attribute__((visibility("default")))
#else
#define HESSRA_EXPORT
#endif

#define HESSRA_VERSION "0.1.0"

/* ---- Results ----------------------------------------------------------------------------------------------------- */

/* Numbers do not change. New ones come between 8 and 998. */
typedef int32_t HessraResult;

#define HESSRA_SUCCESS 0
/* The token's text, structure, version or symbols, a key in it or a signature is wrong. */
#define HESSRA_ERROR_INVALID_TOKEN 1
/* A key that the caller gave cannot be used: its PEM text, a service node's key, an id without a key. */
#define HESSRA_ERROR_INVALID_KEY 2
/* The token is genuine and does not allow this request, or judging it failed or came to a limit. */
#define HESSRA_ERROR_VERIFICATION_FAILED 3
/* A configuration cannot be parsed or breaks a rule. */
#define HESSRA_ERROR_CONFIG_INVALID 4
/* Memory is short. */
#define HESSRA_ERROR_MEMORY 5
/* A file cannot be read. */
#define HESSRA_ERROR_IO 6
/* An argument is NULL, no UTF-8, too long, or a handle that is none. */
#define HESSRA_ERROR_INVALID_PARAMETER 7
/* A fault inside of the library, or a process in which it cannot run. */
#define HESSRA_ERROR_UNKNOWN 999

/* Returns an English sentence about a result, for unknown ones too. Static; hessra_error_free() leaves it alone. */
HESSRA_EXPORT const char *hessra_error_message(HessraResult result);

/* The last failure of a thread. */
typedef struct HessraError {
  HessraResult result;
  char *message; /* NULL if there was none; to give back with hessra_error_free() */
} HessraError;

/*
 * Tells what the last call of this thread that returned a HessraResult came to, other than this function. The message
 * begins with a word for the reason where a token is refused: format, key, signature, expired, domain, check, policy,
 * chain, limit or expression. HESSRA_ERROR_INVALID_PARAMETER: out is NULL. HESSRA_ERROR_MEMORY.
 */
HESSRA_EXPORT HessraResult hessra_last_error(HessraError *out);

/* Frees a text that the library returned: HessraError.message, or what hessra_token_revocation_ids(),
 * hessra_token_describe() and hessra_config_key_file() gave. NULL and the texts of hessra_error_message() are
 * accepted. */
HESSRA_EXPORT void hessra_error_free(char *message);

/* ---- The library ------------------------------------------------------------------------------------------------- */

/* Tells whether this process can run the library: HESSRA_SUCCESS, or HESSRA_ERROR_UNKNOWN in a child made by fork().
 * Need not be called. */
HESSRA_EXPORT HessraResult hessra_init(void);

/* Returns HESSRA_VERSION of the library. Static. */
HESSRA_EXPORT const char *hessra_version(void);

/* ---- Keys -------------------------------------------------------------------------------------------------------- */

typedef struct hessra_public_key *HessraPublicKey;

/*
 * Makes a key of a PEM text "PUBLIC KEY" (SubjectPublicKeyInfo, RFC 5280), or of a file that holds one: Ed25519 or
 * ECDSA on P-256. Free it with hessra_public_key_free(). HESSRA_ERROR_INVALID_KEY; HESSRA_ERROR_IO if the file cannot
 * be read.
 */
HESSRA_EXPORT HessraResult hessra_public_key_from_string(const char *text, HessraPublicKey *out);
HESSRA_EXPORT HessraResult hessra_public_key_from_file(const char *path, HessraPublicKey *out);
HESSRA_EXPORT void hessra_public_key_free(HessraPublicKey key);

/* ---- Configuration ----------------------------------------------------------------------------------------------- */

typedef struct hessra_config *HessraConfig;

/* Makes a configuration without keys. Free it with hessra_config_free(). */
HESSRA_EXPORT HessraResult hessra_config_new(HessraConfig *out);

/* Makes a configuration of a file, TOML if its name ends with .toml or .tml, else JSON; docs/hessra.md has the fields.
 * HESSRA_ERROR_IO if it or a key file named in it cannot be read; HESSRA_ERROR_CONFIG_INVALID. */
HESSRA_EXPORT HessraResult hessra_config_from_file(const char *path, HessraConfig *out);

/* Puts a copy of a key under an id, in place of an older one. NULL means the id "default"; the empty id is refused. */
HESSRA_EXPORT HessraResult hessra_config_set_public_key(HessraConfig config, const char *key_id, HessraPublicKey key);

/* Makes a key handle of the key with this id, to free with hessra_public_key_free(). HESSRA_ERROR_INVALID_KEY if there
 * is none. NULL means the id "default". */
HESSRA_EXPORT HessraResult hessra_config_get_public_key(HessraConfig config, const char *key_id, HessraPublicKey *out);

/* Puts the path of the file that public_key_file named into *out_path, to give back with hessra_error_free(), for hosts
 * that look at who can write what they trust; NULL if the configuration was not made of a file that names one. */
HESSRA_EXPORT HessraResult hessra_config_key_file(HessraConfig config, char **out_path);
HESSRA_EXPORT void hessra_config_free(HessraConfig config);

/* ---- Tokens ------------------------------------------------------------------------------------------------------ */

typedef struct hessra_token *HessraToken;

/* Decodes a token and checks its structure. No key is needed, no signature is judged. Free it with
 * hessra_token_free(). HESSRA_ERROR_INVALID_TOKEN. */
HESSRA_EXPORT HessraResult hessra_token_parse(const char *token, HessraToken *out);
HESSRA_EXPORT void hessra_token_free(HessraToken token);

/*
 * Tells whether the token lets the subject read or write the resource: HESSRA_SUCCESS, HESSRA_ERROR_INVALID_TOKEN or
 * HESSRA_ERROR_VERIFICATION_FAILED. That a holder has narrowed the token to one operation does not show here; ask for
 * an operation with hessra_token_authorize() where it matters.
 */
HESSRA_EXPORT HessraResult hessra_token_verify(HessraToken token, HessraPublicKey key, const char *subject,
                                               const char *resource);

/* What to judge a token by, and the members of HessraRequest that are needed; others that are set are refused, but
 * domain and prefix, which all kinds take (identity no prefix). */
#define HESSRA_VERIFY 1               /* subject, resource */
#define HESSRA_VERIFY_OPERATION 2     /* subject, resource, operation */
#define HESSRA_VERIFY_SERVICE_CHAIN 3 /* subject, resource, operation, service_nodes_json; component may be set */
#define HESSRA_VERIFY_CAPABILITY                                                                                       \
  4 /* resource, operation: whoever the subject; service_nodes_json, component may be set */
#define HESSRA_VERIFY_IDENTITY 5 /* identity may be set: who uses an identity token */

/* Flags of a request. */
#define HESSRA_NOW_SET 1u           /* now is the time to judge at, else the clock's */
#define HESSRA_SUBJECT_IN_DOMAIN 2u /* HESSRA_VERIFY_IDENTITY: the subject must be bound to the domain */

/* A request. Texts that are not given are NULL; the empty text is a value like others. */
typedef struct HessraRequest {
  uint32_t size; /* sizeof(HessraRequest) */
  uint32_t kind; /* HESSRA_VERIFY... */
  const char *subject;
  const char *resource;
  const char *operation;
  const char *domain;
  const char *prefix;
  const char *identity;
  /* A JSON array of {"component": "...", "public_key": "ed25519/<hex>" or "secp256r1/<hex>"}: the nodes of a service
   * chain in their order, each of which must have attested, up to the caller's own component if that is given. */
  const char *service_nodes_json;
  const char *component;
  uint32_t flags;    /* HESSRA_NOW_SET, HESSRA_SUBJECT_IN_DOMAIN */
  uint32_t reserved; /* 0 */
  int64_t now;       /* Unix seconds */
} HessraRequest;

/* Tells whether the token allows a request: HESSRA_SUCCESS, HESSRA_ERROR_INVALID_TOKEN, HESSRA_ERROR_INVALID_KEY (of a
 * service node) or HESSRA_ERROR_VERIFICATION_FAILED. */
HESSRA_EXPORT HessraResult hessra_token_authorize(HessraToken token, HessraPublicKey key, const HessraRequest *request);

/*
 * Makes a JSON array of the token's revocation ids, a text of lower-case hexadecimal digits for each block, and puts it
 * into *out_json, to give back with hessra_error_free(). Anyone can change the id of a last block that is signed with
 * ECDSA; a list of revoked tokens should not rely on that one alone. The token need not be genuine.
 */
HESSRA_EXPORT HessraResult hessra_token_revocation_ids(HessraToken token, char **out_json);

/*
 * Makes a JSON object that says what the token is, for people, and puts it into *out_json, to give back with
 * hessra_error_free(): "sealed", and "blocks", an array of objects with the members "version" (of the format),
 * "signed_by" (the key of a third party's block), "next_key", "revocation_id", and "expiry" (Unix seconds, the earliest
 * that the block's checks state, if they are as Hessra mints them). The token need not be genuine. Members may be
 * added.
 */
HESSRA_EXPORT HessraResult hessra_token_describe(HessraToken token, char **out_json);

#ifdef __cplusplus
}
#endif

#endif
