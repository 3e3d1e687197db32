/*
 * What one token of any content costs: bounds FOLDER KIND. The folder has the token and its key, and may have the texts
 * of a request. Prints the memory that the process came to take beyond that of the loaded library, and the time of the
 * processor; fails above 64 MiB, and above ten times the second that a call may take, which a busy or slow machine
 * stretches.
 */
#define _GNU_SOURCE
#include "check.h"

#include <time.h>

#ifndef MAX_MIB
#define MAX_MIB 64
#endif

enum { MAX_MS = 10000 };

/* The most memory that the process ever had, in KiB. */
static long peak(void) {
  char line[256];
  long kib = -1;
  FILE *status = fopen("/proc/self/status", "r");
  while (status != NULL && fgets(line, sizeof line, status) != NULL) {
    if (strncmp(line, "VmHWM:", 6) == 0)
      kib = strtol(line + 6, NULL, 10);
  }
  if (kib < 0) {
    printf("FAIL bounds: no VmHWM in /proc/self/status\n");
    exit(1);
  }
  fclose(status);
  return kib;
}

static double processor_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double slowest;

/* Notes how long a call took. */
#define TIMED(call)                                                                                                    \
  do {                                                                                                                 \
    double begin = processor_ms();                                                                                     \
    call;                                                                                                              \
    double took = processor_ms() - begin;                                                                              \
    slowest = took > slowest ? took : slowest;                                                                         \
  } while (0)

int main(int argc, char **argv) {
  static char token[(1 << 20) + 2], key_text[1024];
  if (argc != 3)
    return 2;
  read_text(argv[1], "token", token, sizeof token);
  read_text(argv[1], "key", key_text, sizeof key_text);
  HessraPublicKey key;
  CHECK_RESULT(hessra_public_key_from_string(key_text, &key), HESSRA_SUCCESS);
  long loaded = peak();
  HessraRequest request = {.size = sizeof request, .kind = (uint32_t)atoi(argv[2])};
  request.subject = request.kind < HESSRA_VERIFY_CAPABILITY ? "alice" : NULL;
  request.resource = request.kind < HESSRA_VERIFY_IDENTITY ? "resource1" : NULL;
  request.operation = request.kind > HESSRA_VERIFY && request.kind < HESSRA_VERIFY_IDENTITY ? "read" : NULL;
  HessraToken parsed;
  HessraResult result, authorized = -1;
  TIMED(result = hessra_token_parse(token, &parsed));
  if (result == HESSRA_SUCCESS)
    TIMED(authorized = hessra_token_authorize(parsed, key, &request));
  long took = peak() - loaded;
  printf("%s: parsed %d, authorized %d, %.1f MiB, %.0f ms\n", argv[1], (int)result, (int)authorized,
         (double)took / 1024, slowest);
  CHECK(result != HESSRA_ERROR_UNKNOWN && authorized != HESSRA_ERROR_INVALID_PARAMETER &&
        authorized != HESSRA_ERROR_UNKNOWN);
  CHECK(took <= MAX_MIB * 1024L);
  CHECK(slowest <= MAX_MS);
  hessra_token_free(parsed);
  hessra_public_key_free(key);
  return check_failures != 0;
}
