/*
 * Measures libhessra against OpenSSL: bench < what tokens writes.
 *
 * The floor verifies the token's signatures with OpenSSL and does nothing else: no parsing, no key to read, no proof,
 * no Datalog. In each round floor and library have a short turn on the same thread; a ratio is the median of the
 * rounds' ratios. Time is that of the processor for this thread, which other work on the machine prolongs little. A
 * missed target is shown and ends the program with 0.
 */
#define _POSIX_C_SOURCE 200809L
#include <hessra.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 31, TURN_NS = 20000000, MAX_SIGNATURES = 64, MAX_LINE = 1 << 16 };

struct signature {
  EVP_PKEY *key;
  const EVP_MD *digest;
  unsigned char *payload, *value;
  size_t payload_len, value_len;
};

struct token {
  char name[64];
  char *text, *nodes;
  HessraPublicKey key;
  HessraToken parsed; /* judged before */
  int count;
  struct signature signatures[MAX_SIGNATURES];
};

static void fail(const char *what) {
  HessraError error;
  fprintf(stderr, "bench: %s", what);
  if (hessra_last_error(&error) == HESSRA_SUCCESS && error.message != NULL)
    fprintf(stderr, ": %s", error.message);
  fprintf(stderr, "\n");
  exit(1);
}

static void *checked(void *pointer) {
  if (pointer == NULL)
    fail("OpenSSL or malloc failed");
  return pointer;
}

static unsigned char *unhex(const char *text, size_t *len) {
  long n;
  unsigned char *data = checked(OPENSSL_hexstr2buf(text, &n));
  *len = (size_t)n;
  return data;
}

static EVP_PKEY *read_point(const unsigned char *point, size_t len) {
  static const unsigned char head[] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
                                       0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00};
  unsigned char der[sizeof head + 65];
  if (len != 65)
    fail("a point has no 65 bytes");
  memcpy(der, head, sizeof head);
  memcpy(der + sizeof head, point, len);
  const unsigned char *at = der;
  return checked(d2i_PUBKEY(NULL, &at, sizeof der));
}

static void read_signature(struct token *token, char *words) {
  if (token == NULL || token->count == MAX_SIGNATURES)
    fail("a signature without a token, or too many");
  struct signature *s = &token->signatures[token->count++];
  const char *algorithm = strtok(words, " \n"), *key = strtok(NULL, " \n");
  size_t len;
  unsigned char *point = unhex(key, &len);
  s->payload = unhex(strtok(NULL, " \n"), &s->payload_len);
  s->value = unhex(strtok(NULL, " \n"), &s->value_len);
  if (*algorithm == '0') {
    s->key = checked(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, point, len));
  } else {
    s->key = read_point(point, len);
    s->digest = EVP_sha256();
  }
  OPENSSL_free(point);
}

static void read_token(struct token *token, char *words) {
  snprintf(token->name, sizeof token->name, "%s", strtok(words, " \n"));
  const char *key = strtok(NULL, " \n");
  token->text = checked(strdup(strtok(NULL, " \n")));
  const char *nodes = strtok(NULL, "\n");
  token->nodes = *nodes == '-' ? NULL : checked(strdup(nodes));
  unsigned char pem[1024] = {0};
  if (EVP_DecodeBlock(pem, (const unsigned char *)key, (int)strlen(key)) < 0 ||
      hessra_public_key_from_string((const char *)pem, &token->key) != HESSRA_SUCCESS)
    fail("a key cannot be read");
  for (char *c = token->name; *c != '\0'; c++)
    *c = *c == '_' ? ' ' : *c;
}

static EVP_MD_CTX *context;

static void floor_once(struct token *token) {
  for (int i = 0; i < token->count; i++) {
    struct signature *s = &token->signatures[i];
    EVP_MD_CTX_reset(context);
    if (EVP_DigestVerifyInit(context, NULL, s->digest, NULL, s->key) != 1 ||
        EVP_DigestVerify(context, s->value, s->value_len, s->payload, s->payload_len) != 1)
      fail("OpenSSL does not verify a signature");
  }
}

static void judge(struct token *token, HessraToken parsed) {
  HessraRequest request = {.size = sizeof request,
                           .kind = HESSRA_VERIFY_OPERATION,
                           .subject = "marta",
                           .resource = "orders",
                           .operation = "read"};
  if (token->nodes != NULL) {
    request.kind = HESSRA_VERIFY_SERVICE_CHAIN;
    request.service_nodes_json = token->nodes;
  }
  if (hessra_token_authorize(parsed, token->key, &request) != HESSRA_SUCCESS)
    fail("a token is refused");
}

static void whole_once(struct token *token) {
  HessraToken parsed;
  if (hessra_token_parse(token->text, &parsed) != HESSRA_SUCCESS)
    fail("a token cannot be parsed");
  judge(token, parsed);
  hessra_token_free(parsed);
}

static void again_once(struct token *token) { judge(token, token->parsed); }

static double processor_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* Microseconds of one call. */
static double turn(void (*once)(struct token *), struct token *token) {
  double start = processor_ns(), took;
  long calls = 0;
  do {
    once(token);
    calls++;
  } while ((took = processor_ns() - start) < TURN_NS);
  return took / (double)calls / 1e3;
}

static int by_value(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double median(double *values) {
  qsort(values, ROUNDS, sizeof *values, by_value);
  return values[ROUNDS / 2];
}

static void measure(struct token *token, double target) {
  double floors[ROUNDS], wholes[ROUNDS], agains[ROUNDS], ratios[ROUNDS];
  if (hessra_token_parse(token->text, &token->parsed) != HESSRA_SUCCESS)
    fail("a token cannot be parsed");
  judge(token, token->parsed);
  for (int i = 0; i < ROUNDS; i++) {
    floors[i] = turn(floor_once, token);
    wholes[i] = turn(whole_once, token);
    agains[i] = turn(again_once, token);
    ratios[i] = wholes[i] / floors[i];
  }
  double ratio = median(ratios), again = median(agains);
  printf("%-18s %2d %10.1f %10.1f %8.2f  <= %.1f %-7s %10.1f  <= 15 %s\n", token->name, token->count, median(floors),
         median(wholes), ratio, target, ratio <= target ? "MET" : "MISSED", again, again <= 15 ? "MET" : "MISSED");
  fflush(stdout);
  hessra_token_free(token->parsed);
}

int main(void) {
  static struct token tokens[8];
  static char line[MAX_LINE];
  int count = 0;
  while (fgets(line, sizeof line, stdin) != NULL) {
    char *words = strchr(line, ' ');
    if (words == NULL)
      fail("a line without words");
    *words++ = '\0';
    if (strcmp(line, "token") == 0 && count < 8)
      read_token(&tokens[count++], words);
    else
      read_signature(count == 0 ? NULL : &tokens[count - 1], words);
  }
  if (count == 0)
    fail("no token");
  context = checked(EVP_MD_CTX_new());
  printf("libhessra %s, %s; microseconds of processor time, medians of %d rounds\n", hessra_version(),
         OpenSSL_version(OPENSSL_VERSION), ROUNDS);
  printf("%-18s %2s %10s %10s %8s %14s %11s\n", "token", "#", "OpenSSL", "libhessra", "ratio", "", "again");
  for (int i = 0; i < count; i++)
    measure(&tokens[i], strstr(tokens[i].name, "chain") != NULL ? 1.8 : 1.6);
  return 0;
}
