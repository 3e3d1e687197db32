/*
 * A first program with libasherah: encrypts a few records for several partitions, keeps them in a text file, and reads
 * such a file back. The keys are in a SQLite database, sealed by a master key that this program passes to the library.
 *
 *   demo write FILE --database DB --key KEY     KEY: exactly 32 bytes; a real program takes it from its secret store
 *   demo read  FILE --database DB --key KEY
 *
 * A file has one record a line: <partition> TAB <data row record>.
 *
 * Build:  gcc -std=c11 -o demo demo.c $(pkg-config --cflags --libs libasherah)
 */
#define _DEFAULT_SOURCE
#include <asherah.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const struct {
  const char *partition;
  const char *text;
} SAMPLES[] = {
    {"user-1001", "card 4111 1111 1111 1111, expires 12/29"},
    {"user-1001", "IBAN DE02 1203 0000 0000 2020 51"},
    {"user-1002", "passport C01X00T47"},
    {"shop-7", "monthly turnover: 1 204 300.00 EUR"},
};

/* The message belongs to the last call of this thread, so it is read before anything else is called. */
static int complain(const char *what) {
  const char *message = asherah_last_error_message();
  fprintf(stderr, "demo: %s: %s (%s)\n", what, message ? message : "no message",
          asherah_status_name(asherah_last_error_code()));
  return -1;
}

static AsherahFactory *open_factory(const char *database, const char *key) {
  char config[2048];
  if (strpbrk(database, "\"\\") || strpbrk(key, "\"\\")) {
    fprintf(stderr, "demo: quotes and backslashes in a path or key need JSON escapes, which this program leaves out\n");
    return NULL;
  }
  int n = snprintf(config, sizeof config,
                   "{\"ServiceName\":\"billing\",\"ProductID\":\"shop\",\"StrictConfig\":true,"
                   "\"Metastore\":\"sqlite\",\"ConnectionString\":\"%s\","
                   "\"KMS\":\"static\",\"StaticMasterKey\":\"%s\"}",
                   database, key);
  if (n < 0 || (size_t)n >= sizeof config) {
    fprintf(stderr, "demo: path or key too long\n");
    return NULL;
  }
  AsherahFactory *factory = asherah_factory_new_with_config(config);
  if (!factory)
    complain("no factory");
  /* The library wipes its own copies of the key; this one is ours. */
  explicit_bzero(config, sizeof config);
  return factory;
}

static int write_record(AsherahFactory *factory, FILE *file, const char *partition, const char *text) {
  int result = -1;
  AsherahBuffer record = {0};
  AsherahSession *session = asherah_factory_get_session(factory, partition);
  if (!session)
    return complain(partition);
  if (asherah_encrypt_to_json(session, (const uint8_t *)text, strlen(text), &record) != ASHERAH_OK) {
    complain("encryption");
  } else if (fprintf(file, "%s\t%.*s\n", partition, (int)record.len, (const char *)record.data) < 0) {
    perror("demo: write");
  } else {
    printf("  %-10s wrote \"%s\" as a record of %zu bytes\n", partition, text, record.len);
    result = 0;
  }
  asherah_buffer_free(&record);
  asherah_session_free(session);
  return result;
}

static int read_record(AsherahFactory *factory, const char *partition, const char *json, size_t len) {
  int result = -1;
  AsherahBuffer text = {0};
  AsherahSession *session = asherah_factory_get_session(factory, partition);
  if (!session)
    return complain(partition);
  if (asherah_decrypt_from_json(session, (const uint8_t *)json, len, &text) != ASHERAH_OK) {
    complain("decryption");
  } else {
    printf("  %-10s reads \"%.*s\"\n", partition, (int)text.len, (const char *)text.data);
    result = 0;
  }
  asherah_buffer_free(&text); /* wipes the plaintext */
  asherah_session_free(session);
  return result;
}

static int write_file(AsherahFactory *factory, const char *path, size_t *count) {
  FILE *file = fopen(path, "w");
  if (!file) {
    perror(path);
    return -1;
  }
  int result = 0;
  for (size_t i = 0; i < sizeof SAMPLES / sizeof *SAMPLES && result == 0; i++, (*count)++)
    result = write_record(factory, file, SAMPLES[i].partition, SAMPLES[i].text);
  if (fclose(file) != 0) {
    perror(path);
    return -1;
  }
  return result;
}

static int read_file(AsherahFactory *factory, const char *path, size_t *count) {
  FILE *file = fopen(path, "r");
  if (!file) {
    perror(path);
    return -1;
  }
  int result = 0;
  char *line = NULL;
  size_t capacity = 0;
  ssize_t n;
  while (result == 0 && (n = getline(&line, &capacity, file)) > 0) {
    if (line[n - 1] == '\n')
      line[--n] = '\0';
    char *tab = strchr(line, '\t');
    if (!tab) {
      fprintf(stderr, "demo: %s: line %zu has no tab\n", path, *count + 1);
      result = -1;
      break;
    }
    *tab = '\0';
    result = read_record(factory, line, tab + 1, (size_t)(line + n - (tab + 1)));
    (*count)++;
  }
  free(line);
  fclose(file);
  return result;
}

static double milliseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

int main(int argc, char **argv) {
  if (argc != 7 || (strcmp(argv[1], "write") != 0 && strcmp(argv[1], "read") != 0) ||
      strcmp(argv[3], "--database") != 0 || strcmp(argv[5], "--key") != 0) {
    fprintf(stderr, "usage: demo write|read FILE --database DB --key KEY\n");
    return 2;
  }
  if (asherah_abi_version() < ASHERAH_ABI_VERSION) {
    fprintf(stderr, "demo: library %s is older than the header it was compiled with\n", asherah_version());
    return 2;
  }
  AsherahFactory *factory = open_factory(argv[4], argv[6]);
  if (!factory)
    return 1;
  size_t count = 0;
  double start = milliseconds();
  int result =
      strcmp(argv[1], "write") == 0 ? write_file(factory, argv[2], &count) : read_file(factory, argv[2], &count);
#ifdef PLANT_LEAK
  /* For the check that valgrind would notice: a record that is never given back. */
  AsherahBuffer lost = {0};
  AsherahSession *session = asherah_factory_get_session(factory, "leak");
  if (asherah_encrypt_to_json(session, (const uint8_t *)"x", 1, &lost) == ASHERAH_OK)
    lost.data = NULL;
  asherah_session_free(session);
#endif
  asherah_factory_free(factory);
  if (result == 0)
    printf("  %zu records in %.2f ms\n", count, milliseconds() - start);
  return result == 0 ? 0 : 1;
}
