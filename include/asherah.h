/*
 * asherah.h: application-level envelope encryption, in the record format of the Asherah family.
 *
 * A factory holds the configuration, the key store (metastore), the key management service (KMS) and the key caches
 * of one service of one product. A session encrypts and decrypts for one partition: a user, a tenant, a shop. What
 * asherah_encrypt_to_json() returns is a data row record (DRR), UTF-8 JSON text to store wherever the data lives:
 *
 *   {"Key":{"Created":1700000000,"Key":"<base64>","ParentKeyMeta":{"KeyId":"_IK_...","Created":1700000000}},
 *    "Data":"<base64>"}                                                               (written without line breaks)
 *
 * Conventions
 *
 *   Statuses   Functions that return int answer ASHERAH_OK (0) or a negative ASHERAH_ERROR_... number. The numbers
 *              never change their meaning. asherah_last_error_message() has the words for the last call of the thread.
 *   Handles    AsherahFactory * and AsherahSession * are values, not addresses: never dereference or align them.
 *              NULL, freed, foreign and mistyped handles are answered with ASHERAH_ERROR_CLOSED_HANDLE or NULL.
 *   Threads    Every function may be called from any thread at any time, on the same handles too.
 *   Strings    UTF-8. A NUL-terminated string is read at most 1 MiB far. Text that is not UTF-8 is refused.
 *   Lengths    Bytes, size_t. An input may have at most ASHERAH_MAX_INPUT bytes.
 *   Memory     Input buffers stay the caller's and are not kept after the call. An AsherahBuffer is filled by the
 *              library and given back with asherah_buffer_free(), which wipes it.
 *   fork       In a child made by fork() every call answers ASHERAH_ERROR_UNSUPPORTED: load the library after fork.
 *   Unloading  The library stays loaded until the process ends. dlclose() has no effect.
 *   Platform   Linux with glibc. The library does not load on musl (Alpine).
 *
 * The record format is that of https://github.com/godaddy/asherah; names in the first part are those of
 * https://github.com/godaddy/asherah-ffi, whose bindings run on this library.
 */
#ifndef ASHERAH_H
#define ASHERAH_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define ASHERAH_EXPORT __attribute__((visibility("default")))
#else
#define ASHERAH_EXPORT
#endif

/* ---- Versions ---------------------------------------------------------------------------------------------------- */

/* Version of the library this header belongs to; asherah_version() returns that of the library in use. */
#define ASHERAH_VERSION "0.1.0"

/*
 * Version of the binary interface. It grows by one when something is added; nothing is ever removed or changed.
 * A program needs asherah_abi_version() >= the ASHERAH_ABI_VERSION it was compiled with.
 */
#define ASHERAH_ABI_VERSION 1

/* Returns the library's version, "major.minor.patch", NUL-terminated, valid for ever. Never fails. */
ASHERAH_EXPORT const char *asherah_version(void);

/* Returns the library's ABI version. Never fails. */
ASHERAH_EXPORT int asherah_abi_version(void);

/* ---- Statuses ---------------------------------------------------------------------------------------------------- */

#define ASHERAH_OK 0
/* A fault of the library, caught at the border. Where it may have left state half-changed, later calls on the same
 * factory and its sessions, or all that work on factories and records, answer this status too. */
#define ASHERAH_ERROR_INTERNAL (-1)
/* An argument is NULL, too long, not UTF-8, or overlaps another one. */
#define ASHERAH_ERROR_INVALID_ARGUMENT (-2)
/* The configuration is not JSON, or a field of it is missing, unknown, of the wrong type or out of range. */
#define ASHERAH_ERROR_CONFIGURATION (-3)
/* The handle is NULL, freed, of another type, or was never one. */
#define ASHERAH_ERROR_CLOSED_HANDLE (-4)
/* What was given for decryption, or what the metastore holds, is not a record of this format. */
#define ASHERAH_ERROR_MALFORMED_RECORD (-5)
/* The record belongs to another partition, service or product than the session. */
#define ASHERAH_ERROR_PARTITION_MISMATCH (-6)
/* The record names no parent key, or the metastore does not have the key it names. */
#define ASHERAH_ERROR_METADATA_MISSING (-7)
/* Data or key do not authenticate: altered, or sealed with another key. */
#define ASHERAH_ERROR_AUTHENTICATION (-8)
/* The metastore could not be asked, or answered with an error. */
#define ASHERAH_ERROR_METASTORE (-9)
/* The KMS could not be asked, or answered with an error. */
#define ASHERAH_ERROR_KMS (-10)
/* Locked memory ran out and the configuration says LockedMemory = "require". */
#define ASHERAH_ERROR_LOCKED_MEMORY (-11)
/* A time limit of the configuration passed. */
#define ASHERAH_ERROR_TIMED_OUT (-12)
/* The caller's buffer is too small; *written holds the size needed. Nothing was written to the buffer. */
#define ASHERAH_ERROR_BUFFER_TOO_SMALL (-13)
/* Not possible here: in a child after fork(), or with this C library. */
#define ASHERAH_ERROR_UNSUPPORTED (-14)
/* A function of the host, called by the library, failed. */
#define ASHERAH_ERROR_HOST_CALLBACK (-15)
/* ASHERAH_ONLY_IF_CACHED was given and the call would have to ask the metastore or the KMS. */
#define ASHERAH_ERROR_WOULD_BLOCK (-16)
/* Too many asynchronous calls are waiting; try again later. */
#define ASHERAH_ERROR_QUEUE_FULL (-17)

/* Returns the name of a status without the prefix ASHERAH_ERROR_, such as "METASTORE"; "OK" for 0 and "UNKNOWN" for a
 * number that is no status. NUL-terminated, valid for ever. Never fails. */
ASHERAH_EXPORT const char *asherah_status_name(int status);

/*
 * Returns the message of the last failed call of this thread, or NULL if its last call succeeded. It names what was
 * wrong and what to do, and never holds a secret, a key, a connection string or an ARN.
 * NUL-terminated UTF-8, owned by the library, valid until this thread's next call that returns a status or a handle.
 */
ASHERAH_EXPORT const char *asherah_last_error_message(void);

/* Returns the status of the last call of this thread that returns a status or a handle; ASHERAH_OK if it succeeded. */
ASHERAH_EXPORT int asherah_last_error_code(void);

/* ---- Factories --------------------------------------------------------------------------------------------------- */

typedef struct AsherahFactory AsherahFactory;
typedef struct AsherahSession AsherahSession;

/*
 * Makes a factory from a configuration: one JSON object, fields as in docs/configuration.md, for example
 *   {"ServiceName":"billing","ProductID":"shop","Metastore":"sqlite","ConnectionString":"keys.db",
 *    "KMS":"static","StaticMasterKeyHex":"<64 hex digits>"}
 * Returns a handle to free with asherah_factory_free(), or NULL (see asherah_last_error_code()).
 */
ASHERAH_EXPORT AsherahFactory *asherah_factory_new_with_config(const char *config_json);

/*
 * Makes a factory from the environment variables of the process at this moment (names in docs/configuration.md), or
 * from what asherah_apply_config_json() has set. Returns as asherah_factory_new_with_config().
 */
ASHERAH_EXPORT AsherahFactory *asherah_factory_new_from_env(void);

/*
 * Sets the configuration that asherah_factory_new_from_env() uses from now on in place of the environment. It is
 * checked here and kept until the next call replaces it; NULL goes back to the environment. Returns a status.
 */
ASHERAH_EXPORT int asherah_apply_config_json(const char *config_json);

/*
 * Frees a factory. Never blocks. Sessions still open stay fully usable until they are freed, calls in flight finish;
 * the last one to go wipes the keys. NULL and freed handles are accepted.
 */
ASHERAH_EXPORT void asherah_factory_free(AsherahFactory *factory);

/* ---- Sessions ---------------------------------------------------------------------------------------------------- */

/*
 * Opens a session for a partition. The id is NUL-terminated, not empty, and taken verbatim: no trimming, no folding.
 * Does no I/O. Returns a handle to free with asherah_session_free(), or NULL.
 */
ASHERAH_EXPORT AsherahSession *asherah_factory_get_session(AsherahFactory *factory, const char *partition_id);

/* As asherah_factory_get_session(), for an id of len bytes, which may hold U+0000. len is at most 1 MiB. */
ASHERAH_EXPORT AsherahSession *asherah_factory_get_session_n(AsherahFactory *factory, const uint8_t *partition_id,
                                                             size_t len);

/* Frees a session. Never blocks; calls in flight finish. NULL and freed handles are accepted. */
ASHERAH_EXPORT void asherah_session_free(AsherahSession *session);

/* ---- Encryption and decryption ----------------------------------------------------------------------------------- */

/* Largest input of one call, in bytes: 2^31 - 1 - 65536. A plaintext whose record would be longer, which begins at
 * three quarters of that, is refused too: it could not be decrypted. */
#define ASHERAH_MAX_INPUT ((size_t)2147418111)

/*
 * Bytes made by the library. data has len bytes in use out of capacity; a zeroed struct is an empty buffer.
 * The struct is the caller's, the memory behind data the library's until asherah_buffer_free().
 */
typedef struct AsherahBuffer {
  uint8_t *data;
  size_t len;
  size_t capacity;
} AsherahBuffer;

/* Wipes and frees what the library put into *buffer, and zeroes *buffer. NULL, zeroed and already freed ones are
 * accepted. */
ASHERAH_EXPORT void asherah_buffer_free(AsherahBuffer *buffer);

/*
 * Encrypts data[0..len) into a data row record. data may be NULL when len is 0: an empty plaintext is valid.
 * On ASHERAH_OK *out holds the record, to give back with asherah_buffer_free(); otherwise *out is zeroed. What *out
 * held before is overwritten, not freed.
 * Asks metastore and KMS only when the partition's key is not cached or is due for renewal.
 */
ASHERAH_EXPORT int asherah_encrypt_to_json(AsherahSession *session, const uint8_t *data, size_t len,
                                           AsherahBuffer *out);

/*
 * Decrypts a data row record, json[0..len), of the session's partition. On ASHERAH_OK *out holds the plaintext
 * (out->data is not NULL even if out->len is 0), to give back with asherah_buffer_free(); otherwise *out is zeroed.
 */
ASHERAH_EXPORT int asherah_decrypt_from_json(AsherahSession *session, const uint8_t *json, size_t len,
                                             AsherahBuffer *out);

/* Flag of asherah_encrypt_into(), asherah_decrypt_into() and the batches: answer ASHERAH_ERROR_WOULD_BLOCK instead of
 * asking metastore or KMS. */
#define ASHERAH_ONLY_IF_CACHED 1u

/*
 * Returns an upper bound for the record of a plaintext of len bytes, for asherah_encrypt_into(); 0 for a bad handle or
 * a len over ASHERAH_MAX_INPUT. Does no I/O.
 */
ASHERAH_EXPORT size_t asherah_encrypted_size(AsherahSession *session, size_t len);

/*
 * Returns the exact size of the plaintext in a well-formed record, for asherah_decrypt_into(), and an upper bound for
 * a record with escapes in it; 0 if json[0..len) is no record. Looks at the text only: no keys, no I/O.
 */
ASHERAH_EXPORT size_t asherah_decrypted_size(const uint8_t *json, size_t len);

/*
 * As asherah_encrypt_to_json(), into the caller's buffer out[0..capacity). *written receives the size of the record or,
 * with ASHERAH_ERROR_BUFFER_TOO_SMALL, the size needed; 0 with other statuses. out must not overlap data.
 * flags is 0 or ASHERAH_ONLY_IF_CACHED.
 */
ASHERAH_EXPORT int asherah_encrypt_into(AsherahSession *session, const uint8_t *data, size_t len, uint8_t *out,
                                        size_t capacity, size_t *written, uint32_t flags);

/*
 * As asherah_decrypt_from_json(), into the caller's buffer, with *written and flags as in asherah_encrypt_into().
 * A capacity of 28 bytes more than the plaintext saves the library a temporary buffer; bytes of out past *written may
 * be overwritten. After a failure out holds no plaintext.
 */
ASHERAH_EXPORT int asherah_decrypt_into(AsherahSession *session, const uint8_t *json, size_t len, uint8_t *out,
                                        size_t capacity, size_t *written, uint32_t flags);

/* One input of a batch. */
typedef struct AsherahSlice {
  const uint8_t *data;
  size_t len;
} AsherahSlice;

/* One result of a batch. buffer is to give back with asherah_buffer_free(), and zeroed unless status is ASHERAH_OK. */
typedef struct AsherahResult {
  AsherahBuffer buffer;
  int32_t status;
  int32_t reserved; /* 0 */
} AsherahResult;

/* Largest count of a batch. */
#define ASHERAH_MAX_BATCH ((size_t)1048576)

/*
 * Encrypt or decrypt count inputs in one call. Every results[i] is set, whatever the others' fate. Returns ASHERAH_OK
 * if all succeeded, else the status of the first that failed, whose message is the last error. If the arguments
 * themselves are refused (NULL, count over ASHERAH_MAX_BATCH, bad handle), nothing is written to results.
 */
ASHERAH_EXPORT int asherah_encrypt_batch(AsherahSession *session, const AsherahSlice *inputs, size_t count,
                                         AsherahResult *results, uint32_t flags);
ASHERAH_EXPORT int asherah_decrypt_batch(AsherahSession *session, const AsherahSlice *inputs, size_t count,
                                         AsherahResult *results, uint32_t flags);

/*
 * Called once for an asynchronous call, from a thread of the library. On success error is NULL and data[0..len) the
 * result; on failure data is NULL, len 0 and error a NUL-terminated message. data and error are valid until the
 * callback returns; data is wiped then. The callback may call the library; it must return, and must not throw.
 */
typedef void (*AsherahCompletionFn)(void *user_data, const uint8_t *data, size_t len, const char *error);

/*
 * Start an encryption or decryption and return. The input is copied first. On ASHERAH_OK the callback comes exactly
 * once, also if session and factory are freed meanwhile; with another status it never comes.
 * ASHERAH_ERROR_QUEUE_FULL says that 1024 calls are waiting already.
 */
ASHERAH_EXPORT int asherah_encrypt_to_json_async(AsherahSession *session, const uint8_t *data, size_t len,
                                                 AsherahCompletionFn callback, void *user_data);
ASHERAH_EXPORT int asherah_decrypt_from_json_async(AsherahSession *session, const uint8_t *json, size_t len,
                                                   AsherahCompletionFn callback, void *user_data);

/* ---- Hooks ------------------------------------------------------------------------------------------------------- */

#define ASHERAH_LOG_TRACE 0
#define ASHERAH_LOG_DEBUG 1
#define ASHERAH_LOG_INFO 2
#define ASHERAH_LOG_WARN 3
#define ASHERAH_LOG_ERROR 4
#define ASHERAH_LOG_OFF 5

/* Receives one log line. target names the part of the library; both strings are NUL-terminated UTF-8, valid until the
 * callback returns, and free of secrets. */
typedef void (*AsherahLogFn)(void *user_data, int32_t level, const char *target, const char *message);

/*
 * Set the log hook, of which there is one for the process; a second call replaces the first. The hook is called from a
 * thread of the library, one line at a time; lines that find the queue full are dropped and counted. Warnings issued
 * while no hook was set (the last 64) are given to it first.
 *   asherah_set_log_hook              queue of 1024 lines, from ASHERAH_LOG_WARN on
 *   asherah_set_log_hook_with_config  queue_capacity lines (0: 1024), from min_level on (ASHERAH_LOG_OFF: none)
 *   asherah_set_log_hook_sync         on the thread where the event happens, which waits for it; it is not called for
 *                                     what it causes itself by calling the library
 * NULL as callback clears the hook. They return a status.
 */
ASHERAH_EXPORT int asherah_set_log_hook(AsherahLogFn callback, void *user_data);
ASHERAH_EXPORT int asherah_set_log_hook_with_config(AsherahLogFn callback, void *user_data, size_t queue_capacity,
                                                    int32_t min_level);
ASHERAH_EXPORT int asherah_set_log_hook_sync(AsherahLogFn callback, void *user_data, int32_t min_level);

/* Clears the log hook. When it returns, no call of the hook is running or will come, unless it is called by the hook
 * itself or while another thread is clearing it. Returns a status. */
ASHERAH_EXPORT int asherah_clear_log_hook(void);

/* Returns how many log lines were dropped since the library was loaded. Never fails. */
ASHERAH_EXPORT uint64_t asherah_log_dropped_count(void);

#define ASHERAH_METRIC_ENCRYPT 0
#define ASHERAH_METRIC_DECRYPT 1
#define ASHERAH_METRIC_STORE 2
#define ASHERAH_METRIC_LOAD 3
#define ASHERAH_METRIC_CACHE_HIT 4
#define ASHERAH_METRIC_CACHE_MISS 5
#define ASHERAH_METRIC_CACHE_STALE 6

/* Receives one measurement: duration_ns for types 0 to 3; name says which cache for types 4 to 6 and is empty for the
 * others. It is valid until the callback returns. */
typedef void (*AsherahMetricsFn)(void *user_data, int32_t type, uint64_t duration_ns, const char *name);

/* Set and clear the metrics hook, with threads, queue and drops as for the log hook. Without a hook nothing is
 * measured. */
ASHERAH_EXPORT int asherah_set_metrics_hook(AsherahMetricsFn callback, void *user_data);
ASHERAH_EXPORT int asherah_set_metrics_hook_with_config(AsherahMetricsFn callback, void *user_data,
                                                        size_t queue_capacity);
ASHERAH_EXPORT int asherah_set_metrics_hook_sync(AsherahMetricsFn callback, void *user_data);
ASHERAH_EXPORT int asherah_clear_metrics_hook(void);
ASHERAH_EXPORT uint64_t asherah_metrics_dropped_count(void);

/* ---- Statistics -------------------------------------------------------------------------------------------------- */

/*
 * Writes the state of the library as a JSON object into *out, to give back with asherah_buffer_free(). Members, all of
 * them counts unless said otherwise:
 *   version, abi_version
 *   live_secrets, locked_bytes, unlocked_bytes, lock_failures, damaged_canaries, heap_ciphers
 *   handles: {factories, sessions}
 *   caches: {system_keys, intermediate_keys, sessions, evictions}
 *   host: {state: "ok" | "degraded", reasons: [text]}
 *   log_dropped, metrics_dropped, warnings
 * Members may be added. Returns a status.
 */
ASHERAH_EXPORT int asherah_stats(AsherahBuffer *out);

#ifdef __cplusplus
}
#endif

#endif
