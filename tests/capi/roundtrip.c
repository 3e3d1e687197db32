/* Encryption and decryption of every size by each of the ways, and what must be refused. */
#define _GNU_SOURCE
#include "check.h"

enum { SLACK = 64, CANARY = 0xA5 };

static AsherahFactory *factory;
static AsherahSession *session;

static void fill(uint8_t *data, size_t len) {
  uint64_t state = len + 1;
  for (size_t i = 0; i < len; i++)
    data[i] = (uint8_t)(check_random(&state) >> 32);
}

static bool untouched(const uint8_t *data, size_t len) {
  for (size_t i = 0; i < len; i++)
    if (data[i] != CANARY)
      return false;
  return true;
}

/* asherah_encrypt_into with a capacity that is enough, then one that is a byte short of the record written. */
static void encrypt_into_exactly(const uint8_t *plaintext, size_t len) {
  size_t bound = asherah_encrypted_size(session, len), written = 0, needed = 0;
  uint8_t *out = malloc(bound + SLACK);
  memset(out, CANARY, bound + SLACK);
  CHECK_STATUS(asherah_encrypt_into(session, plaintext, len, out, bound, &written, 0), ASHERAH_OK);
  CHECK(written > 0 && written <= bound, "%zu bytes written, bound %zu, plaintext %zu", written, bound, len);
  CHECK(untouched(out + bound, SLACK), "bytes past the capacity changed, plaintext %zu", len);
  AsherahBuffer text = {0};
  CHECK_STATUS(asherah_decrypt_from_json(session, out, written, &text), ASHERAH_OK);
  CHECK(text.len == len && (len == 0 || memcmp(text.data, plaintext, len) == 0), "plaintext %zu differs", len);
  asherah_buffer_free(&text);

  memset(out, CANARY, bound + SLACK);
  CHECK_STATUS(asherah_encrypt_into(session, plaintext, len, out, written - 1, &needed, 0),
               ASHERAH_ERROR_BUFFER_TOO_SMALL);
  CHECK(needed >= written && needed <= bound, "needs %zu, wrote %zu, bound %zu", needed, written, bound);
  CHECK(untouched(out, bound + SLACK), "something was written, plaintext %zu", len);
  CHECK_STATUS(asherah_encrypt_into(session, plaintext, len, out, needed, &written, 0), ASHERAH_OK);
  free(out);
}

static void decrypt_into_exactly(const uint8_t *plaintext, size_t len, const AsherahBuffer *record) {
  const size_t extra[] = {0, 1, 27, 28, 29};
  size_t written = 0;
  CHECK(asherah_decrypted_size(record->data, record->len) == len, "%zu, not %zu",
        asherah_decrypted_size(record->data, record->len), len);
  uint8_t *out = malloc(len + SLACK);
  for (size_t i = 0; i < sizeof extra / sizeof *extra; i++) {
    memset(out, CANARY, len + SLACK);
    written = 0;
    CHECK_STATUS(asherah_decrypt_into(session, record->data, record->len, out, len + extra[i], &written, 0),
                 ASHERAH_OK);
    CHECK(written == len && memcmp(out, plaintext, len) == 0, "%zu bytes of %zu with %zu more", written, len, extra[i]);
    CHECK(untouched(out + len + extra[i], SLACK - extra[i]), "bytes past the capacity changed, plaintext %zu", len);
  }
  if (len > 0) {
    memset(out, CANARY, len + SLACK);
    written = 0;
    CHECK_STATUS(asherah_decrypt_into(session, record->data, record->len, out, len - 1, &written, 0),
                 ASHERAH_ERROR_BUFFER_TOO_SMALL);
    CHECK(written == len, "needs %zu, not %zu", written, len);
    CHECK(untouched(out, len + SLACK), "something was written, plaintext %zu", len);
  }
  free(out);
}

static void roundtrip(size_t len) {
  uint8_t *plaintext = malloc(len + 1);
  AsherahBuffer record = {0}, text = {0};
  fill(plaintext, len);
  CHECK_STATUS(asherah_encrypt_to_json(session, plaintext, len, &record), ASHERAH_OK);
  CHECK(record.len <= asherah_encrypted_size(session, len), "record of %zu, bound %zu, plaintext %zu", record.len,
        asherah_encrypted_size(session, len), len);
  CHECK(record.len <= record.capacity, "len %zu over capacity %zu", record.len, record.capacity);
  CHECK_STATUS(asherah_decrypt_from_json(session, record.data, record.len, &text), ASHERAH_OK);
  CHECK(text.data != NULL, "no data for a plaintext of %zu", len);
  CHECK(text.len == len && (len == 0 || memcmp(text.data, plaintext, len) == 0), "plaintext %zu differs", len);
  encrypt_into_exactly(plaintext, len);
  decrypt_into_exactly(plaintext, len, &record);
  asherah_buffer_free(&record);
  asherah_buffer_free(&text);
  CHECK(!text.data && !text.len && !text.capacity, "a freed buffer is not zeroed");
  free(plaintext);
}

static void test_every_size_to_300(void) {
  for (size_t len = 0; len <= 300; len++)
    roundtrip(len);
}

static void test_odd_sizes_to_8_mib(void) {
  const size_t sizes[] = {1023,  1024,   1025,   4095,    4097,    12287,   16383,   32769,   65535,
                          65536, 100003, 262143, 1048575, 1048576, 1048577, 3000001, 8u << 20};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
    roundtrip(sizes[i]);
}

static void test_record_shape(void) {
  const char *begin = "{\"Key\":{\"Created\":";
  const char *parent = ",\"ParentKeyMeta\":{\"KeyId\":\"_IK_partition_service_product\",\"Created\":";
  AsherahBuffer record = {0}, second = {0};
  CHECK_STATUS(asherah_encrypt_to_json(session, (const uint8_t *)"x", 1, &record), ASHERAH_OK);
  CHECK_STATUS(asherah_encrypt_to_json(session, (const uint8_t *)"x", 1, &second), ASHERAH_OK);
  char text[1024];
  snprintf(text, sizeof text, "%.*s", (int)record.len, (const char *)record.data);
  CHECK(strncmp(text, begin, strlen(begin)) == 0 && strstr(text, parent) && strcmp(text + strlen(text) - 2, "\"}") == 0,
        "%s", text);
  CHECK(record.len != second.len || memcmp(record.data, second.data, record.len) != 0, "two records are the same");
  asherah_buffer_free(&record);
  asherah_buffer_free(&second);
}

static void test_empty_plaintext_without_pointer(void) {
  AsherahBuffer record = {0}, text = {0};
  size_t written = 1;
  CHECK_STATUS(asherah_encrypt_to_json(session, NULL, 0, &record), ASHERAH_OK);
  CHECK_STATUS(asherah_decrypt_from_json(session, record.data, record.len, &text), ASHERAH_OK);
  CHECK(text.data && text.len == 0, "%p, %zu", (void *)text.data, text.len);
  uint8_t out[512];
  CHECK_STATUS(asherah_encrypt_into(session, NULL, 0, out, sizeof out, &written, 0), ASHERAH_OK);
  CHECK_STATUS(asherah_decrypt_into(session, out, written, out + 480, 32, &written, 0), ASHERAH_OK);
  CHECK(written == 0, "%zu", written);
  asherah_buffer_free(&record);
  asherah_buffer_free(&text);
}

static bool holds(const uint8_t *data, size_t len, const uint8_t *part, size_t part_len) {
  return memmem(data, len, part, part_len) != NULL;
}

/* One character of the record after the other is replaced; nothing of the plaintext may be left behind. */
static void test_altered_records(void) {
  /* 47 and 28 bytes fill their base64 groups: there are no spare bits whose change means nothing. */
  uint8_t plaintext[47], out[256];
  fill(plaintext, sizeof plaintext);
  AsherahBuffer record = {0}, text = {0};
  REQUIRE(asherah_encrypt_to_json(session, plaintext, sizeof plaintext, &record) == ASHERAH_OK, "no record");
  size_t authentication = 0;
  for (size_t i = 0; i < record.len; i++) {
    uint8_t kept = record.data[i];
    record.data[i] = kept == 'A' ? 'B' : 'A';
    size_t written = 7;
    int status = asherah_decrypt_from_json(session, record.data, record.len, &text);
    /* The name of the data key's own Created may be anything: nothing uses that member. */
    if (status == ASHERAH_OK && i >= 8 && i < 8 + strlen("Created")) {
      CHECK(text.len == sizeof plaintext && memcmp(text.data, plaintext, text.len) == 0, "other plaintext at %zu", i);
      asherah_buffer_free(&text);
      record.data[i] = kept;
      continue;
    }
    CHECK(status < 0, "%s with character %zu replaced", asherah_status_name(status), i);
    CHECK(!text.data && !text.len && !text.capacity, "a buffer after a failure at %zu", i);
    memset(out, CANARY, sizeof out);
    int into = asherah_decrypt_into(session, record.data, record.len, out, sizeof out, &written, 0);
    CHECK(into == status, "%s and %s at %zu", asherah_status_name(status), asherah_status_name(into), i);
    CHECK(written == 0, "*written is %zu after a failure at %zu", written, i);
    CHECK(!holds(out, sizeof out, plaintext + 8, 16), "plaintext after a failure at %zu", i);
    authentication += status == ASHERAH_ERROR_AUTHENTICATION;
    record.data[i] = kept;
  }
  CHECK(authentication > 100, "only %zu changes were found by authentication", authentication);
  for (size_t len = 0; len < record.len; len++)
    CHECK_STATUS(asherah_decrypt_from_json(session, record.data, len, &text), ASHERAH_ERROR_MALFORMED_RECORD);
  asherah_buffer_free(&record);
}

static void test_wrong_partition(void) {
  AsherahSession *other = asherah_factory_get_session(factory, "Partition");
  AsherahBuffer record = {0}, text = {(uint8_t *)1, 2, 3};
  CHECK_STATUS(asherah_encrypt_to_json(session, (const uint8_t *)"text", 4, &record), ASHERAH_OK);
  CHECK_STATUS(asherah_decrypt_from_json(other, record.data, record.len, &text), ASHERAH_ERROR_PARTITION_MISMATCH);
  CHECK(!text.data && !text.len && !text.capacity, "the buffer is not zeroed");
  asherah_buffer_free(&record);
  asherah_session_free(other);
}

static void test_only_if_cached(void) {
  AsherahFactory *fresh = asherah_factory_new_with_config(CHECK_CONFIG);
  AsherahSession *cold = asherah_factory_get_session(fresh, "partition");
  uint8_t out[1024], text[128];
  size_t written = 0, size = 0;
  const uint8_t *data = (const uint8_t *)"data";
  AsherahSlice slice = {data, 4};
  AsherahResult result;
  CHECK_STATUS(asherah_encrypt_into(cold, data, 4, out, sizeof out, &written, ASHERAH_ONLY_IF_CACHED),
               ASHERAH_ERROR_WOULD_BLOCK);
  CHECK_STATUS(asherah_encrypt_batch(cold, &slice, 1, &result, ASHERAH_ONLY_IF_CACHED), ASHERAH_ERROR_WOULD_BLOCK);
  CHECK(result.status == ASHERAH_ERROR_WOULD_BLOCK && !result.buffer.data, "%d", (int)result.status);
  CHECK_STATUS(asherah_encrypt_into(session, data, 4, out, sizeof out, &written, 0), ASHERAH_OK);
  CHECK_STATUS(asherah_decrypt_into(cold, out, written, text, sizeof text, &size, ASHERAH_ONLY_IF_CACHED),
               ASHERAH_ERROR_WOULD_BLOCK);
  CHECK_STATUS(asherah_encrypt_into(cold, data, 4, out, sizeof out, &written, 0), ASHERAH_OK);
  CHECK_STATUS(asherah_encrypt_into(cold, data, 4, out, sizeof out, &written, ASHERAH_ONLY_IF_CACHED), ASHERAH_OK);
  CHECK_STATUS(asherah_decrypt_into(cold, out, written, text, sizeof text, &size, ASHERAH_ONLY_IF_CACHED), ASHERAH_OK);
  CHECK(size == 4 && memcmp(text, data, 4) == 0, "%zu bytes", size);
  asherah_session_free(cold);
  asherah_factory_free(fresh);
}

static void test_sizes(void) {
  AsherahSession *freed = asherah_factory_get_session(factory, "freed");
  asherah_session_free(freed);
  CHECK(asherah_encrypted_size(NULL, 1) == 0, "NULL");
  CHECK(asherah_encrypted_size(freed, 1) == 0, "freed");
  CHECK(asherah_encrypted_size((AsherahSession *)factory, 1) == 0, "a factory");
  CHECK(asherah_encrypted_size(session, ASHERAH_MAX_INPUT + 1) == 0, "too long");
  CHECK(asherah_encrypted_size(session, SIZE_MAX) == 0, "far too long");
  CHECK(asherah_encrypted_size(session, ASHERAH_MAX_INPUT) > ASHERAH_MAX_INPUT, "the longest");
  CHECK(asherah_decrypted_size((const uint8_t *)"{}", 2) == 0, "{}");
  CHECK(asherah_decrypted_size((const uint8_t *)"", 0) == 0, "empty");
  CHECK(asherah_decrypted_size(NULL, 0) == 0, "NULL");
  CHECK(asherah_decrypted_size(NULL, 10) == 0, "NULL with a length");
}

/* Ids are taken verbatim, and one with U+0000 is not the same as the part before it. */
static void test_partition_ids(void) {
  static const struct {
    const char *id;
    size_t len;
  } ids[] = {{"a", 1},
             {"a ", 2},
             {" a", 2},
             {"A", 1},
             {"a\0", 2},
             {"a\0b", 3},
             {"a_service", 9},
             {"\"", 1},
             {"\\", 1},
             {"<&>", 3},
             {"\n", 1},
             {"\x7f", 1},
             {"\0", 1},
             {"\xe2\x80\xa8", 3},
             {"\xc3\xa9", 2},
             {"e\xcc\x81", 3},
             {"%s", 2},
             {"/", 1},
             {"\xf0\x9f\x94\x91", 4}};
  enum { COUNT = sizeof ids / sizeof *ids };
  AsherahSession *sessions[COUNT];
  AsherahBuffer records[COUNT];
  for (size_t i = 0; i < COUNT; i++) {
    sessions[i] = asherah_factory_get_session_n(factory, (const uint8_t *)ids[i].id, ids[i].len);
    CHECK(sessions[i], "id %zu: %s", i, asherah_last_error_message());
    CHECK_STATUS(asherah_encrypt_to_json(sessions[i], (const uint8_t *)"x", 1, &records[i]), ASHERAH_OK);
  }
  for (size_t i = 0; i < COUNT; i++)
    for (size_t j = 0; j < COUNT; j++) {
      AsherahBuffer text = {0};
      CHECK_STATUS(asherah_decrypt_from_json(sessions[i], records[j].data, records[j].len, &text),
                   i == j ? ASHERAH_OK : ASHERAH_ERROR_PARTITION_MISMATCH);
      asherah_buffer_free(&text);
    }
  for (size_t i = 0; i < COUNT; i++) {
    asherah_buffer_free(&records[i]);
    asherah_session_free(sessions[i]);
  }
}

static void test_batches(void) {
  enum { COUNT = 64 };
  AsherahSlice inputs[COUNT];
  AsherahResult sealed[COUNT], opened[COUNT];
  uint8_t plaintext[COUNT * 100];
  fill(plaintext, sizeof plaintext);
  for (size_t i = 0; i < COUNT; i++)
    inputs[i] = (AsherahSlice){plaintext, i * 100};
  memset(sealed, CANARY, sizeof sealed);
  CHECK_STATUS(asherah_encrypt_batch(session, inputs, COUNT, sealed, 0), ASHERAH_OK);
  for (size_t i = 0; i < COUNT; i++) {
    CHECK(sealed[i].status == ASHERAH_OK && sealed[i].reserved == 0, "%zu: %d, %d", i, (int)sealed[i].status,
          (int)sealed[i].reserved);
    inputs[i] = (AsherahSlice){sealed[i].buffer.data, sealed[i].buffer.len};
  }
  inputs[5] = (AsherahSlice){(const uint8_t *)"{}", 2};
  inputs[9] = (AsherahSlice){NULL, 3};
  memset(opened, CANARY, sizeof opened);
  CHECK_STATUS(asherah_decrypt_batch(session, inputs, COUNT, opened, 0), ASHERAH_ERROR_MALFORMED_RECORD);
  CHECK(asherah_last_error_message(), "no message");
  for (size_t i = 0; i < COUNT; i++) {
    int expected = i == 5 ? ASHERAH_ERROR_MALFORMED_RECORD : i == 9 ? ASHERAH_ERROR_INVALID_ARGUMENT : ASHERAH_OK;
    CHECK(opened[i].status == expected, "%zu: %s", i, asherah_status_name(opened[i].status));
    if (expected == ASHERAH_OK)
      CHECK(opened[i].buffer.len == i * 100 && memcmp(opened[i].buffer.data, plaintext, i * 100) == 0, "%zu differs",
            i);
    else
      CHECK(!opened[i].buffer.data && !opened[i].buffer.len && !opened[i].buffer.capacity, "%zu is not zeroed", i);
    asherah_buffer_free(&opened[i].buffer);
    asherah_buffer_free(&sealed[i].buffer);
  }
  AsherahResult kept;
  memset(&kept, CANARY, sizeof kept);
  CHECK_STATUS(asherah_encrypt_batch(NULL, inputs, 1, &kept, 0), ASHERAH_ERROR_CLOSED_HANDLE);
  CHECK_STATUS(asherah_encrypt_batch(session, NULL, 1, &kept, 0), ASHERAH_ERROR_INVALID_ARGUMENT);
  CHECK_STATUS(asherah_encrypt_batch(session, inputs, ASHERAH_MAX_BATCH + 1, &kept, 0), ASHERAH_ERROR_INVALID_ARGUMENT);
  CHECK(untouched((const uint8_t *)&kept, sizeof kept), "results written for refused arguments");
  CHECK_STATUS(asherah_encrypt_batch(session, inputs, 0, &kept, 0), ASHERAH_OK);
}

int main(void) {
  factory = asherah_factory_new_with_config(CHECK_CONFIG);
  session = asherah_factory_get_session(factory, "partition");
  if (!session) {
    printf("FAIL roundtrip: no session: %s\n", asherah_last_error_message());
    return 1;
  }
  RUN(test_every_size_to_300);
  RUN(test_odd_sizes_to_8_mib);
  RUN(test_record_shape);
  RUN(test_empty_plaintext_without_pointer);
  RUN(test_altered_records);
  RUN(test_wrong_partition);
  RUN(test_only_if_cached);
  RUN(test_sizes);
  RUN(test_partition_ids);
  RUN(test_batches);
  asherah_session_free(session);
  asherah_factory_free(factory);
  FINISH();
}
