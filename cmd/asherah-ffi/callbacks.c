#include "callbacks.h"

#include "calls.h"

/* How much of a message is kept, in bytes, and the rest of a character: Go cuts it between two. */
enum { MAX_MESSAGE = 4096 + 3 };

_Thread_local uint32_t border_nesting __attribute__((tls_model("initial-exec")));

uint32_t border_current_nesting(void) { return border_nesting; }

int border_known_thread(void) {
  static _Thread_local int known __attribute__((tls_model("initial-exec")));
  int before = known || host_thread_ready;
  known = 1;
  return before;
}

struct border_scope border_begin(uint32_t nesting) {
  struct border_scope scope = {lasterror_hide(), border_nesting};
  border_nesting = nesting;
  return scope;
}

void border_end(struct border_scope scope) {
  border_nesting = scope.nesting;
  lasterror_restore(scope.hidden);
}

struct border_call *border_call_new(size_t len) {
  struct border_call *call = calloc(1, sizeof *call + len);
  if (call != NULL)
    call->text_len = len;
  return call;
}

static void drop_result(struct border_call *call) {
  if (call->data != NULL)
    explicit_bzero(call->data, call->len);
  if (call->data != call->place)
    free(call->data);
  call->data = NULL;
  call->len = 0;
}

void border_call_free(struct border_call *call) {
  if (call->data != call->place) /* what is at the place is its owner's by now, and perhaps gone */
    drop_result(call);
  free(call->message);
  free(call);
}

/* The reply of a call. The host sees its first member. */
struct pending {
  AsherahReply reply;
  struct border_call *call;
};

static uint8_t *allocate(AsherahReply *reply, size_t len) {
  struct border_call *call = ((struct pending *)reply)->call;
  drop_result(call);
  if (len > ASHERAH_MAX_REPLY)
    return NULL;
  if (call->place != NULL && len <= call->place_len)
    call->data = memset(call->place, 0, call->place_len);
  else
    call->data = calloc(1, len + 1);
  call->len = call->data == NULL ? 0 : len;
  return call->data;
}

static void set_message(AsherahReply *reply, const char *message, size_t len) {
  struct border_call *call = ((struct pending *)reply)->call;
  free(call->message);
  call->message = NULL;
  call->message_len = 0;
  if (message == NULL || len == 0)
    return;
  if (len > MAX_MESSAGE)
    len = MAX_MESSAGE;
  call->message = malloc(len);
  if (call->message == NULL)
    return; /* the status tells enough */
  memcpy(call->message, message, len);
  call->message_len = len;
}

static struct pending reply_to(struct border_call *call) {
  return (struct pending){{sizeof(AsherahReply), allocate, set_message}, call};
}

static const uint8_t *after_id(const struct border_call *call) { return call->text + call->id_len; }

static size_t after_id_len(const struct border_call *call) { return call->text_len - call->id_len; }

void border_load(const AsherahMetastoreCallbacks *table, uint32_t nesting, struct border_call *call, int64_t created) {
  struct pending pending = reply_to(call);
  struct border_scope scope = border_begin(nesting);
  call->status = table->load(table->user_data, call->text, call->id_len, created, &pending.reply);
  border_end(scope);
}

void border_load_latest(const AsherahMetastoreCallbacks *table, uint32_t nesting, struct border_call *call) {
  struct pending pending = reply_to(call);
  struct border_scope scope = border_begin(nesting);
  call->status = table->load_latest(table->user_data, call->text, call->id_len, &pending.reply);
  border_end(scope);
}

void border_store(const AsherahMetastoreCallbacks *table, uint32_t nesting, struct border_call *call, int64_t created) {
  struct pending pending = reply_to(call);
  struct border_scope scope = border_begin(nesting);
  call->status = table->store(table->user_data, call->text, call->id_len, created, after_id(call), after_id_len(call),
                              &pending.reply);
  border_end(scope);
}

void border_key_suffix(const AsherahMetastoreCallbacks *table, uint32_t nesting, struct border_call *call) {
  struct pending pending = reply_to(call);
  if (table->key_suffix == NULL)
    return;
  struct border_scope scope = border_begin(nesting);
  call->status = table->key_suffix(table->user_data, &pending.reply);
  border_end(scope);
}

void border_encrypt_key(const AsherahKmsCallbacks *table, uint32_t nesting, struct border_call *call,
                        const uint8_t *key, size_t key_len, int64_t created, int32_t revoked) {
  struct pending pending = reply_to(call);
  struct border_scope scope = border_begin(nesting);
  call->status = table->encrypt_key(table->user_data, key, key_len, created, revoked, &pending.reply);
  border_end(scope);
}

void border_decrypt_key(const AsherahKmsCallbacks *table, uint32_t nesting, struct border_call *call, int64_t created,
                        int32_t revoked) {
  struct pending pending = reply_to(call);
  struct border_scope scope = border_begin(nesting);
  call->status =
      table->decrypt_key(table->user_data, after_id(call), after_id_len(call), created, revoked, &pending.reply);
  border_end(scope);
}
