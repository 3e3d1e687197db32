/* What the host's functions answer that is no answer, or another's. */
#include "host.h"

static struct host host;

static bool answers(struct host *own, const char *function, AsherahReply *reply, int32_t *answer) {
  const struct host_reply *given = own->argument;
  if (strcmp(function, given->function) != 0)
    return false;
  if (given->message) {
    uint8_t *result = reply->allocate(reply, given->len + 1000);
    CHECK(result, "no memory");
    memset(result, '{', given->len + 1000);
    result = reply->allocate(reply, given->len); /* in place of the first */
    for (size_t i = 0; i < given->len; i++)
      CHECK(result[i] == 0, "not zeroed");
    if (given->len > 0)
      memcpy(result, given->message, given->len);
  }
  *answer = given->status;
  return true;
}

static void answer_with(const char *function, const char *text, size_t len, int expected) {
  AsherahFactory *factory, *second;
  AsherahSession *session;
  struct host_reply given = {function, 0, text, len};
  host_open_session(&host, HOST_CONFIG, &factory, &session);
  CHECK_STATUS(host_use(session), ASHERAH_OK);
  second = host_factory(&host, HOST_CONFIG);
  host.argument = &given;
  host.fault = answers;
  int status = host_use_partition(second, "partition");
  const char *message = asherah_last_error_message();
  CHECK(status == expected, "%s with %.40s: %s: %s", function, text ? text : "nothing", asherah_status_name(status),
        message ? message : "no message");
  CHECK(host.table->rows == 2 && host.stores == 2, "a key was made of it");
  host.fault = NULL;
  asherah_factory_free(second);
  second = host_factory(&host, HOST_CONFIG);
  CHECK_STATUS(host_use_partition(second, "partition"), ASHERAH_OK);
  CHECK(host.table->rows == 2, "the keys were made anew");
  asherah_factory_free(second);
  host_close_session(&host, factory, session);
}

#define ANSWER(function, text, expected) answer_with(function, text, sizeof(text) - 1, expected)

static void test_bad_answers(void) {
  static const char *const garbage[] = {"garbage",
                                        "{",
                                        "[]",
                                        "null",
                                        "{}",
                                        "\xff\xfe",
                                        "{\"Created\":1}",
                                        "{\"Created\":\"x\",\"Key\":\"AA==\"}",
                                        "{\"Created\":1,\"Key\":\"!\"}",
                                        "{\"Created\":1,\"Created\":2,\"Key\":\"AA==\"}"};
  for (size_t i = 0; i < sizeof garbage / sizeof *garbage; i++) {
    answer_with("load_latest", garbage[i], strlen(garbage[i]), ASHERAH_ERROR_MALFORMED_RECORD);
    answer_with("load", garbage[i], strlen(garbage[i]), ASHERAH_ERROR_MALFORMED_RECORD);
  }
  answer_with("load_latest", NULL, 0, ASHERAH_ERROR_HOST_CALLBACK);
  ANSWER("load_latest", "", ASHERAH_ERROR_HOST_CALLBACK);
  answer_with("load", NULL, 0, ASHERAH_ERROR_HOST_CALLBACK);
  /* Another time of creation than asked for; an intermediate key without a parent; the keys of nobody. */
  ANSWER("load", "{\"Created\":1,\"Key\":\"AA==\"}", ASHERAH_ERROR_HOST_CALLBACK);
  ANSWER("load_latest", "{\"Created\":4102444800,\"Key\":\"AA==\"}", ASHERAH_ERROR_METADATA_MISSING);
  answer_with("decrypt_key", NULL, 0, ASHERAH_ERROR_HOST_CALLBACK);
  ANSWER("decrypt_key", "", ASHERAH_ERROR_HOST_CALLBACK);
  ANSWER("decrypt_key", "a key of 31 bytes is too short.", ASHERAH_ERROR_HOST_CALLBACK);
  ANSWER("decrypt_key", "a key of 33 bytes is one too long", ASHERAH_ERROR_HOST_CALLBACK);
  ANSWER("decrypt_key", "32 bytes that are another's key.", ASHERAH_ERROR_AUTHENTICATION);
}

static const char small_record[] = "{\"Created\":1700000000,\"Key\":\"AA==\"}";

static bool too_much(struct host *own, const char *function, AsherahReply *reply, int32_t *answer) {
  (void)own, (void)function;
  CHECK(reply->size >= sizeof(AsherahReply), "a reply of %zu bytes", reply->size);
  CHECK(!reply->allocate(reply, ASHERAH_MAX_REPLY + 1) && !reply->allocate(reply, SIZE_MAX), "too much is given");
  uint8_t *result = reply->allocate(reply, ASHERAH_MAX_REPLY);
  CHECK(result, "the largest result is refused");
  memset(result, ' ', ASHERAH_MAX_REPLY);
  memcpy(result, small_record, sizeof small_record - 1);
  *answer = 0;
  return true;
}

static void test_large_results(void) {
  AsherahBuffer record = {0};
  host_open(&host);
  host.fault = too_much;
  CHECK_STATUS(asherah_metastore_load(host.metastore, (const uint8_t *)"id", 2, 1700000000, &record), ASHERAH_OK);
  CHECK(record.len == sizeof small_record - 1, "%zu bytes", record.len);
  asherah_buffer_free(&record);
  host_close(&host);
}

/* The record of another id has no mark of its own. What comes of it is an error, never another plaintext. */
static bool of_another_id(struct host *own, const char *function, AsherahReply *reply, int32_t *answer) {
  if (strcmp(function, "load") == 0)
    *answer = hashstore_load_latest(own->table, own->argument, strlen(own->argument), reply);
  return strcmp(function, "load") == 0;
}

static void test_record_of_another_id(void) {
  AsherahFactory *factory, *second;
  AsherahSession *session, *other;
  AsherahBuffer record = {0}, text = {0};
  host_open_session(&host, HOST_CONFIG, &factory, &session);
  CHECK_STATUS(host_use_partition(factory, "other"), ASHERAH_OK);
  CHECK_STATUS(asherah_encrypt_to_json(session, (const uint8_t *)"mine", 4, &record), ASHERAH_OK);
  second = host_factory(&host, HOST_CONFIG);
  other = asherah_factory_get_session(second, "partition");
  static const char *const ids[] = {"_IK_other_service_product", "_SK_service_product"};
  for (size_t i = 0; i < 2; i++) {
    host.argument = (void *)ids[i];
    host.fault = of_another_id;
    int status = asherah_decrypt_from_json(other, record.data, record.len, &text);
    CHECK(status != ASHERAH_OK && !text.data, "it was decrypted with the key of %s", ids[i]);
  }
  host.fault = NULL;
  CHECK_STATUS(asherah_decrypt_from_json(other, record.data, record.len, &text), ASHERAH_OK);
  CHECK(text.len == 4 && memcmp(text.data, "mine", 4) == 0, "another plaintext");
  asherah_buffer_free(&record);
  asherah_buffer_free(&text);
  asherah_session_free(other);
  asherah_factory_free(second);
  host_close_session(&host, factory, session);
}

int main(void) {
  RUN(test_bad_answers);
  RUN(test_large_results);
  RUN(test_record_of_another_id);
  FINISH();
}
