/*
 * The process whose memory coredump.py searches: secrets CONFIG_FILE PLAINTEXT_FILE RECORDS_FILE. It prints the name of
 * each stage and waits for a line on standard input.
 *
 *   planted  a marker and the configuration, with the master key in hex, are in ordinary memory
 *   working  the program has wiped its own copies; factory and sessions are open and have been used
 *   failed   as before, after calls that failed
 *   closed   everything has been freed
 *
 * Secrets come in through read() into one buffer and leave through write(), so that neither stdio nor the stack keeps
 * copies of the program's own making.
 */
#define _DEFAULT_SOURCE
#include <asherah.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CONFIG_ROOM = 4096, PLAINTEXT = 4096, RECORDS = 12, ROUNDS = 50 };

static char config[CONFIG_ROOM];
static uint8_t plaintext[PLAINTEXT];
static uint8_t text[PLAINTEXT + 64];
static char marker[64];

static void die(const char *what) {
  const char *message = asherah_last_error_message();
  fprintf(stderr, "secrets: %s: %s\n", what, message ? message : "no message");
  exit(1);
}

static size_t read_file(const char *path, void *data, size_t room) {
  int file = open(path, O_RDONLY);
  ssize_t n = file < 0 ? -1 : read(file, data, room);
  if (n < 0 || (size_t)n == room)
    die(path);
  close(file);
  return (size_t)n;
}

static void stage(const char *name) {
  char line[16];
  printf("%s\n", name);
  fflush(stdout);
  if (!fgets(line, sizeof line, stdin))
    exit(0);
}

static void write_all(int file, const void *data, size_t len) {
  if (write(file, data, len) != (ssize_t)len)
    die("write");
}

/* Every way in and out: library buffers, caller's buffers, with and without head-room, and batches. */
static void use(AsherahSession *session, const char *partition, size_t len, int records) {
  AsherahBuffer record = {0}, opened = {0};
  size_t written = 0;
  if (asherah_encrypt_to_json(session, plaintext, len, &record) != ASHERAH_OK)
    die("encrypt");
  if (records >= 0) {
    write_all(records, partition, strlen(partition));
    write_all(records, "\t", 1);
    write_all(records, record.data, record.len);
    write_all(records, "\n", 1);
  }
  if (asherah_decrypt_from_json(session, record.data, record.len, &opened) != ASHERAH_OK ||
      asherah_decrypt_into(session, record.data, record.len, text, sizeof text, &written, 0) != ASHERAH_OK ||
      asherah_decrypt_into(session, record.data, record.len, text, len, &written, 0) != ASHERAH_OK)
    die("decrypt");
  AsherahSlice slice = {record.data, record.len};
  AsherahResult result;
  if (asherah_decrypt_batch(session, &slice, 1, &result, 0) != ASHERAH_OK)
    die("batch");
  asherah_buffer_free(&result.buffer);
  asherah_buffer_free(&record);
  asherah_buffer_free(&opened);
  explicit_bzero(text, sizeof text);
}

static void fail_with(AsherahSession *session, AsherahFactory *factory, size_t len) {
  AsherahBuffer record = {0}, opened = {0};
  size_t written = 0;
  AsherahSession *other = asherah_factory_get_session(factory, "another");
  if (asherah_encrypt_to_json(session, plaintext, len, &record) != ASHERAH_OK)
    die("encrypt");
  asherah_decrypt_from_json(other, record.data, record.len, &opened);
  asherah_decrypt_into(session, record.data, record.len, text, len - 1, &written, 0);
  record.data[record.len - 10] ^= 1; /* in the nonce: the plaintext comes out wrong, and not at all */
  asherah_decrypt_from_json(session, record.data, record.len, &opened);
  asherah_decrypt_into(session, record.data, record.len, text, sizeof text, &written, 0);
  record.data[record.len - 10] ^= 1;
  asherah_encrypt_into(session, plaintext, len, text, 10, &written, 0);
  asherah_buffer_free(&record);
  asherah_session_free(other);
  explicit_bzero(text, sizeof text);
}

static uint8_t *raw_key; /* the master key, in locked memory */

/* The master key in every form that the library keeps for others: in locked memory, and as a variable. */
static AsherahSecret *keep_master_key(void) {
  enum { HEX = 2 * ASHERAH_AES_KEY_SIZE };
  static char variable[HEX + 64];
  char *hex = strstr(config, "\"StaticMasterKeyHex\"");
  hex = hex ? strpbrk(hex + strlen("\"StaticMasterKeyHex\""), "0123456789abcdef") : NULL;
  AsherahSecret *secret = asherah_secret_new(ASHERAH_AES_KEY_SIZE, &raw_key);
  if (!hex || !secret)
    die("the master key");
  for (int i = 0; i < HEX; i++) {
    int digit = hex[i] <= '9' ? hex[i] - '0' : hex[i] - 'a' + 10;
    raw_key[i / 2] = (uint8_t)(raw_key[i / 2] << 4 | digit);
  }
  strcpy(variable, "{\"STATIC_MASTER_KEY_HEX\":\"");
  strncat(variable, hex, HEX);
  strcat(variable, "\"}");
  if (asherah_set_env(variable) != ASHERAH_OK)
    die("variable");
  explicit_bzero(variable, sizeof variable);
  return secret;
}

/* The master key with the raw cipher, and data that does not authenticate. */
static void use_cipher(size_t len) {
  const uint8_t nonce[ASHERAH_AES_NONCE_SIZE] = {1};
  size_t written = 0;
  if (asherah_aes_gcm_seal(raw_key, nonce, plaintext, len, text, sizeof text, &written) != ASHERAH_OK ||
      asherah_aes_gcm_open(raw_key, nonce, text, written, text, sizeof text, &written) != ASHERAH_OK ||
      asherah_aes_gcm_seal(raw_key, nonce, text, len, text, sizeof text, &written) != ASHERAH_OK)
    die("cipher");
  text[written - 1] ^= 1;
  if (asherah_aes_gcm_open(raw_key, nonce, text, written, text, sizeof text, &written) != ASHERAH_ERROR_AUTHENTICATION)
    die("altered data");
  explicit_bzero(text, sizeof text);
}

static void async_done(void *user_data, const uint8_t *data, size_t len, const char *error) {
  (void)data, (void)len, (void)error;
  *(volatile int *)user_data = 1;
}

int main(int argc, char **argv) {
  if (argc != 4)
    return 2;
  /* The marker is put together here, so that it is not in the program's file as a whole. */
  snprintf(marker, sizeof marker, "planted-%s-%d", "marker", 7305);
  read_file(argv[1], config, sizeof config);
  size_t len = read_file(argv[2], plaintext, sizeof plaintext);
  int records = open(argv[3], O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (records < 0)
    die(argv[3]);
  stage("planted");

  AsherahFactory *factory = asherah_factory_new_with_config(config);
  if (!factory)
    die("factory");
  if (asherah_apply_config_json(config) != ASHERAH_OK)
    die("apply");
  AsherahFactory *second = asherah_factory_new_from_env();
  if (!second)
    die("second factory");
  AsherahSecret *secret = keep_master_key();
  explicit_bzero(config, sizeof config);

  AsherahSession *sessions[RECORDS];
  for (int i = 0; i < RECORDS; i++) {
    char partition[32];
    snprintf(partition, sizeof partition, "partition-%d", i);
    sessions[i] = asherah_factory_get_session(i % 3 ? factory : second, partition);
    if (!sessions[i])
      die("session");
    use(sessions[i], partition, len, records);
    for (int round = 0; round < ROUNDS; round++)
      use(sessions[i], partition, len, -1);
  }
  use_cipher(len);
  volatile int done = 0;
  if (asherah_encrypt_to_json_async(sessions[0], plaintext, len, async_done, (void *)&done) != ASHERAH_OK)
    die("asynchronous encryption");
  while (!done)
    usleep(1000);
  explicit_bzero(plaintext, sizeof plaintext);
  explicit_bzero(marker, sizeof marker);
  stage("working");

  read_file(argv[2], plaintext, sizeof plaintext);
  for (int i = 0; i < RECORDS; i++)
    fail_with(sessions[i], factory, len);
  use_cipher(len);
  explicit_bzero(plaintext, sizeof plaintext);
  stage("failed");

  for (int i = 0; i < RECORDS; i++)
    asherah_session_free(sessions[i]);
  asherah_factory_free(factory);
  asherah_factory_free(second);
  asherah_apply_config_json(NULL);
  asherah_secret_free(secret);
  asherah_set_env("{\"STATIC_MASTER_KEY_HEX\":null}");
  close(records);
  stage("closed");
  return 0;
}
