/* The Cobhan functions, one thread: codes, buffers, records. */
#define _DEFAULT_SOURCE
#include "cobhan.h"

#include <sys/wait.h>

static int32_t encrypt(const char *partition, const void *data, size_t len, struct cobhan *json) {
  struct cobhan id = cobhan_text(partition), input = cobhan_of(data, len);
  int32_t code = EncryptToJson(id.buffer, input.buffer, json->buffer);
  cobhan_free(&id);
  cobhan_free(&input);
  return code;
}

static int32_t decrypt(const char *partition, const void *json, size_t len, struct cobhan *data) {
  struct cobhan id = cobhan_text(partition), input = cobhan_of(json, len);
  int32_t code = DecryptFromJson(id.buffer, input.buffer, data->buffer);
  cobhan_free(&id);
  cobhan_free(&input);
  return code;
}

static void test_before_setup(void) {
  struct cobhan in = cobhan_text("x"), out = cobhan_room(400);
  uint8_t time[8];
  Shutdown();
  CHECK_CODE(EncryptToJson(in.buffer, in.buffer, out.buffer), ASHERAH_COBHAN_NOT_INITIALIZED);
  CHECK_CODE(DecryptFromJson(in.buffer, in.buffer, out.buffer), ASHERAH_COBHAN_NOT_INITIALIZED);
  CHECK_CODE(Encrypt(in.buffer, in.buffer, out.buffer, out.buffer, time, out.buffer, time),
             ASHERAH_COBHAN_NOT_INITIALIZED);
  CHECK_CODE(Decrypt(in.buffer, in.buffer, in.buffer, 1, in.buffer, 1, out.buffer), ASHERAH_COBHAN_NOT_INITIALIZED);
  CHECK(asherah_last_error_message() != NULL, "no words for the failure");
  CHECK(cobhan_untouched(&out), "an output was written to");
  CHECK(EstimateBuffer(0, 0) > 0, "%d", (int)EstimateBuffer(0, 0));
  cobhan_free(&in);
  cobhan_free(&out);
}

#define MARKER "do not show this"

/* Misconfiguration is a code, and nothing of a configuration is shown. */
static void test_bad_configurations(void) {
  static const struct {
    const char *config;
    int32_t code;
  } cases[] = {
      {"", ASHERAH_COBHAN_JSON_DECODE_FAILED},
      {"null", ASHERAH_COBHAN_JSON_DECODE_FAILED},
      {"[]", ASHERAH_COBHAN_JSON_DECODE_FAILED},
      {"{\"ServiceName\":\"" MARKER, ASHERAH_COBHAN_JSON_DECODE_FAILED},
      {"{\"ServiceName\":\"" MARKER "\"} x", ASHERAH_COBHAN_JSON_DECODE_FAILED},
      {"{}", ASHERAH_COBHAN_BAD_CONFIG},
      {"{\"ServiceName\":\"s\",\"ProductID\":\"p\",\"Metastore\":\"" MARKER "\",\"KMS\":\"test-debug-static\"}",
       ASHERAH_COBHAN_BAD_CONFIG},
      {"{\"ServiceName\":\"s\",\"ProductID\":\"p\",\"Metastore\":\"memory\",\"KMS\":\"" MARKER "\"}",
       ASHERAH_COBHAN_BAD_CONFIG},
      {"{\"ServiceName\":\"s\",\"ProductID\":\"p\",\"Metastore\":\"memory\",\"KMS\":\"static\",\"StaticMasterKeyHex\":"
       "\"" MARKER "\"}",
       ASHERAH_COBHAN_BAD_CONFIG},
      {"{\"ServiceName\":\"s\",\"ProductID\":\"p\",\"Metastore\":\"memory\",\"KMS\":\"test-debug-static\","
       "\"ExpireAfter\":\"" MARKER "\"}",
       ASHERAH_COBHAN_BAD_CONFIG},
      {"{\"ServiceName\":\"s\",\"ProductID\":\"p\",\"Metastore\":\"memory\",\"KMS\":\"test-debug-static\","
       "\"ExpireAfter\":-1}",
       ASHERAH_COBHAN_BAD_CONFIG},
      {"{\"ServiceName\":\"s\",\"ProductID\":\"p\",\"Metastore\":\"sqlite\",\"ConnectionString\":\"/nowhere/" MARKER
       "\",\"KMS\":\"test-debug-static\"}",
       ASHERAH_COBHAN_BAD_CONFIG},
      {"{\"ServiceName\":\"s\",\"ProductID\":\"p\",\"Metastore\":\"rdbms\",\"ConnectionString\":\"user:" MARKER
       "@tcp(127.0.0.1:1)/db\",\"SQLMetastoreDBType\":\"" MARKER "\",\"KMS\":\"test-debug-static\"}",
       ASHERAH_COBHAN_BAD_CONFIG},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    CHECK_CODE(cobhan_setup(cases[i].config), cases[i].code);
    const char *message = asherah_last_error_message();
    CHECK(message && !strstr(message, MARKER), "configuration %zu: %s", i, message ? message : "no message");
  }
  struct cobhan in = cobhan_text("x"), out = cobhan_room(400);
  CHECK_CODE(EncryptToJson(in.buffer, in.buffer, out.buffer), ASHERAH_COBHAN_NOT_INITIALIZED);
  CHECK_CODE(SetupJson(NULL), ASHERAH_COBHAN_NULL_POINTER);
  cobhan_set(&in, -1);
  CHECK_CODE(SetupJson(in.buffer), ASHERAH_COBHAN_BUFFER_TOO_LARGE);
  cobhan_free(&in);
  cobhan_free(&out);
}

/* "static" without a key is the published one elsewhere; here the message says how to have that. */
static void test_static_needs_a_key(void) {
  CHECK_CODE(cobhan_setup("{\"ServiceName\":\"s\",\"ProductID\":\"p\",\"Metastore\":\"memory\",\"KMS\":\"static\"}"),
             ASHERAH_COBHAN_BAD_CONFIG);
  const char *message = asherah_last_error_message();
  CHECK(message && strstr(message, "test-debug-static"), "%s", message ? message : "no message");
}

static void test_setup_and_shutdown(void) {
  for (int i = 0; i < 20; i++) {
    struct cobhan json = cobhan_room(400), out = cobhan_room(100);
    CHECK_CODE(cobhan_setup(CHECK_CONFIG), ASHERAH_COBHAN_OK);
    CHECK_CODE(cobhan_setup(CHECK_CONFIG), ASHERAH_COBHAN_ALREADY_INITIALIZED);
    CHECK_CODE(cobhan_setup("{"), ASHERAH_COBHAN_ALREADY_INITIALIZED);
    CHECK_CODE(encrypt("partition", "data", 4, &json), ASHERAH_COBHAN_OK);
    CHECK_CODE(decrypt("partition", json.data, (size_t)cobhan_len(&json), &out), ASHERAH_COBHAN_OK);
    CHECK(cobhan_len(&out) == 4 && memcmp(out.data, "data", 4) == 0, "%d bytes", (int)cobhan_len(&out));
    Shutdown();
    Shutdown();
    CHECK_CODE(encrypt("partition", "data", 4, &json), ASHERAH_COBHAN_NOT_INITIALIZED);
    CHECK(check_stat("live_secrets") == 0, "%lld secrets are left", check_stat("live_secrets"));
    /* The next factory has a memory metastore of its own. */
    CHECK_CODE(cobhan_setup(CHECK_CONFIG), ASHERAH_COBHAN_OK);
    CHECK_CODE(decrypt("partition", json.data, (size_t)cobhan_len(&json), &out), ASHERAH_COBHAN_DECRYPT_FAILED);
    Shutdown();
    cobhan_free(&json);
    cobhan_free(&out);
  }
}

static void test_round_trips(void) {
  static uint8_t plaintext[70000];
  for (size_t i = 0; i < sizeof plaintext; i++)
    plaintext[i] = (uint8_t)(i * 7 + i / 251);
  CHECK_CODE(cobhan_setup(CHECK_CONFIG), ASHERAH_COBHAN_OK);
  for (size_t n = 0; n <= sizeof plaintext; n = n < 300 ? n + 1 : n * 3) {
    struct cobhan json = cobhan_room((size_t)EstimateBuffer((int32_t)n, 9));
    REQUIRE(encrypt("partition", plaintext, n, &json) == ASHERAH_COBHAN_OK, "%zu bytes", n);
    size_t len = (size_t)cobhan_len(&json);
    CHECK(json.buffer[4] == COBHAN_FILL && json.buffer[7] == COBHAN_FILL, "the unused bytes were written to");
    CHECK(len > 200 && json.data[0] == '{' && json.data[len - 1] == '}', "%zu bytes: a record of %zu", n, len);
    /* Exactly the plaintext, some more, and as much as the record has. */
    size_t rooms[] = {n, n + 1, n + 27, n + 28, len};
    for (size_t i = 0; i < sizeof rooms / sizeof rooms[0]; i++) {
      struct cobhan out = cobhan_room(rooms[i]);
      CHECK_CODE(decrypt("partition", json.data, len, &out), ASHERAH_COBHAN_OK);
      CHECK(cobhan_len(&out) == (int32_t)n && memcmp(out.data, plaintext, n) == 0, "%zu bytes into %zu", n, rooms[i]);
      cobhan_free(&out);
    }
    cobhan_free(&json);
  }
  Shutdown();
}

struct parts {
  struct cobhan data, key, id;
  uint8_t created[9], parent_created[9]; /* at odd addresses */
};

static struct parts parts_room(size_t data, size_t key, size_t id) {
  struct parts p = {cobhan_room(data), cobhan_room(key), cobhan_room(id), {0}, {0}};
  memset(p.created, COBHAN_FILL, sizeof p.created);
  memset(p.parent_created, COBHAN_FILL, sizeof p.parent_created);
  return p;
}

static void parts_free(struct parts *p) {
  cobhan_free(&p->data);
  cobhan_free(&p->key);
  cobhan_free(&p->id);
}

static int32_t encrypt_parts(const char *partition, const void *data, size_t len, struct parts *p) {
  struct cobhan id = cobhan_text(partition), input = cobhan_of(data, len);
  int32_t code = Encrypt(id.buffer, input.buffer, p->data.buffer, p->key.buffer, p->created + 1, p->id.buffer,
                         p->parent_created + 1);
  cobhan_free(&id);
  cobhan_free(&input);
  return code;
}

static int64_t seconds_at(const uint8_t *p) {
  int64_t n;
  memcpy(&n, p, sizeof n);
  return n;
}

static int32_t decrypt_parts(const char *partition, const struct parts *p, struct cobhan *out) {
  struct cobhan id = cobhan_text(partition);
  int32_t code = Decrypt(id.buffer, p->data.buffer, p->key.buffer, seconds_at(p->created + 1), p->id.buffer,
                         seconds_at(p->parent_created + 1), out->buffer);
  cobhan_free(&id);
  return code;
}

static void test_parts(void) {
  static const char ID[] = "_IK_partition_service_product";
  enum { ID_LEN = sizeof ID - 1, KEY_LEN = 60 };
  uint8_t plaintext[1000];
  memset(plaintext, 'x', sizeof plaintext);
  CHECK_CODE(cobhan_setup(CHECK_CONFIG), ASHERAH_COBHAN_OK);
  for (size_t n = 0; n <= sizeof plaintext; n += n < 40 ? 1 : 240) {
    struct parts p = parts_room(n + 28, KEY_LEN, ID_LEN);
    CHECK_CODE(encrypt_parts("partition", plaintext, n, &p), ASHERAH_COBHAN_OK);
    CHECK(cobhan_len(&p.data) == (int32_t)n + 28 && cobhan_len(&p.key) == KEY_LEN && cobhan_len(&p.id) == ID_LEN,
          "%d, %d, %d", (int)cobhan_len(&p.data), (int)cobhan_len(&p.key), (int)cobhan_len(&p.id));
    CHECK(memcmp(p.id.data, ID, ID_LEN) == 0, "%.*s", ID_LEN, (char *)p.id.data);
    CHECK(seconds_at(p.parent_created + 1) > 1700000000 &&
              seconds_at(p.created + 1) >= seconds_at(p.parent_created + 1) && p.created[0] == COBHAN_FILL,
          "created %lld, parent %lld", (long long)seconds_at(p.created + 1),
          (long long)seconds_at(p.parent_created + 1));
    size_t rooms[] = {n, n + 27, n + 28, n + 500};
    for (size_t i = 0; i < sizeof rooms / sizeof rooms[0]; i++) {
      struct cobhan out = cobhan_room(rooms[i]);
      CHECK_CODE(decrypt_parts("partition", &p, &out), ASHERAH_COBHAN_OK);
      CHECK(cobhan_len(&out) == (int32_t)n && memcmp(out.data, plaintext, n) == 0, "%zu bytes", n);
      cobhan_free(&out);
    }
    if (n > 0) {
      struct cobhan out = cobhan_room(n - 1);
      CHECK_CODE(decrypt_parts("partition", &p, &out), ASHERAH_COBHAN_BUFFER_TOO_SMALL);
      CHECK(cobhan_untouched(&out), "%zu bytes into %zu: written to", n, n - 1);
      cobhan_free(&out);
    }
    struct cobhan out = cobhan_room(n);
    CHECK_CODE(decrypt_parts("other", &p, &out), ASHERAH_COBHAN_DECRYPT_FAILED);
    p.key.data[7] ^= 1;
    CHECK_CODE(decrypt_parts("partition", &p, &out), ASHERAH_COBHAN_DECRYPT_FAILED);
    p.key.data[7] ^= 1;
    p.data.data[0] ^= 1;
    CHECK_CODE(decrypt_parts("partition", &p, &out), ASHERAH_COBHAN_DECRYPT_FAILED);
    cobhan_set(&p.key, KEY_LEN - 1);
    CHECK_CODE(decrypt_parts("partition", &p, &out), ASHERAH_COBHAN_DECRYPT_FAILED);
    cobhan_free(&out);
    parts_free(&p);
  }
  /* One part that does not fit, and nothing is written at all. */
  for (int which = 0; which < 3; which++) {
    struct parts p = parts_room(38 - (which == 0), KEY_LEN - (which == 1), ID_LEN - (which == 2));
    CHECK_CODE(encrypt_parts("partition", plaintext, 10, &p), ASHERAH_COBHAN_BUFFER_TOO_SMALL);
    CHECK(cobhan_untouched(&p.data) && cobhan_untouched(&p.key) && cobhan_untouched(&p.id) &&
              p.created[1] == COBHAN_FILL && p.parent_created[8] == COBHAN_FILL,
          "output %d is too small, and others were written to", which);
    parts_free(&p);
  }
  Shutdown();
}

static void test_outputs_too_small(void) {
  CHECK_CODE(cobhan_setup(CHECK_CONFIG), ASHERAH_COBHAN_OK);
  struct cobhan json = cobhan_room(400);
  CHECK_CODE(encrypt("partition", "0123456789", 10, &json), ASHERAH_COBHAN_OK);
  size_t len = (size_t)cobhan_len(&json);
  for (size_t room = 0; room < len; room++) {
    struct cobhan small = cobhan_room(room);
    CHECK_CODE(encrypt("partition", "0123456789", 10, &small), ASHERAH_COBHAN_BUFFER_TOO_SMALL);
    CHECK(cobhan_untouched(&small), "a record into %zu bytes: written to", room);
    cobhan_free(&small);
  }
  struct cobhan exact = cobhan_room(len);
  CHECK_CODE(encrypt("partition", "0123456789", 10, &exact), ASHERAH_COBHAN_OK);
  for (size_t room = 0; room < 10; room++) {
    struct cobhan small = cobhan_room(room);
    CHECK_CODE(decrypt("partition", json.data, len, &small), ASHERAH_COBHAN_BUFFER_TOO_SMALL);
    CHECK(cobhan_untouched(&small), "plaintext into %zu bytes: written to", room);
    cobhan_free(&small);
  }
  cobhan_free(&exact);
  cobhan_free(&json);
  Shutdown();
}

/* Each pointer NULL, each length negative, one at a time. */
static void test_bad_arguments(void) {
  CHECK_CODE(cobhan_setup(CHECK_CONFIG), ASHERAH_COBHAN_OK);
  struct cobhan in[4], out[3];
  uint8_t time[2][8];
  for (size_t i = 0; i < 4; i++)
    in[i] = cobhan_text("text");
  for (size_t i = 0; i < 3; i++)
    out[i] = cobhan_room(400);
  for (unsigned which = 0; which < 7; which++) {
    void *p[7] = {in[0].buffer, in[1].buffer, out[0].buffer, out[1].buffer, time[0], out[2].buffer, time[1]};
    p[which] = NULL;
    CHECK_CODE(Encrypt(p[0], p[1], p[2], p[3], p[4], p[5], p[6]), ASHERAH_COBHAN_NULL_POINTER);
    void *q[5] = {in[0].buffer, in[1].buffer, in[2].buffer, in[3].buffer, out[0].buffer};
    if (which < 5) {
      q[which] = NULL;
      CHECK_CODE(Decrypt(q[0], q[1], q[2], 1, q[3], 1, q[4]), ASHERAH_COBHAN_NULL_POINTER);
    }
    void *r[3] = {in[0].buffer, in[1].buffer, out[0].buffer};
    if (which < 3) {
      r[which] = NULL;
      CHECK_CODE(EncryptToJson(r[0], r[1], r[2]), ASHERAH_COBHAN_NULL_POINTER);
      CHECK_CODE(DecryptFromJson(r[0], r[1], r[2]), ASHERAH_COBHAN_NULL_POINTER);
    }
  }
  CHECK_CODE(SetEnv(NULL), ASHERAH_COBHAN_NULL_POINTER);
  static const int32_t negative[] = {-1, -8, INT32_MIN};
  for (size_t i = 0; i < 3; i++) {
    for (size_t which = 0; which < 4; which++) {
      cobhan_set(&in[which], negative[i]);
      if (which < 2) {
        CHECK_CODE(EncryptToJson(in[0].buffer, in[1].buffer, out[0].buffer), ASHERAH_COBHAN_BUFFER_TOO_LARGE);
        CHECK_CODE(DecryptFromJson(in[0].buffer, in[1].buffer, out[0].buffer), ASHERAH_COBHAN_BUFFER_TOO_LARGE);
        CHECK_CODE(Encrypt(in[0].buffer, in[1].buffer, out[0].buffer, out[1].buffer, time[0], out[2].buffer, time[1]),
                   ASHERAH_COBHAN_BUFFER_TOO_LARGE);
      }
      CHECK_CODE(Decrypt(in[0].buffer, in[1].buffer, in[2].buffer, 1, in[3].buffer, 1, out[0].buffer),
                 ASHERAH_COBHAN_BUFFER_TOO_LARGE);
      cobhan_set(&in[which], 4);
    }
    for (size_t which = 0; which < 3; which++) {
      cobhan_set(&out[which], negative[i]);
      CHECK_CODE(Encrypt(in[0].buffer, in[1].buffer, out[0].buffer, out[1].buffer, time[0], out[2].buffer, time[1]),
                 ASHERAH_COBHAN_BUFFER_TOO_SMALL);
      if (which == 0) {
        CHECK_CODE(EncryptToJson(in[0].buffer, in[1].buffer, out[0].buffer), ASHERAH_COBHAN_BUFFER_TOO_SMALL);
        CHECK_CODE(DecryptFromJson(in[0].buffer, in[1].buffer, out[0].buffer), ASHERAH_COBHAN_BUFFER_TOO_SMALL);
      }
      cobhan_set(&out[which], 400);
    }
    CHECK_CODE(EstimateBuffer(negative[i], 0), ASHERAH_COBHAN_BUFFER_TOO_LARGE);
    CHECK_CODE(EstimateBuffer(0, negative[i]), ASHERAH_COBHAN_BUFFER_TOO_LARGE);
  }
  /* More than the library takes: what lies there is not looked at. */
  cobhan_set(&in[1], INT32_MAX);
  CHECK_CODE(EncryptToJson(in[0].buffer, in[1].buffer, out[0].buffer), ASHERAH_COBHAN_BUFFER_TOO_LARGE);
  CHECK_CODE(DecryptFromJson(in[0].buffer, in[1].buffer, out[0].buffer), ASHERAH_COBHAN_BUFFER_TOO_LARGE);
  for (size_t i = 0; i < 3; i++)
    CHECK(cobhan_untouched(&out[i]), "output %zu was written to", i);
  for (size_t i = 0; i < 4; i++)
    cobhan_free(&in[i]);
  for (size_t i = 0; i < 3; i++)
    cobhan_free(&out[i]);
  Shutdown();
}

static void test_partitions(void) {
  CHECK_CODE(cobhan_setup(CHECK_CONFIG), ASHERAH_COBHAN_OK);
  struct cobhan json = cobhan_room(400), out = cobhan_room(100);
  CHECK_CODE(encrypt("", "x", 1, &json), ASHERAH_COBHAN_GET_SESSION_FAILED);
  CHECK_CODE(encrypt("\xff", "x", 1, &json), ASHERAH_COBHAN_GET_SESSION_FAILED);
  CHECK_CODE(decrypt("\xed\xa0\x80", "{}", 2, &out), ASHERAH_COBHAN_GET_SESSION_FAILED);
  struct cobhan longest = cobhan_room(1 << 20), longer = cobhan_room((1 << 20) + 1), x = cobhan_text("x");
  struct cobhan room = cobhan_room((1 << 20) + 400);
  memset(longest.data, 'p', longest.size);
  memset(longer.data, 'p', longer.size);
  CHECK_CODE(EncryptToJson(longest.buffer, x.buffer, room.buffer), ASHERAH_COBHAN_OK);
  CHECK_CODE(EncryptToJson(longer.buffer, x.buffer, room.buffer), ASHERAH_COBHAN_GET_SESSION_FAILED);
  /* An id ends where its length says, and U+0000 is a character like others. */
  struct cobhan nul = cobhan_of("a\0b", 3);
  CHECK_CODE(EncryptToJson(nul.buffer, x.buffer, json.buffer), ASHERAH_COBHAN_OK);
  CHECK_CODE(DecryptFromJson(nul.buffer, json.buffer, out.buffer), ASHERAH_COBHAN_OK);
  CHECK_CODE(decrypt("a", json.data, (size_t)cobhan_len(&json), &out), ASHERAH_COBHAN_DECRYPT_FAILED);
  struct cobhan *all[] = {&json, &out, &longest, &longer, &x, &room, &nul};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
    cobhan_free(all[i]);
  Shutdown();
}

/* Which records are no JSON, and which are JSON that cannot be decrypted. */
static void test_bad_records(void) {
#define KEY(id)                                                                                                        \
  "{\"Created\":1,\"Key\":\"AAAA\",\"ParentKeyMeta\":{\"KeyId\":\"_IK_" id "_service_product\",\"Created\":1}}"
  static const struct {
    const char *text;
    int32_t code;
  } cases[] = {
      {"", ASHERAH_COBHAN_JSON_DECODE_FAILED},
      {"not JSON", ASHERAH_COBHAN_JSON_DECODE_FAILED},
      {"[]", ASHERAH_COBHAN_JSON_DECODE_FAILED},
      {"{\"Data\":1,\"Key\":" KEY("partition") "}", ASHERAH_COBHAN_JSON_DECODE_FAILED},
      {"{\"Data\":\"*\",\"Key\":" KEY("partition") "}", ASHERAH_COBHAN_JSON_DECODE_FAILED},
      {"{\"Data\":\"AAAA\",\"Key\":" KEY("partition"), ASHERAH_COBHAN_JSON_DECODE_FAILED},
      {"{}", ASHERAH_COBHAN_DECRYPT_FAILED},
      {"{\"Data\":\"AAAA\",\"Key\":" KEY("partition") "}", ASHERAH_COBHAN_DECRYPT_FAILED},
      {"{\"Data\":\"AAAA\",\"Key\":" KEY("other") "}", ASHERAH_COBHAN_DECRYPT_FAILED},
      {"{\"Data\":\"AAAA\"}", ASHERAH_COBHAN_DECRYPT_FAILED},
  };
#undef KEY
  CHECK_CODE(cobhan_setup(CHECK_CONFIG), ASHERAH_COBHAN_OK);
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct cobhan out = cobhan_room(100);
    CHECK_CODE(decrypt("partition", cases[i].text, strlen(cases[i].text), &out), cases[i].code);
    CHECK(cobhan_len(&out) == 100, "record %zu: the length of the output was set", i);
    cobhan_free(&out);
  }
  struct cobhan json = cobhan_room(400), out = cobhan_room(100);
  CHECK_CODE(encrypt("partition", "data", 4, &json), ASHERAH_COBHAN_OK);
  uint8_t *character = &json.data[cobhan_len(&json) - 6]; /* of the data */
  *character = *character == 'A' ? 'B' : 'A';
  CHECK_CODE(decrypt("partition", json.data, (size_t)cobhan_len(&json), &out), ASHERAH_COBHAN_DECRYPT_FAILED);
  CHECK(asherah_last_error_code() == ASHERAH_ERROR_AUTHENTICATION, "%s",
        asherah_status_name(asherah_last_error_code()));
  cobhan_free(&json);
  cobhan_free(&out);
  Shutdown();
}

/* Libraries that copy first allow the output to be the input. */
static void test_in_place(void) {
  CHECK_CODE(cobhan_setup(CHECK_CONFIG), ASHERAH_COBHAN_OK);
  struct cobhan id = cobhan_text("partition"), same = cobhan_room(1000);
  memset(same.data, 'y', same.size);
  /* The input is a buffer inside of the output: one header cannot say both lengths. */
  struct cobhan tail = same;
  tail.buffer += 500;
  cobhan_set(&tail, 300);
  CHECK_CODE(EncryptToJson(id.buffer, tail.buffer, same.buffer), ASHERAH_COBHAN_OK);
  CHECK_CODE(DecryptFromJson(id.buffer, same.buffer, same.buffer), ASHERAH_COBHAN_OK);
  CHECK(cobhan_len(&same) == 300, "%d", (int)cobhan_len(&same));
  for (int i = 0; i < 300; i++)
    CHECK(same.data[i] == 'y', "byte %d is %d", i, same.data[i]);
  cobhan_free(&id);
  cobhan_free(&same);
  Shutdown();
}

/* Records go to and fro between both sets of functions. */
static void test_records_of_the_other_functions(void) {
  char path[] = "/tmp/cobhan-XXXXXX", file[64], config[512];
  REQUIRE(mkdtemp(path) != NULL, "no temporary directory");
  snprintf(file, sizeof file, "%s/keys.db", path);
  snprintf(
      config, sizeof config,
      "{\"ServiceName\":\"service\",\"ProductID\":\"product\",\"Metastore\":\"sqlite\",\"ConnectionString\":\"%s\","
      "\"KMS\":\"static\",\"StaticMasterKeyHex\":\"" CHECK_KEY_HEX "\",\"StrictConfig\":true}",
      file);
  CHECK_CODE(cobhan_setup(config), ASHERAH_COBHAN_OK);
  AsherahFactory *factory = asherah_factory_new_with_config(config);
  AsherahSession *session = asherah_factory_get_session(factory, "partition");
  struct cobhan json = cobhan_room(400), out = cobhan_room(100);
  AsherahBuffer buffer = {0};
  CHECK_CODE(encrypt("partition", "data", 4, &json), ASHERAH_COBHAN_OK);
  CHECK_STATUS(asherah_decrypt_from_json(session, json.data, (size_t)cobhan_len(&json), &buffer), ASHERAH_OK);
  CHECK(buffer.len == 4 && memcmp(buffer.data, "data", 4) == 0, "%zu bytes", buffer.len);
  asherah_buffer_free(&buffer);
  CHECK_STATUS(asherah_encrypt_to_json(session, (const uint8_t *)"back", 4, &buffer), ASHERAH_OK);
  CHECK_CODE(decrypt("partition", buffer.data, buffer.len, &out), ASHERAH_COBHAN_OK);
  CHECK(cobhan_len(&out) == 4 && memcmp(out.data, "back", 4) == 0, "%d bytes", (int)cobhan_len(&out));
  asherah_buffer_free(&buffer);
  Shutdown();
  /* The other factory does not mind. */
  CHECK_STATUS(asherah_decrypt_from_json(session, json.data, (size_t)cobhan_len(&json), &buffer), ASHERAH_OK);
  asherah_buffer_free(&buffer);
  asherah_session_free(session);
  asherah_factory_free(factory);
  cobhan_free(&json);
  cobhan_free(&out);
  unlink(file);
  rmdir(path);
}

static int32_t set_env(const char *json) {
  struct cobhan c = cobhan_text(json);
  int32_t code = SetEnv(c.buffer);
  cobhan_free(&c);
  return code;
}

/* SetEnv is seen by the library and by nobody else. */
static void test_set_env(void) {
  unsetenv("SERVICE_NAME");
  CHECK_CODE(set_env("{\"SERVICE_NAME\":\"service\",\"PRODUCT_ID\":\"product\",\"Metastore\":\"memory\","
                     "\"KMS\":\"static\",\"STATIC_MASTER_KEY_HEX\":\"" CHECK_KEY_HEX "\"}"),
             ASHERAH_COBHAN_OK);
  AsherahFactory *factory = asherah_factory_new_from_env();
  CHECK(factory != NULL, "%s", asherah_last_error_message());
  CHECK(getenv("SERVICE_NAME") == NULL, "the environment of the process was changed");
  asherah_factory_free(factory);
  CHECK_CODE(set_env("{\"SERVICE_NAME\":1}"), ASHERAH_COBHAN_JSON_DECODE_FAILED);
  CHECK_CODE(set_env("nothing"), ASHERAH_COBHAN_JSON_DECODE_FAILED);
  CHECK_CODE(set_env(""), ASHERAH_COBHAN_JSON_DECODE_FAILED);
  factory = asherah_factory_new_from_env();
  CHECK(factory != NULL, "a refused SetEnv had an effect: %s", asherah_last_error_message());
  asherah_factory_free(factory);
  CHECK_CODE(set_env("{\"SERVICE_NAME\":null,\"PRODUCT_ID\":null,\"Metastore\":null,\"KMS\":null,"
                     "\"STATIC_MASTER_KEY_HEX\":null}"),
             ASHERAH_COBHAN_OK);
  factory = asherah_factory_new_from_env();
  CHECK(factory == NULL, "null does not take a name back");
  asherah_factory_free(factory);
  /* It may come after SetupJson, for the next one. */
  CHECK_CODE(cobhan_setup(CHECK_CONFIG), ASHERAH_COBHAN_OK);
  CHECK_CODE(set_env("{}"), ASHERAH_COBHAN_OK);
  Shutdown();
  CHECK(check_stat("live_secrets") == 0, "%lld secrets are left", check_stat("live_secrets"));
}

static void test_after_fork(void) {
  CHECK_CODE(cobhan_setup(CHECK_CONFIG), ASHERAH_COBHAN_OK);
  struct cobhan in = cobhan_text("x"), out = cobhan_room(400);
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    alarm(10);
    int refused = (SetupJson(in.buffer) == ASHERAH_COBHAN_PANIC) + (SetEnv(in.buffer) == ASHERAH_COBHAN_PANIC) +
                  (EstimateBuffer(1, 1) == ASHERAH_COBHAN_PANIC) +
                  (EncryptToJson(in.buffer, in.buffer, out.buffer) == ASHERAH_COBHAN_PANIC) +
                  (DecryptFromJson(in.buffer, in.buffer, out.buffer) == ASHERAH_COBHAN_PANIC);
    Shutdown();
    _exit(refused);
  }
  int status;
  REQUIRE(child > 0 && waitpid(child, &status, 0) == child, "no child");
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 5, "status %x", (unsigned)status);
  CHECK_CODE(EncryptToJson(in.buffer, in.buffer, out.buffer), ASHERAH_COBHAN_OK);
  cobhan_free(&in);
  cobhan_free(&out);
  Shutdown();
}

int main(void) {
  RUN(test_before_setup);
  RUN(test_bad_configurations);
  RUN(test_static_needs_a_key);
  RUN(test_setup_and_shutdown);
  RUN(test_round_trips);
  RUN(test_parts);
  RUN(test_outputs_too_small);
  RUN(test_bad_arguments);
  RUN(test_partitions);
  RUN(test_bad_records);
  RUN(test_in_place);
  RUN(test_records_of_the_other_functions);
  RUN(test_set_env);
  RUN(test_after_fork);
  FINISH();
}
