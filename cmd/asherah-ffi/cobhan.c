/*
 * The Cobhan functions: what can be checked without Go, and the buffers.
 *
 * A buffer is an int32_t, little-endian, its length as input or its capacity as output; four bytes that are not used;
 * and the bytes. It may be at any address. Times of creation are int64_t, little-endian, without a header.
 */
#define ASHERAH_COBHAN
#include "calls.h"
#include "cobhan.h"

#include <endian.h>

enum { HEADER = 8 };

/* What a buffer says of itself. */
struct span {
  uint8_t *data;
  size_t len; /* or capacity */
};

static int fail(int code, int status, const char *message) {
  lasterror_fail(status, message);
  return code;
}

static int fail_argument(int code, const char *message) { return fail(code, ASHERAH_ERROR_INVALID_ARGUMENT, message); }

static int null_pointer(void) { return fail_argument(ASHERAH_COBHAN_NULL_POINTER, "a pointer is NULL"); }

static int32_t header_of(const void *buffer) {
  uint32_t n;
  memcpy(&n, buffer, sizeof n);
  return (int32_t)le32toh(n);
}

/* A negative length could name a temporary file: not here, where no plaintext is to be left on a disk. */
static int read_input(const void *buffer, struct span *input) {
  int32_t n = header_of(buffer);
  if (n < 0 || (size_t)n > ASHERAH_MAX_INPUT)
    return fail_argument(ASHERAH_COBHAN_BUFFER_TOO_LARGE,
                         "an input has a negative length, or is longer than ASHERAH_MAX_INPUT");
  *input = (struct span){(uint8_t *)buffer + HEADER, (size_t)n};
  return ASHERAH_COBHAN_OK;
}

static int read_partition(const void *buffer, struct span *partition) {
  int code = read_input(buffer, partition);
  if (code == ASHERAH_COBHAN_OK && partition->len > BORDER_MAX_STRING)
    return fail_argument(ASHERAH_COBHAN_GET_SESSION_FAILED, "the partition id is longer than 1 MiB");
  return code;
}

static int read_output(const void *buffer, struct span *output) {
  int32_t n = header_of(buffer);
  if (n < 0)
    return fail_argument(ASHERAH_COBHAN_BUFFER_TOO_SMALL, "an output has a negative capacity");
  *output = (struct span){(uint8_t *)buffer + HEADER, (size_t)n};
  return ASHERAH_COBHAN_OK;
}

static void set_length(void *buffer, size_t len) {
  uint32_t n = htole32((uint32_t)len);
  memcpy(buffer, &n, sizeof n);
}

static void set_time(void *out, int64_t seconds) {
  uint64_t n = htole64((uint64_t)seconds);
  memcpy(out, &n, sizeof n);
}

/* In a child made by fork() everything fails alike. */
#define ENTER_COBHAN                                                                                                   \
  do {                                                                                                                 \
    if (!border_enter())                                                                                               \
      return ASHERAH_COBHAN_PANIC;                                                                                     \
  } while (0)

#define TRY(expression)                                                                                                \
  do {                                                                                                                 \
    int code_ = (expression);                                                                                          \
    if (code_ != ASHERAH_COBHAN_OK)                                                                                    \
      return code_;                                                                                                    \
  } while (0)

int32_t SetupJson(const void *config_json) {
  ENTER_COBHAN;
  struct span config;
  if (config_json == NULL)
    return null_pointer();
  TRY(read_input(config_json, &config));
  return borderCobhanSetup((uintptr_t)config.data, config.len);
}

void Shutdown(void) {
  if (enter_quietly())
    borderCobhanShutdown();
}

int32_t SetEnv(const void *env_json) {
  ENTER_COBHAN;
  struct span env;
  if (env_json == NULL)
    return null_pointer();
  TRY(read_input(env_json, &env));
  return borderCobhanSetEnv((uintptr_t)env.data, env.len);
}

int32_t EstimateBuffer(int32_t data_len, int32_t partition_len) {
  ENTER_COBHAN;
  if (data_len < 0 || partition_len < 0)
    return fail_argument(ASHERAH_COBHAN_BUFFER_TOO_LARGE, "a length is negative");
  return borderCobhanEstimate(data_len, partition_len);
}

/*
 * Callers may have the result written over the input, as libraries allow that copy first. Returns the input, or a copy
 * of it in *copy, to be given to free_copy(), where it overlaps the output; NULL if there is no memory.
 */
static uint8_t *apart(const struct span *input, const struct span *output, uint8_t **copy) {
  *copy = NULL;
  uintptr_t in = (uintptr_t)input->data, out = (uintptr_t)output->data - HEADER;
  if (in >= out + HEADER + output->len || out >= in + input->len)
    return input->data;
  *copy = malloc(input->len + 1);
  return *copy == NULL ? NULL : memcpy(*copy, input->data, input->len);
}

static void free_copy(uint8_t *copy, size_t len) {
  if (copy != NULL)
    explicit_bzero(copy, len);
  free(copy);
}

/* borderCobhanEncryptJSON or borderCobhanDecryptJSON. */
typedef int32_t convert_fn(uintptr_t id, size_t id_len, uintptr_t input, size_t len, uintptr_t out, size_t capacity,
                           size_t *written);

static int32_t convert(convert_fn *function, const void *partition_id, const void *input_buffer, void *output_buffer) {
  struct span partition, input, output;
  if (partition_id == NULL || input_buffer == NULL || output_buffer == NULL)
    return null_pointer();
  TRY(read_partition(partition_id, &partition));
  TRY(read_input(input_buffer, &input));
  TRY(read_output(output_buffer, &output));
  size_t written = 0;
  uint8_t *copy, *data = apart(&input, &output, &copy);
  if (data == NULL)
    return fail(ASHERAH_COBHAN_PANIC, ASHERAH_ERROR_INTERNAL, "out of memory");
  int32_t code = function((uintptr_t)partition.data, partition.len, (uintptr_t)data, input.len, (uintptr_t)output.data,
                          output.len, &written);
  free_copy(copy, input.len);
  if (code == ASHERAH_COBHAN_OK)
    set_length(output_buffer, written);
  return code;
}

int32_t EncryptToJson(const void *partition_id, const void *data, void *json) {
  ENTER_COBHAN;
  return convert(borderCobhanEncryptJSON, partition_id, data, json);
}

int32_t DecryptFromJson(const void *partition_id, const void *json, void *data) {
  ENTER_COBHAN;
  return convert(borderCobhanDecryptJSON, partition_id, json, data);
}

int32_t Encrypt(const void *partition_id, const void *data, void *encrypted_data, void *encrypted_key, void *created,
                void *parent_key_id, void *parent_key_created) {
  ENTER_COBHAN;
  struct span partition, input, out_data, out_key, out_id;
  if (partition_id == NULL || data == NULL || encrypted_data == NULL || encrypted_key == NULL || created == NULL ||
      parent_key_id == NULL || parent_key_created == NULL)
    return null_pointer();
  TRY(read_partition(partition_id, &partition));
  TRY(read_input(data, &input));
  TRY(read_output(encrypted_data, &out_data));
  TRY(read_output(encrypted_key, &out_key));
  TRY(read_output(parent_key_id, &out_id));
  struct cobhan_parts parts = {
      .data = (uintptr_t)out_data.data,
      .data_len = out_data.len,
      .key = (uintptr_t)out_key.data,
      .key_len = out_key.len,
      .parent_id = (uintptr_t)out_id.data,
      .parent_id_len = out_id.len,
  };
  TRY(borderCobhanEncrypt((uintptr_t)partition.data, partition.len, (uintptr_t)input.data, input.len, &parts));
  set_length(encrypted_data, parts.data_len);
  set_length(encrypted_key, parts.key_len);
  set_length(parent_key_id, parts.parent_id_len);
  set_time(created, parts.created);
  set_time(parent_key_created, parts.parent_created);
  return ASHERAH_COBHAN_OK;
}

int32_t Decrypt(const void *partition_id, const void *encrypted_data, const void *encrypted_key, int64_t created,
                const void *parent_key_id, int64_t parent_key_created, void *decrypted_data) {
  ENTER_COBHAN;
  struct span partition, data, key, id, output;
  if (partition_id == NULL || encrypted_data == NULL || encrypted_key == NULL || parent_key_id == NULL ||
      decrypted_data == NULL)
    return null_pointer();
  TRY(read_partition(partition_id, &partition));
  TRY(read_input(encrypted_data, &data));
  TRY(read_input(encrypted_key, &key));
  TRY(read_input(parent_key_id, &id));
  TRY(read_output(decrypted_data, &output));
  struct cobhan_parts parts = {
      .data = (uintptr_t)data.data,
      .data_len = data.len,
      .key = (uintptr_t)key.data,
      .key_len = key.len,
      .parent_id = (uintptr_t)id.data,
      .parent_id_len = id.len,
      .created = created,
      .parent_created = parent_key_created,
  };
  size_t written = 0;
  TRY(borderCobhanDecrypt((uintptr_t)partition.data, partition.len, &parts, (uintptr_t)output.data, output.len,
                          &written));
  set_length(decrypted_data, written);
  return ASHERAH_COBHAN_OK;
}
