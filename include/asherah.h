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
 *   Platform   Linux with glibc on amd64. The library does not load on musl (Alpine).
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
#define ASHERAH_ABI_VERSION 2

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
/* The asynchronous call was cancelled with asherah_call_cancel(). */
#define ASHERAH_ERROR_CANCELLED (-18)

/* The library never uses numbers from this one downwards: they are for failures of the host's own callbacks, which come
 * back unchanged as the status of the call that ran the callback. */
#define ASHERAH_HOST_STATUS (-1000)

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

/* ---- Buffers --------------------------------------------------------------------------------------------------------
 */

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
 * Sets environment variables for the library alone: an object of names to texts, or to null, which takes a name back.
 * They go before those of the process wherever the library looks into the environment: in
 * asherah_factory_new_from_env(), and for the settings of AWS that docs/aws-kms.md lists. An empty text hides the
 * variable of the process. At most 1 MiB are kept, in locked memory. For hosts whose idea of the environment differs
 * from C's, such as .NET. Returns a status.
 */
ASHERAH_EXPORT int asherah_set_env(const char *json);

/*
 * Frees a factory. Never blocks. Sessions still open stay fully usable until they are freed, calls in flight finish;
 * the last one to go wipes the keys. NULL and freed handles are accepted.
 */
ASHERAH_EXPORT void asherah_factory_free(AsherahFactory *factory);

/* ---- Metastores and KMSs of their own ---------------------------------------------------------------------------- */

/*
 * A metastore or KMS as a handle can be used by itself and shared by several factories: one connection pool, one set of
 * clients. It lives until its handle and all factories that use it, with their sessions, are freed.
 * Key ids are UTF-8 of id_len bytes, at most 1 MiB, and may hold U+0000. created is in Unix seconds, UTC.
 */
typedef struct AsherahMetastore AsherahMetastore;
typedef struct AsherahKms AsherahKms;

/*
 * Make a metastore or a KMS from the fields of a configuration that concern it; the others are checked, and not needed:
 * the configuration of a factory serves. Return a handle, or NULL.
 */
ASHERAH_EXPORT AsherahMetastore *asherah_metastore_new(const char *config_json);
ASHERAH_EXPORT AsherahKms *asherah_kms_new(const char *config_json);

/* Free a handle. Never block; calls in flight finish. NULL and freed handles are accepted. */
ASHERAH_EXPORT void asherah_metastore_free(AsherahMetastore *metastore);
ASHERAH_EXPORT void asherah_kms_free(AsherahKms *kms);

/*
 * Load the key record with this id and created, or with this id and the largest created. On ASHERAH_OK *record holds
 * its JSON text, to give back with asherah_buffer_free(), or is zeroed if the metastore has no such record:
 *   {"Revoked":true,"Created":1700000000,"Key":"<base64>","ParentKeyMeta":{"KeyId":"_SK_...","Created":1700000000}}
 * Revoked is there if it is true, ParentKeyMeta in intermediate keys.
 */
ASHERAH_EXPORT int asherah_metastore_load(AsherahMetastore *metastore, const uint8_t *id, size_t id_len,
                                          int64_t created, AsherahBuffer *record);
ASHERAH_EXPORT int asherah_metastore_load_latest(AsherahMetastore *metastore, const uint8_t *id, size_t id_len,
                                                 AsherahBuffer *record);

/*
 * Adds a key record, JSON text as above whose Created is created. On ASHERAH_OK *stored is 1, or 0 if there is one with
 * this id and created already, which stays as it is.
 */
ASHERAH_EXPORT int asherah_metastore_store(AsherahMetastore *metastore, const uint8_t *id, size_t id_len,
                                           int64_t created, const uint8_t *record, size_t record_len, int32_t *stored);

/* Puts the region suffix of key ids, empty for none, into *suffix, to give back with asherah_buffer_free(). */
ASHERAH_EXPORT int asherah_metastore_key_suffix(AsherahMetastore *metastore, AsherahBuffer *suffix);

/* Wraps a system key, key[0..32), and puts the result into *blob, to give back with asherah_buffer_free(). created and
 * revoked (0 or 1) are those of the key. */
ASHERAH_EXPORT int asherah_kms_encrypt_key(AsherahKms *kms, const uint8_t *key, size_t key_len, int64_t created,
                                           int32_t revoked, AsherahBuffer *blob);

/* Unwraps what asherah_kms_encrypt_key() returned and puts the key into *key, to give back with asherah_buffer_free(),
 * which wipes it. */
ASHERAH_EXPORT int asherah_kms_decrypt_key(AsherahKms *kms, const uint8_t *blob, size_t blob_len, int64_t created,
                                           int32_t revoked, AsherahBuffer *key);

/* ---- Metastores, KMSs and policies of the host ------------------------------------------------------------------- */

/*
 * Tables of functions that the host supplies. The library copies a table; functions and user_data stay valid until
 * release has been called.
 *
 *   Versions   size is sizeof the struct, version ASHERAH_CALLBACKS_VERSION. A library that is older than the header
 *              refuses a table with members it does not know, unless they are 0; a newer one takes missing ones as 0.
 *   Threads    Any thread, several at a time. Without ASHERAH_CALLBACKS_ANY_THREAD and without CallbackTimeoutMs in the
 *              factory's configuration they are the threads that call the library, during such a call, with no limit of
 *              time; asynchronous calls run them on threads of the library.
 *   Time       With CallbackTimeoutMs they run on threads of the library. A call that takes longer is given up with
 *              ASHERAH_ERROR_TIMED_OUT, logged and counted; what it answers later is dropped.
 *   Answers    0, or ASHERAH_ABSENT or ASHERAH_DUPLICATE where these are named. A negative number is a failure: the
 *              call of the library that led here answers with the same number and the message set with set_message.
 *              Any other number makes it answer ASHERAH_ERROR_HOST_CALLBACK. An outage must be a failure, never an
 *              absence: new keys would be made.
 *   Results    Memory from reply->allocate, filled before returning. The library wipes and frees it.
 *   Arguments  Valid until the callback returns.
 *   Re-entry   Callbacks may call the library, and free the handles they serve. A call made inside of a callback on
 *              its thread loads keys for itself and does not wait for other calls; eight such calls inside of each
 *              other are allowed. A callback must not wait for another thread's call on the same factory, which may
 *              be waiting for the callback.
 *   Release    Is called once, after the last call in flight has returned, when the handle and all factories that use
 *              it are gone; on any thread. It may be NULL. If making the handle fails it is not called.
 *   Leaving    Callbacks return: no longjmp(), no exception past their end, no end of the thread.
 */
#define ASHERAH_CALLBACKS_VERSION 1

/* Answer of load and load_latest: there is no such record. */
#define ASHERAH_ABSENT 1
/* Answer of store: there is a record with this id and created already. It stays as it is. */
#define ASHERAH_DUPLICATE 1

/* Flag of a table: the library may also use threads of its own, to look at keys again before their time is up. */
#define ASHERAH_CALLBACKS_ANY_THREAD 1u

/* Longest result of a callback in bytes. */
#define ASHERAH_MAX_REPLY ((size_t)16777216)

/* What a callback answers with beside its number. Given to it, valid until it returns. */
typedef struct AsherahReply {
  size_t size; /* of this struct in the library */
  /* Returns zeroed memory for a result of len bytes, in place of any allocated before; NULL if len is over
   * ASHERAH_MAX_REPLY or memory is short: return a failure then. */
  uint8_t *(*allocate)(struct AsherahReply *reply, size_t len);
  /* Sets the message of a failure, len bytes of UTF-8, which is copied; at most 4096 are kept. */
  void (*set_message)(struct AsherahReply *reply, const char *message, size_t len);
} AsherahReply;

typedef struct AsherahMetastoreCallbacks {
  size_t size;
  uint32_t version;
  uint32_t flags; /* 0 or ASHERAH_CALLBACKS_ANY_THREAD */
  void *user_data;
  /* Find a record: its JSON text is the result. load looks for exactly this created, load_latest for the largest. */
  int32_t (*load)(void *user_data, const uint8_t *id, size_t id_len, int64_t created, AsherahReply *reply);
  int32_t (*load_latest)(void *user_data, const uint8_t *id, size_t id_len, AsherahReply *reply);
  /* Adds a record if there is none with this id and created. */
  int32_t (*store)(void *user_data, const uint8_t *id, size_t id_len, int64_t created, const uint8_t *record,
                   size_t record_len, AsherahReply *reply);
  /* Asked once, when the handle is made: the region suffix of key ids is the result. NULL: none. */
  int32_t (*key_suffix)(void *user_data, AsherahReply *reply);
  void (*release)(void *user_data);
} AsherahMetastoreCallbacks;

typedef struct AsherahKmsCallbacks {
  size_t size;
  uint32_t version;
  uint32_t flags; /* 0 or ASHERAH_CALLBACKS_ANY_THREAD */
  void *user_data;
  /* Wraps key[0..32), which is in locked memory and wiped by the library. The wrapped key is the result. */
  int32_t (*encrypt_key)(void *user_data, const uint8_t *key, size_t key_len, int64_t created, int32_t revoked,
                         AsherahReply *reply);
  /* Unwraps what encrypt_key returned. The key, 32 bytes, is the result; the library wipes it. */
  int32_t (*decrypt_key)(void *user_data, const uint8_t *blob, size_t blob_len, int64_t created, int32_t revoked,
                         AsherahReply *reply);
  void (*release)(void *user_data);
} AsherahKmsCallbacks;

/*
 * Decisions of a crypto policy. A NULL member leaves the decision to the configuration; one that is set is asked each
 * time, on the thread of the call, so it should be quick; keys are then looked at again and replaced during calls, not
 * on threads of the library. Truth is 1 and 0; a negative answer fails the call as said above, without words of its
 * own.
 */
typedef struct AsherahPolicyCallbacks {
  size_t size;
  uint32_t version;
  uint32_t flags; /* 0 */
  void *user_data;
  /* Is a key created then (Unix seconds) too old to encrypt? If all are, one is made each second. */
  int32_t (*is_key_expired)(void *user_data, int64_t created);
  /* Milliseconds for which a cached key is used without asking the metastore whether it was revoked; from 0, which is
   * always to ask. */
  int64_t (*revoke_check_period_ms)(void *user_data);
  int32_t (*can_cache_system_keys)(void *user_data);
  int32_t (*can_cache_intermediate_keys)(void *user_data);
  /* Is an expired key replaced in the background, while it goes on being used? */
  int32_t (*is_queued_rotation)(void *user_data);
  /* Is the use of an expired key for decryption worth a log line? */
  int32_t (*notify_expired_system_key_on_read)(void *user_data);
  int32_t (*notify_expired_intermediate_key_on_read)(void *user_data);
  /* Round the time of creation of a new key down, Unix seconds in and out. An answer of 0 or later than created fails
   * the call. Where there is a key as new as the answer, the time is not rounded. */
  int64_t (*truncate_system_key)(void *user_data, int64_t created);
  int64_t (*truncate_intermediate_key)(void *user_data, int64_t created);
  void (*release)(void *user_data);
} AsherahPolicyCallbacks;

/* Make a metastore or a KMS of the host's functions. load, load_latest and store, or encrypt_key and decrypt_key, must
 * be there. Return a handle, or NULL. */
ASHERAH_EXPORT AsherahMetastore *asherah_metastore_new_from_callbacks(const AsherahMetastoreCallbacks *callbacks);
ASHERAH_EXPORT AsherahKms *asherah_kms_new_from_callbacks(const AsherahKmsCallbacks *callbacks);

/*
 * Makes a factory on a metastore and a KMS that exist already; those handles may be freed at once. NULL in place of one
 * has it made from the configuration; fields that concern one that is given are not needed and not used. policy may be
 * NULL: the configuration decides. Returns a handle, or NULL.
 */
ASHERAH_EXPORT AsherahFactory *asherah_factory_new(const char *config_json, AsherahMetastore *metastore,
                                                   AsherahKms *kms, const AsherahPolicyCallbacks *policy);

/*
 * What a factory tells of its keys, for logs and metrics of the host's.
 *   ..._LOADING_LATEST, ..._LOADING, ..._STORING   the metastore is about to be asked
 *   ..._LOADED_LATEST, ..._LOADED, ..._STORED      it has answered or failed
 *   ..._KEY_ENCRYPTED, ..._KEY_DECRYPTED           the KMS has
 *   ..._KEY_CACHED                                 a key goes into the cache
 *   ..._EXPIRED_KEY_READ                           an expired or revoked key is used for decryption, where notices of
 * that are asked for; each time
 *   ..._ROTATION_QUEUED                            an expired key is about to be replaced, while it goes on being used
 *   ..._ROTATION_DONE, ..._ROTATION_FAILED         how that ended
 *   ..._DATA_KEY_GENERATED, ..._DATA_KEY_ENCRYPTED,
 *   ..._DATA_KEY_DECRYPTED                         a region of AWS KMS has answered a request or failed to; each one
 * Those of regions follow the one of the KMS. What a region answers later, since another one has served, is told when
 * it comes, unless the factory is closed by then or the call was made inside of a callback.
 */
#define ASHERAH_EVENT_LOADING_LATEST 0
#define ASHERAH_EVENT_LOADING 1
#define ASHERAH_EVENT_STORING 2
#define ASHERAH_EVENT_LOADED_LATEST 3
#define ASHERAH_EVENT_LOADED 4
#define ASHERAH_EVENT_STORED 5
#define ASHERAH_EVENT_KEY_ENCRYPTED 6
#define ASHERAH_EVENT_KEY_DECRYPTED 7
#define ASHERAH_EVENT_KEY_CACHED 8
#define ASHERAH_EVENT_EXPIRED_KEY_READ 9
#define ASHERAH_EVENT_ROTATION_QUEUED 10
#define ASHERAH_EVENT_ROTATION_DONE 11
#define ASHERAH_EVENT_ROTATION_FAILED 12
#define ASHERAH_EVENT_DATA_KEY_GENERATED 13
#define ASHERAH_EVENT_DATA_KEY_ENCRYPTED 14
#define ASHERAH_EVENT_DATA_KEY_DECRYPTED 15

/* An event; valid, with its id and region, until the function that is given it returns. */
typedef struct AsherahEvent {
  size_t size;        /* of this struct in the library */
  int32_t type;       /* ASHERAH_EVENT_... */
  int32_t system_key; /* 1: of a system key, 0: of an intermediate key */
  int32_t failed;     /* 1: metastore, KMS or region failed */
  int32_t absent;     /* 1: the metastore has no such record, or, where one was to be stored, has one already */
  const uint8_t *id;  /* of the key, UTF-8; NULL in what a KMS did */
  size_t id_len;
  int64_t created;       /* of the key, Unix seconds; 0 where the newest one is meant */
  uint64_t duration_ns;  /* of what metastore, KMS or region did; 0 in other events */
  const uint8_t *region; /* that was asked, such as us-west-2, UTF-8; NULL in all but ..._DATA_KEY_... */
  size_t region_len;
} AsherahEvent;

/* As the tables above; event is called on the thread of the event, which waits for it: one that calls the library, or,
 * where keys are looked at again or replaced in the background or a region answers late, one of the library. */
typedef struct AsherahEventCallbacks {
  size_t size;
  uint32_t version;
  uint32_t flags; /* 0 */
  void *user_data;
  void (*event)(void *user_data, const AsherahEvent *event);
  void (*release)(void *user_data);
} AsherahEventCallbacks;

/* Has a factory tell its events from now on. A factory can have one such table; a second is answered with
 * ASHERAH_ERROR_INVALID_ARGUMENT. If this fails release is not called. Returns a status. */
ASHERAH_EXPORT int asherah_factory_observe(AsherahFactory *factory, const AsherahEventCallbacks *callbacks);

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
 *
 * Calls run on threads of the library, 128 at most, which end when they have had nothing to do for ten seconds: as many
 * at a time as there are processors (2 to 64), and besides up to 64 calls that ask metastore or KMS, which keep no
 * others waiting. A callback keeps its thread until it returns; where callbacks keep all of them, further calls run on
 * further threads, one more every 10 ms. TimeoutMs, if the configuration has it, counts from the start of a call.
 */
ASHERAH_EXPORT int asherah_encrypt_to_json_async(AsherahSession *session, const uint8_t *data, size_t len,
                                                 AsherahCompletionFn callback, void *user_data);
ASHERAH_EXPORT int asherah_decrypt_from_json_async(AsherahSession *session, const uint8_t *json, size_t len,
                                                   AsherahCompletionFn callback, void *user_data);

/* An asynchronous call under way. Ends by itself: there is nothing to free. */
typedef struct AsherahCall AsherahCall;

/*
 * As AsherahCompletionFn, with the status. On ASHERAH_OK data[0..len) is the result and message NULL; else data is
 * NULL, len 0 and message a NUL-terminated text.
 */
typedef void (*AsherahResultFn)(void *user_data, int32_t status, const uint8_t *data, size_t len, const char *message);

/*
 * As the two functions before, with the status in the callback, and with a handle in *call to cancel by, if call is not
 * NULL. The callback may come before these return.
 */
ASHERAH_EXPORT int asherah_encrypt_start(AsherahSession *session, const uint8_t *data, size_t len,
                                         AsherahResultFn callback, void *user_data, AsherahCall **call);
ASHERAH_EXPORT int asherah_decrypt_start(AsherahSession *session, const uint8_t *json, size_t len,
                                         AsherahResultFn callback, void *user_data, AsherahCall **call);

/*
 * Asks for the end of a call. Its callback still comes exactly once: with ASHERAH_ERROR_CANCELLED if the call was
 * waiting for a thread, the metastore or the KMS, else with its result. Functions of the host on the call's own thread
 * are not interrupted: it ends when they return. Never blocks. A call that has ended, which it has in its callback, is
 * answered with ASHERAH_ERROR_CLOSED_HANDLE.
 */
ASHERAH_EXPORT int asherah_call_cancel(AsherahCall *call);

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

/* Clears the log hook. When it returns, no call of the hook is running or will come, unless it is called from within a
 * hook. Returns a status. */
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
/* Where rotation is queued: a key was replaced, or could not be. */
#define ASHERAH_METRIC_ROTATED 7
#define ASHERAH_METRIC_ROTATION_FAILED 8
/* Where such notices are asked for: an expired or revoked key was used for decryption. */
#define ASHERAH_METRIC_EXPIRED_READ 9

/* Receives one measurement: duration_ns for types 0 to 3; name is empty for these and "system" or "intermediate", the
 * keys concerned, for the others. It is valid until the callback returns. */
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
 *   handles: {factories, sessions, metastores, kms, calls, secrets}
 *   async: {waiting, running}: asynchronous calls
 *   callbacks: {running, abandoned, timed_out}: calls of the host's functions, abandoned ones have not returned yet
 *   caches: {system_keys, intermediate_keys, sessions, evictions}
 *   host: {state: "ok" | "degraded", reasons: [text]}
 *   log_dropped, metrics_dropped, warnings
 * Members may be added. Returns a status.
 */
ASHERAH_EXPORT int asherah_stats(AsherahBuffer *out);

/* ---- Locked memory and AES-256-GCM ------------------------------------------------------------------------------- */

/*
 * For the wrappers of this library, which use its locked memory and cipher for what is not a record.
 *
 * A secret is memory that is locked (not swapped), left out of core dumps and of children made by fork(), between
 * canaries or guard pages, and wiped when freed. Where the system refuses to lock, it works unlocked, with a warning
 * and counted in asherah_stats().
 */
typedef struct AsherahSecret AsherahSecret;

/* Longest secret in bytes. */
#define ASHERAH_MAX_SECRET ((size_t)16777216)

/* Returns a handle to a zeroed secret of len bytes, 1 to ASHERAH_MAX_SECRET, whose address goes into *data. The address
 * is valid until the handle is freed. NULL on failure. */
ASHERAH_EXPORT AsherahSecret *asherah_secret_new(size_t len, uint8_t **data);

/* Wipes and frees a secret. Nobody may use its address any more. NULL and freed handles are accepted. */
ASHERAH_EXPORT void asherah_secret_free(AsherahSecret *secret);

#define ASHERAH_AES_KEY_SIZE 32
#define ASHERAH_AES_NONCE_SIZE 12
#define ASHERAH_AES_TAG_SIZE 16

/*
 * Seal or open with AES-256-GCM, without additional data: sealed bytes are the ciphertext and, after it, the tag of 16.
 * key has 32 bytes and nonce 12; a nonce must never be used twice with a key. out[0..capacity) must have room for the
 * result, len + 16 or len - 16 bytes, and is data itself or does not overlap it. *written receives the size of the
 * result. Data that does not authenticate is answered with ASHERAH_ERROR_AUTHENTICATION; out is wiped then.
 */
ASHERAH_EXPORT int asherah_aes_gcm_seal(const uint8_t *key, const uint8_t *nonce, const uint8_t *data, size_t len,
                                        uint8_t *out, size_t capacity, size_t *written);
ASHERAH_EXPORT int asherah_aes_gcm_open(const uint8_t *key, const uint8_t *nonce, const uint8_t *data, size_t len,
                                        uint8_t *out, size_t capacity, size_t *written);

/* ---- Cobhan ------------------------------------------------------------------------------------------------------ */

/*
 * The functions of https://github.com/godaddy/asherah-cobhan, for bindings that load them by name. Their names are too
 * general for every program: define ASHERAH_COBHAN to have them declared. There is one factory for the process, which
 * is made by SetupJson() and has its own defaults (docs/configuration.md).
 *
 * A Cobhan buffer is an int32_t, little-endian: its length as input, its capacity as output; four bytes that are not
 * used; and the bytes from offset 8 on. It may lie at any address. An output's length is set on success only; after a
 * failure there is no plaintext in it. It may overlap an input. Times of creation, created and parent_key_created of
 * Encrypt(), are int64_t, little-endian, 8 bytes without a header.
 *
 * The functions answer ASHERAH_COBHAN_OK or one of the codes below; asherah_last_error_message() has the words for it
 * and asherah_last_error_code() the status behind it.
 */
#define ASHERAH_COBHAN_OK 0
/* A pointer is NULL. */
#define ASHERAH_COBHAN_NULL_POINTER (-1)
/* An input has a negative length or more than ASHERAH_MAX_INPUT bytes, or its record would. */
#define ASHERAH_COBHAN_BUFFER_TOO_LARGE (-2)
/* An output has no room for the result, or a negative capacity. */
#define ASHERAH_COBHAN_BUFFER_TOO_SMALL (-3)
/* Not used by this library. */
#define ASHERAH_COBHAN_COPY_FAILED (-4)
/* The text is not JSON, or not of the shape that is needed. */
#define ASHERAH_COBHAN_JSON_DECODE_FAILED (-5)
/* Not used by this library. */
#define ASHERAH_COBHAN_JSON_ENCODE_FAILED (-6)
/* SetupJson() has not succeeded yet, or Shutdown() has been called since. */
#define ASHERAH_COBHAN_NOT_INITIALIZED (-100)
/* SetupJson() has succeeded before, without a Shutdown() since. */
#define ASHERAH_COBHAN_ALREADY_INITIALIZED (-101)
/* The partition id is empty, not UTF-8, or longer than 1 MiB. */
#define ASHERAH_COBHAN_GET_SESSION_FAILED (-102)
/* Encryption failed: the metastore, the KMS, or locked memory. */
#define ASHERAH_COBHAN_ENCRYPT_FAILED (-103)
/* Decryption failed: as before, or the record is of another partition, altered, or without a key. */
#define ASHERAH_COBHAN_DECRYPT_FAILED (-104)
/* The configuration is JSON, but not one that works. */
#define ASHERAH_COBHAN_BAD_CONFIG (-105)
/* A fault of the library, caught at the border; or this is a child made by fork(). */
#define ASHERAH_COBHAN_PANIC (-106)

#ifdef ASHERAH_COBHAN
/* Makes the factory from a configuration in JSON. */
ASHERAH_EXPORT int32_t SetupJson(const void *config_json);

/* Ends the factory, and returns when the calls in flight have returned; called by a synchronous hook it does not wait
 * for them. SetupJson() may be called again, before that too. */
ASHERAH_EXPORT void Shutdown(void);

/* As asherah_set_env(): an object of names to texts, or to null. For the next SetupJson(). */
ASHERAH_EXPORT int32_t SetEnv(const void *env_json);

/* Returns a capacity that is enough for the record of so many bytes under a partition id of so many, and 8 more, or
 * ASHERAH_COBHAN_BUFFER_TOO_LARGE. Smaller once SetupJson() has told how long the service's name is. */
ASHERAH_EXPORT int32_t EstimateBuffer(int32_t data_len, int32_t partition_len);

/* Encrypt and decrypt with the members of the record one by one, not in base64. encrypted_data is 28 bytes longer than
 * data, encrypted_key 60 bytes long. */
ASHERAH_EXPORT int32_t Encrypt(const void *partition_id, const void *data, void *encrypted_data, void *encrypted_key,
                               void *created, void *parent_key_id, void *parent_key_created);
ASHERAH_EXPORT int32_t Decrypt(const void *partition_id, const void *encrypted_data, const void *encrypted_key,
                               int64_t created, const void *parent_key_id, int64_t parent_key_created,
                               void *decrypted_data);

/* Encrypt to, and decrypt from, a record in JSON. A plaintext is never longer than its record. */
ASHERAH_EXPORT int32_t EncryptToJson(const void *partition_id, const void *data, void *json);
ASHERAH_EXPORT int32_t DecryptFromJson(const void *partition_id, const void *json, void *data);
#endif

#ifdef __cplusplus
}
#endif

#endif
