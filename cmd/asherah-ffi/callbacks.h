/* Tables of functions of the host, and the calls of them. */
#ifndef ASHERAH_CALLBACKS_H
#define ASHERAH_CALLBACKS_H

#include "border.h"

/* A checked copy of a table, to be freed with free() or given up to border_release_...(); NULL with the last error set.
 * Go keeps tables as addresses of C memory: user data may be any number, which Go's memory must not hold as a pointer.
 */
AsherahMetastoreCallbacks *border_copy_metastore(const AsherahMetastoreCallbacks *callbacks);
AsherahKmsCallbacks *border_copy_kms(const AsherahKmsCallbacks *callbacks);
AsherahPolicyCallbacks *border_copy_policy(const AsherahPolicyCallbacks *callbacks);

/* What a call of the host's changes on its thread while it runs. The calls of the library that are made in it are not
 * the thread's last ones. */
struct border_scope {
  struct border_error hidden;
  uint32_t nesting;
};
struct border_scope border_begin(uint32_t nesting);
void border_end(struct border_scope scope);

/* What a function of the host answered. */
struct border_answer {
  uint8_t *data; /* the result, at the given place or from malloc(); NULL: none */
  size_t len;
  char *message; /* from malloc(), or NULL */
  size_t message_len;
  int32_t status;
};

/* Wipes and frees a result that is not at a given place. */
void border_free_result(uint8_t *data, size_t len);

/* Each calls one function, if the table has it, on this thread, whose border_nesting is what is given meanwhile. */
void border_load(const AsherahMetastoreCallbacks *table, uint32_t nesting, const uint8_t *id, size_t id_len,
                 int64_t created, struct border_answer *answer);
void border_load_latest(const AsherahMetastoreCallbacks *table, uint32_t nesting, const uint8_t *id, size_t id_len,
                        struct border_answer *answer);
void border_store(const AsherahMetastoreCallbacks *table, uint32_t nesting, const uint8_t *id, size_t id_len,
                  int64_t created, const uint8_t *record, size_t record_len, struct border_answer *answer);
void border_key_suffix(const AsherahMetastoreCallbacks *table, uint32_t nesting, struct border_answer *answer);
void border_encrypt_key(const AsherahKmsCallbacks *table, uint32_t nesting, const uint8_t *key, size_t key_len,
                        int64_t created, int32_t revoked, struct border_answer *answer);
/* place[0..place_len) is for a result that is not longer. */
void border_decrypt_key(const AsherahKmsCallbacks *table, uint32_t nesting, const uint8_t *blob, size_t blob_len,
                        int64_t created, int32_t revoked, uint8_t *place, size_t place_len,
                        struct border_answer *answer);

/* Free a table and tell the host. */
void border_release_metastore(AsherahMetastoreCallbacks *table);
void border_release_kms(AsherahKmsCallbacks *table);
void border_release_policy(AsherahPolicyCallbacks *table);

/* Decisions of a policy, in the order of the table. */
enum border_decision {
  BORDER_IS_KEY_EXPIRED,
  BORDER_REVOKE_CHECK_PERIOD_MS,
  BORDER_CAN_CACHE_SYSTEM_KEYS,
  BORDER_CAN_CACHE_INTERMEDIATE_KEYS,
  BORDER_IS_QUEUED_ROTATION,
  BORDER_NOTIFY_EXPIRED_SYSTEM_KEY_ON_READ,
  BORDER_NOTIFY_EXPIRED_INTERMEDIATE_KEY_ON_READ,
  BORDER_TRUNCATE_SYSTEM_KEY,
  BORDER_TRUNCATE_INTERMEDIATE_KEY
};
struct border_decided {
  int64_t answer;
  int32_t too_deep; /* not 0: functions of the host are inside of each other too deep already, and it was not called */
};
/* Whether a table leaves a decision to the host, and what the host decides. created is for those that are about a key.
 */
int border_decides(const AsherahPolicyCallbacks *table, enum border_decision decision);
struct border_decided border_decide(const AsherahPolicyCallbacks *table, enum border_decision decision,
                                    int64_t created);

/* This thread's border_nesting. */
uint32_t border_current_nesting(void);

/* Whether this thread is the host's, or one of the library that has been asked about before. */
int border_known_thread(void);

#endif
