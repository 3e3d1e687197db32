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
  struct border_scope scope = {border_hide_error(), border_nesting};
  border_nesting = nesting;
  return scope;
}

void border_end(struct border_scope scope) {
  border_nesting = scope.nesting;
  border_restore_error(scope.hidden);
}

/* The reply of a call. The host sees its first member. */
struct pending {
  AsherahReply reply;
  struct border_answer *answer;
  uint8_t *place;
  size_t place_len;
};

void border_free_result(uint8_t *data, size_t len) {
  explicit_bzero(data, len);
  free(data);
}

static void drop_result(struct pending *pending) {
  struct border_answer *answer = pending->answer;
  if (answer->data != NULL && answer->data == pending->place)
    explicit_bzero(answer->data, answer->len);
  else if (answer->data != NULL)
    border_free_result(answer->data, answer->len);
  answer->data = NULL;
  answer->len = 0;
}

static uint8_t *allocate(AsherahReply *reply, size_t len) {
  struct pending *pending = (struct pending *)reply;
  struct border_answer *answer = pending->answer;
  drop_result(pending);
  if (len > ASHERAH_MAX_REPLY)
    return NULL;
  if (pending->place != NULL && len <= pending->place_len) {
    answer->data = pending->place;
    memset(answer->data, 0, pending->place_len);
  } else {
    answer->data = calloc(1, len + 1);
  }
  answer->len = answer->data == NULL ? 0 : len;
  return answer->data;
}

static void set_message(AsherahReply *reply, const char *message, size_t len) {
  struct border_answer *answer = ((struct pending *)reply)->answer;
  free(answer->message);
  answer->message = NULL;
  answer->message_len = 0;
  if (message == NULL || len == 0)
    return;
  if (len > MAX_MESSAGE)
    len = MAX_MESSAGE;
  answer->message = malloc(len);
  if (answer->message == NULL)
    return; /* the status tells enough */
  memcpy(answer->message, message, len);
  answer->message_len = len;
}

static struct pending expect(struct border_answer *answer, uint8_t *place, size_t place_len) {
  *answer = (struct border_answer){NULL, 0, NULL, 0, 0};
  return (struct pending){{sizeof(AsherahReply), allocate, set_message}, answer, place, place_len};
}

/* An empty text may be at any address in Go. */
static const uint8_t *bytes(const uint8_t *data, size_t len) { return len == 0 ? (const uint8_t *)"" : data; }

void border_load(const AsherahMetastoreCallbacks *table, uint32_t nesting, const uint8_t *id, size_t id_len,
                 int64_t created, struct border_answer *answer) {
  struct pending pending = expect(answer, NULL, 0);
  struct border_scope scope = border_begin(nesting);
  answer->status = table->load(table->user_data, bytes(id, id_len), id_len, created, &pending.reply);
  border_end(scope);
}

void border_load_latest(const AsherahMetastoreCallbacks *table, uint32_t nesting, const uint8_t *id, size_t id_len,
                        struct border_answer *answer) {
  struct pending pending = expect(answer, NULL, 0);
  struct border_scope scope = border_begin(nesting);
  answer->status = table->load_latest(table->user_data, bytes(id, id_len), id_len, &pending.reply);
  border_end(scope);
}

void border_store(const AsherahMetastoreCallbacks *table, uint32_t nesting, const uint8_t *id, size_t id_len,
                  int64_t created, const uint8_t *record, size_t record_len, struct border_answer *answer) {
  struct pending pending = expect(answer, NULL, 0);
  struct border_scope scope = border_begin(nesting);
  answer->status =
      table->store(table->user_data, bytes(id, id_len), id_len, created, record, record_len, &pending.reply);
  border_end(scope);
}

void border_key_suffix(const AsherahMetastoreCallbacks *table, uint32_t nesting, struct border_answer *answer) {
  struct pending pending = expect(answer, NULL, 0);
  if (table->key_suffix == NULL)
    return;
  struct border_scope scope = border_begin(nesting);
  answer->status = table->key_suffix(table->user_data, &pending.reply);
  border_end(scope);
}

void border_encrypt_key(const AsherahKmsCallbacks *table, uint32_t nesting, const uint8_t *key, size_t key_len,
                        int64_t created, int32_t revoked, struct border_answer *answer) {
  struct pending pending = expect(answer, NULL, 0);
  struct border_scope scope = border_begin(nesting);
  answer->status = table->encrypt_key(table->user_data, key, key_len, created, revoked, &pending.reply);
  border_end(scope);
}

void border_decrypt_key(const AsherahKmsCallbacks *table, uint32_t nesting, const uint8_t *blob, size_t blob_len,
                        int64_t created, int32_t revoked, uint8_t *place, size_t place_len,
                        struct border_answer *answer) {
  struct pending pending = expect(answer, place, place_len);
  struct border_scope scope = border_begin(nesting);
  answer->status = table->decrypt_key(table->user_data, blob, blob_len, created, revoked, &pending.reply);
  border_end(scope);
}
