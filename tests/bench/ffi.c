/* A library with the asherah_* symbols: ours, or godaddy/asherah-ffi. */
#include "driver.h"

#include "../capi/hashstore.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

static AsherahSession *(*get_session)(AsherahFactory *, const char *);
static void (*session_free)(AsherahSession *);
static int (*encrypt_to_json)(AsherahSession *, const uint8_t *, size_t, AsherahBuffer *);
static int (*decrypt_from_json)(AsherahSession *, const uint8_t *, size_t, AsherahBuffer *);
static void (*buffer_free)(AsherahBuffer *);
static const char *(*last_error)(void);
static const char *(*library_version)(void);
static int (*into_encrypt)(AsherahSession *, const uint8_t *, size_t, uint8_t *, size_t, size_t *, uint32_t);
static int (*into_decrypt)(AsherahSession *, const uint8_t *, size_t, uint8_t *, size_t, size_t *, uint32_t);
static AsherahFactory *factory;

/* ISO C has no conversion from an object pointer to a function pointer; the two have one size here. */
static void find(void *library, const char *name, void *function) { *(void **)function = dlsym(library, name); }

static void must_find(void *library, const char *name, void *function) {
  find(library, name, function);
  if (!*(void **)function) {
    fprintf(stderr, "bench: the library has no %s\n", name);
    exit(1);
  }
}

static int encrypt_out(void *session, const uint8_t *data, size_t len, struct output *out) {
  AsherahBuffer buffer = {0};
  int status = encrypt_to_json(session, data, len, &buffer);
  *out = (struct output){buffer.data, buffer.len, {(void *)buffer.capacity, NULL}};
  return status;
}

static int decrypt_out(void *session, const uint8_t *record, size_t len, struct output *out) {
  AsherahBuffer buffer = {0};
  int status = decrypt_from_json(session, record, len, &buffer);
  *out = (struct output){buffer.data, buffer.len, {(void *)buffer.capacity, NULL}};
  return status;
}

static void release(struct output *out) {
  AsherahBuffer buffer = {out->data, out->len, (size_t)out->own[0]};
  buffer_free(&buffer);
}

static int encrypt_into(void *session, const uint8_t *data, size_t len, uint8_t *out, size_t capacity,
                        size_t *written) {
  return into_encrypt(session, data, len, out, capacity, written, 0);
}

static int decrypt_into(void *session, const uint8_t *record, size_t len, uint8_t *out, size_t capacity,
                        size_t *written) {
  return into_decrypt(session, record, len, out, capacity, written, 0);
}

static void *session(const char *partition) { return get_session(factory, partition); }

static void close_session(void *handle) { session_free(handle); }

static const char *version(void) { return library_version ? library_version() : "(no version)"; }

static struct driver driver = {.name = "asherah_*",
                               .session = session,
                               .close_session = close_session,
                               .encrypt = encrypt_out,
                               .decrypt = decrypt_out,
                               .release = release,
                               .version = version};

static void find_functions(void *library) {
  must_find(library, "asherah_factory_get_session", &get_session);
  must_find(library, "asherah_session_free", &session_free);
  must_find(library, "asherah_encrypt_to_json", &encrypt_to_json);
  must_find(library, "asherah_decrypt_from_json", &decrypt_from_json);
  must_find(library, "asherah_buffer_free", &buffer_free);
  must_find(library, "asherah_last_error_message", &last_error);
  find(library, "asherah_version", &library_version);
  find(library, "asherah_encrypt_into", &into_encrypt);
  find(library, "asherah_decrypt_into", &into_decrypt);
  if (into_encrypt && into_decrypt) {
    driver.encrypt_into = encrypt_into;
    driver.decrypt_into = decrypt_into;
  }
}

static const struct driver *with_factory(AsherahFactory *made) {
  factory = made;
  if (!factory) {
    const char *message = last_error();
    fprintf(stderr, "bench: no factory: %s\n", message ? message : "no message");
    exit(1);
  }
  return &driver;
}

const struct driver *ffi_open(void *library) {
  AsherahFactory *(*factory_new)(const char *);
  find_functions(library);
  must_find(library, "asherah_factory_new_with_config", &factory_new);
  return with_factory(factory_new("{\"ServiceName\":\"service\",\"ProductID\":\"product\",\"Metastore\":\"memory\","
                                  "\"KMS\":\"static\",\"StaticMasterKeyHex\":"
                                  "\"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\"}"));
}

/* A KMS that keeps nothing secret: what it costs does not matter. */
static int32_t turn_over(void *unused, const uint8_t *bytes, size_t len, int64_t created, int32_t revoked,
                         AsherahReply *reply) {
  (void)unused, (void)created, (void)revoked;
  uint8_t *result = reply->allocate(reply, len);
  if (!result)
    return ASHERAH_HOST_STATUS;
  for (size_t i = 0; i < len; i++)
    result[i] = bytes[i] ^ 0xff;
  return 0;
}

const struct driver *callbacks_open(void *library) {
  AsherahFactory *(*factory_new_on)(const char *, AsherahMetastore *, AsherahKms *, const AsherahPolicyCallbacks *);
  AsherahMetastore *(*metastore_new)(const AsherahMetastoreCallbacks *);
  AsherahKms *(*kms_new)(const AsherahKmsCallbacks *);
  find_functions(library);
  must_find(library, "asherah_factory_new", &factory_new_on);
  must_find(library, "asherah_metastore_new_from_callbacks", &metastore_new);
  must_find(library, "asherah_kms_new_from_callbacks", &kms_new);
  AsherahMetastoreCallbacks metastore = hashstore_callbacks(hashstore_new(NULL));
  AsherahKmsCallbacks kms = {
      .size = sizeof kms, .version = ASHERAH_CALLBACKS_VERSION, .encrypt_key = turn_over, .decrypt_key = turn_over};
  return with_factory(factory_new_on("{\"ServiceName\":\"service\",\"ProductID\":\"product\"}",
                                     metastore_new(&metastore), kms_new(&kms), NULL));
}
