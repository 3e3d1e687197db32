/*
 * A first program with libhessra: tells whether a token lets a subject do something with a resource.
 *
 *   verify_token KEY_FILE SUBJECT RESOURCE OPERATION < TOKEN
 *
 * Build:  gcc -std=c11 -o verify_token verify_token.c $(pkg-config --cflags --libs libhessra)
 */
#include <hessra.h>

#include <stdio.h>
#include <string.h>

/* The words belong to the last call of this thread, so they are read before anything else is called. */
static int complain(const char *what, HessraResult result) {
  HessraError error = {result, NULL};
  hessra_last_error(&error);
  fprintf(stderr, "verify_token: %s: %s\n", what, error.message != NULL ? error.message : hessra_error_message(result));
  hessra_error_free(error.message);
  return result == HESSRA_ERROR_VERIFICATION_FAILED || result == HESSRA_ERROR_INVALID_TOKEN ? 1 : 2;
}

static int verify(HessraToken token, HessraPublicKey key, char **request) {
  HessraRequest r = {
      .size = sizeof r,
      .kind = HESSRA_VERIFY_OPERATION,
      .subject = request[0],
      .resource = request[1],
      .operation = request[2],
  };
  HessraResult result = hessra_token_authorize(token, key, &r);
  if (result != HESSRA_SUCCESS)
    return complain("refused", result);
  puts("allowed");
  return 0;
}

int main(int argc, char **argv) {
  static char text[1 << 16];
  if (argc != 5) {
    fprintf(stderr, "usage: verify_token KEY_FILE SUBJECT RESOURCE OPERATION < TOKEN\n");
    return 2;
  }
  text[fread(text, 1, sizeof text - 1, stdin)] = '\0';
  text[strcspn(text, "\r\n")] = '\0';

  HessraPublicKey key;
  HessraResult result = hessra_public_key_from_file(argv[1], &key);
  if (result != HESSRA_SUCCESS)
    return complain("no key", result);
  HessraToken token;
  int status;
  if ((result = hessra_token_parse(text, &token)) != HESSRA_SUCCESS) {
    status = complain("no token", result);
  } else {
    status = verify(token, key, argv + 2);
    hessra_token_free(token);
  }
  hessra_public_key_free(key);
  return status;
}
