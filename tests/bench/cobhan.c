/* A library with the Cobhan symbols: godaddy/asherah-cobhan, or ours. */
#include "driver.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A Cobhan buffer: 32-bit length (before a call that fills it: the capacity), 32 reserved bits, then the bytes. */
enum { HEADER = 8 };

static int32_t (*setup_json)(const void *);
static int32_t (*encrypt_to_json)(const void *, const void *, void *);
static int32_t (*decrypt_from_json)(const void *, const void *, void *);

static void must_find(void *library, const char *name, void *function) {
  *(void **)function = dlsym(library, name);
  if (!*(void **)function) {
    fprintf(stderr, "bench: the library has no %s\n", name);
    exit(1);
  }
}

static uint8_t *buffer_new(size_t capacity) {
  uint8_t *buffer = malloc(HEADER + capacity);
  if (!buffer)
    abort();
  int32_t header[2] = {(int32_t)capacity, 0};
  memcpy(buffer, header, sizeof header);
  return buffer;
}

static size_t buffer_len(const uint8_t *buffer) {
  int32_t len;
  memcpy(&len, buffer, sizeof len);
  return (size_t)len;
}

static uint8_t *buffer_of(const void *data, size_t len) {
  uint8_t *buffer = buffer_new(len);
  memcpy(buffer + HEADER, data, len);
  return buffer;
}

/* There are no sessions: a call names its partition. */
static void *session(const char *partition) { return buffer_of(partition, strlen(partition)); }

static void close_session(void *handle) { free(handle); }

/* The input must carry a header, so a caller with plain bytes copies them. */
static int call(int32_t (*function)(const void *, const void *, void *), void *partition, const uint8_t *data,
                size_t len, size_t room, struct output *out) {
  uint8_t *in = buffer_of(data, len);
  uint8_t *buffer = buffer_new(room);
  int32_t status = function(partition, in, buffer);
  free(in);
  *out = (struct output){buffer + HEADER, status == 0 ? buffer_len(buffer) : 0, {buffer, NULL}};
  return status;
}

static int encrypt_out(void *partition, const uint8_t *data, size_t len, struct output *out) {
  return call(encrypt_to_json, partition, data, len, record_room(len), out);
}

static int decrypt_out(void *partition, const uint8_t *record, size_t len, struct output *out) {
  return call(decrypt_from_json, partition, record, len, len, out);
}

static void release(struct output *out) { free(out->own[0]); }

static const char *(*library_version)(void); /* NULL where there is none */

static const char *version(void) { return library_version ? library_version() : "(no version)"; }

static const struct driver driver = {.name = "Cobhan",
                                     .session = session,
                                     .close_session = close_session,
                                     .encrypt = encrypt_out,
                                     .decrypt = decrypt_out,
                                     .release = release,
                                     .version = version};

const struct driver *cobhan_open(void *library) {
  static const char CONFIG[] =
      "{\"ServiceName\":\"service\",\"ProductID\":\"product\",\"Metastore\":\"memory\",\"KMS\":"
      "\"static\",\"StaticMasterKeyHex\":"
      "\"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\","
      "\"EnableSessionCaching\":true}";
  must_find(library, "SetupJson", &setup_json);
  must_find(library, "EncryptToJson", &encrypt_to_json);
  must_find(library, "DecryptFromJson", &decrypt_from_json);
  *(void **)&library_version = dlsym(library, "asherah_version");
  uint8_t *config = buffer_of(CONFIG, sizeof CONFIG - 1);
  int32_t status = setup_json(config);
  free(config);
  if (status != 0) {
    fprintf(stderr, "bench: SetupJson answers %d\n", (int)status);
    exit(1);
  }
  return &driver;
}
