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
AsherahEventCallbacks *border_copy_events(const AsherahEventCallbacks *callbacks);

/* What a call of the host's changes on its thread while it runs. The calls of the library that are made in it are not
 * the thread's last ones. */
struct border_scope {
  struct lasterror hidden;
  uint32_t nesting;
};
struct border_scope border_begin(uint32_t nesting);
void border_end(struct border_scope scope);

/*
 * A call of a function of the host: what it is given and what it answers. Text that is given is copied here, so that
 * the host never sees Go's memory.
 */
struct border_call {
  uint8_t *data; /* the result, at place or from malloc(); NULL: none */
  size_t len;
  uint8_t *place; /* for a result of at most place_len bytes, and wiped with whoever it belongs to; or NULL */
  size_t place_len;
  char *message; /* from malloc(), or NULL */
  size_t message_len;
  int32_t status;
  size_t id_len; /* of the text; what follows is the record or the blob */
  size_t text_len;
  uint8_t text[];
};

/* A call with room for len bytes of text; NULL: no memory. */
struct border_call *border_call_new(size_t len);

/* Go has no name for the text, whose length is not fixed. */
static inline void *border_call_text(struct border_call *call) { return call->text; }

/* Ends a call, with its result and message. */
void border_call_free(struct border_call *call);

/* Each calls one function, if the table has it, on this thread, whose border_nesting is what is given meanwhile. */
void border_load(const AsherahMetastoreCallbacks *table, uint32_t nesting, struct border_call *call, int64_t created);
void border_load_latest(const AsherahMetastoreCallbacks *table, uint32_t nesting, struct border_call *call);
void border_store(const AsherahMetastoreCallbacks *table, uint32_t nesting, struct border_call *call, int64_t created);
void border_key_suffix(const AsherahMetastoreCallbacks *table, uint32_t nesting, struct border_call *call);
void border_encrypt_key(const AsherahKmsCallbacks *table, uint32_t nesting, struct border_call *call,
                        const uint8_t *key, size_t key_len, int64_t created, int32_t revoked);
void border_decrypt_key(const AsherahKmsCallbacks *table, uint32_t nesting, struct border_call *call, int64_t created,
                        int32_t revoked);

/* Free a table and tell the host. */
void border_release_metastore(AsherahMetastoreCallbacks *table);
void border_release_kms(AsherahKmsCallbacks *table);
void border_release_policy(AsherahPolicyCallbacks *table);
void border_release_events(AsherahEventCallbacks *table);

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

/* Tells the host of an event, unless functions of the host are inside of each other too deep already. */
void border_tell(const AsherahEventCallbacks *table, const AsherahEvent *event);

/* This thread's border_nesting. */
uint32_t border_current_nesting(void);

/* Whether this thread is the host's, or one of the library that has been asked about before. */
int border_known_thread(void);

#endif
