/* Every function with NULL, freed, foreign and invented handles, and with texts that are none: abuse SAMPLE */
#include "check.h"

#include <stdint.h>

#define OUTPUT ((void *)(uintptr_t)0x1234) /* what an output held before */

static struct sample s;
static char *long_text; /* over 1 MiB */

static void handles(void) {
  HessraPublicKey key, other;
  HessraToken token;
  HessraConfig config;
  CHECK_RESULT(hessra_public_key_from_string(s.key, &key), HESSRA_SUCCESS);
  CHECK_RESULT(hessra_token_parse(s.token, &token), HESSRA_SUCCESS);
  CHECK_RESULT(hessra_config_new(&config), HESSRA_SUCCESS);
  CHECK_RESULT(hessra_config_set_public_key(config, NULL, key), HESSRA_SUCCESS);
  HessraRequest request = request_of(&s);
  char *ids;

  const uintptr_t none[] = {0, 1, 4096, UINTPTR_MAX, (uintptr_t)&request, (uintptr_t)key ^ 1, (uintptr_t)config};
  for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
    CHECK_RESULT(hessra_token_verify((HessraToken)none[i], key, "s", "r"), HESSRA_ERROR_INVALID_PARAMETER);
    CHECK_RESULT(hessra_token_verify(token, (HessraPublicKey)none[i], "s", "r"), HESSRA_ERROR_INVALID_PARAMETER);
    CHECK_RESULT(hessra_token_authorize((HessraToken)none[i], key, &request), HESSRA_ERROR_INVALID_PARAMETER);
    CHECK_RESULT(hessra_token_authorize(token, (HessraPublicKey)none[i], &request), HESSRA_ERROR_INVALID_PARAMETER);
    ids = OUTPUT;
    CHECK_RESULT(hessra_token_revocation_ids((HessraToken)none[i], &ids), HESSRA_ERROR_INVALID_PARAMETER);
    CHECK_RESULT(hessra_token_describe((HessraToken)none[i], &ids), HESSRA_ERROR_INVALID_PARAMETER);
    CHECK(ids == NULL);
    CHECK_RESULT(hessra_config_set_public_key(config, "id", (HessraPublicKey)none[i]), HESSRA_ERROR_INVALID_PARAMETER);
    HessraConfig no_config = (HessraConfig)(none[i] == (uintptr_t)config ? (uintptr_t)token : none[i]);
    CHECK_RESULT(hessra_config_set_public_key(no_config, "id", key), HESSRA_ERROR_INVALID_PARAMETER);
    other = OUTPUT;
    CHECK_RESULT(hessra_config_get_public_key(no_config, "id", &other), HESSRA_ERROR_INVALID_PARAMETER);
    CHECK(other == NULL);
    ids = OUTPUT;
    CHECK_RESULT(hessra_config_key_file(no_config, &ids), HESSRA_ERROR_INVALID_PARAMETER);
    CHECK(ids == NULL);
    hessra_token_free((HessraToken)none[i]);
    hessra_public_key_free((HessraPublicKey)none[i]);
    hessra_config_free(no_config);
  }
  /* Nothing of that has freed what is good, and a configuration keeps its own copy of a key. */
  CHECK_RESULT(hessra_token_authorize(token, key, &request), HESSRA_SUCCESS);
  hessra_public_key_free(key);
  hessra_public_key_free(key);
  CHECK_RESULT(hessra_token_authorize(token, key, &request), HESSRA_ERROR_INVALID_PARAMETER);
  CHECK_RESULT(hessra_config_get_public_key(config, "default", &other), HESSRA_SUCCESS);
  hessra_config_free(config);
  CHECK_RESULT(hessra_config_get_public_key(config, NULL, &key), HESSRA_ERROR_INVALID_PARAMETER);
  CHECK_RESULT(hessra_token_authorize(token, other, &request), HESSRA_SUCCESS);
  hessra_public_key_free(other);
  hessra_token_free(token);
  hessra_token_free(token);
  CHECK_RESULT(hessra_token_revocation_ids(token, &ids), HESSRA_ERROR_INVALID_PARAMETER);
  CHECK_RESULT(hessra_token_describe(token, &ids), HESSRA_ERROR_INVALID_PARAMETER);
}

static void texts(void) {
  HessraPublicKey key = OUTPUT;
  HessraToken token = OUTPUT;
  HessraConfig config = OUTPUT;
  CHECK_RESULT(hessra_public_key_from_string(NULL, &key), HESSRA_ERROR_INVALID_PARAMETER);
  CHECK(key == NULL);
  CHECK_RESULT(hessra_public_key_from_string(s.key, NULL), HESSRA_ERROR_INVALID_PARAMETER);
  CHECK_RESULT(hessra_public_key_from_string("\xff", &key), HESSRA_ERROR_INVALID_KEY);
  CHECK_RESULT(hessra_public_key_from_string(long_text, &key), HESSRA_ERROR_INVALID_KEY);
  key = OUTPUT;
  CHECK_RESULT(hessra_public_key_from_file("/nonexistent/key.pem", &key), HESSRA_ERROR_IO);
  CHECK(key == NULL);
  CHECK_RESULT(hessra_public_key_from_file(NULL, &key), HESSRA_ERROR_INVALID_PARAMETER);
  CHECK_RESULT(hessra_public_key_from_file("\xff", &key), HESSRA_ERROR_INVALID_PARAMETER);
  CHECK_RESULT(hessra_token_parse(NULL, &token), HESSRA_ERROR_INVALID_PARAMETER);
  CHECK(token == NULL);
  token = OUTPUT;
  CHECK_RESULT(hessra_token_parse("\xff", &token), HESSRA_ERROR_INVALID_TOKEN);
  CHECK(token == NULL);
  CHECK_RESULT(hessra_token_parse(long_text, &token), HESSRA_ERROR_INVALID_TOKEN);
  CHECK_RESULT(hessra_token_parse("", &token), HESSRA_ERROR_INVALID_TOKEN);
  CHECK_RESULT(hessra_config_from_file("/nonexistent/hessra.json", &config), HESSRA_ERROR_IO);
  CHECK(config == NULL);
  CHECK_RESULT(hessra_config_from_file(NULL, &config), HESSRA_ERROR_INVALID_PARAMETER);
  CHECK_RESULT(hessra_config_key_file(config, NULL), HESSRA_ERROR_INVALID_PARAMETER);
  CHECK_RESULT(hessra_config_new(NULL), HESSRA_ERROR_INVALID_PARAMETER);

  CHECK_RESULT(hessra_config_new(&config), HESSRA_SUCCESS);
  CHECK_RESULT(hessra_public_key_from_string(s.key, &key), HESSRA_SUCCESS);
  CHECK_RESULT(hessra_config_set_public_key(config, "", key), HESSRA_ERROR_INVALID_PARAMETER);
  CHECK_RESULT(hessra_config_set_public_key(config, "\xff", key), HESSRA_ERROR_INVALID_PARAMETER);
  CHECK_RESULT(hessra_config_set_public_key(config, long_text, key), HESSRA_ERROR_INVALID_PARAMETER);
  HessraPublicKey other = OUTPUT;
  CHECK_RESULT(hessra_config_get_public_key(config, NULL, &other), HESSRA_ERROR_INVALID_KEY);
  CHECK(other == NULL);
  char *file = OUTPUT;
  CHECK_RESULT(hessra_config_key_file(config, &file), HESSRA_SUCCESS);
  CHECK(file == NULL);
  hessra_public_key_free(key);
  hessra_config_free(config);
}

static void requests(void) {
  HessraPublicKey key;
  HessraToken token;
  CHECK_RESULT(hessra_public_key_from_string(s.key, &key), HESSRA_SUCCESS);
  CHECK_RESULT(hessra_token_parse(s.token, &token), HESSRA_SUCCESS);
  CHECK_RESULT(hessra_token_verify(token, key, NULL, s.resource), HESSRA_ERROR_INVALID_PARAMETER);
  CHECK_RESULT(hessra_token_verify(token, key, s.subject, NULL), HESSRA_ERROR_INVALID_PARAMETER);
  CHECK_RESULT(hessra_token_verify(token, key, "", ""), HESSRA_ERROR_VERIFICATION_FAILED);
  CHECK_RESULT(hessra_token_verify(token, key, long_text, ""), HESSRA_ERROR_INVALID_PARAMETER);
  CHECK_RESULT(hessra_token_authorize(token, key, NULL), HESSRA_ERROR_INVALID_PARAMETER);

  struct {
    HessraRequest request;
    char more[64];
  } grown = {request_of(&s), {0}};
  HessraRequest good = grown.request;
  grown.request.size = sizeof grown;
  CHECK_RESULT(hessra_token_authorize(token, key, &grown.request), HESSRA_SUCCESS);
  grown.more[63] = 1;
  CHECK_RESULT(hessra_token_authorize(token, key, &grown.request), HESSRA_ERROR_INVALID_PARAMETER);
  const uint32_t sizes[] = {0, 4, sizeof good - 1, UINT32_MAX};
  HessraRequest bad = good;
  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
    bad.size = sizes[i];
    CHECK_RESULT(hessra_token_authorize(token, key, &bad), HESSRA_ERROR_INVALID_PARAMETER);
  }
  const uint32_t kinds[] = {
      0, 6, UINT32_MAX, HESSRA_VERIFY, HESSRA_VERIFY_SERVICE_CHAIN, HESSRA_VERIFY_CAPABILITY, HESSRA_VERIFY_IDENTITY};
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
    bad = good;
    bad.kind = kinds[i];
    CHECK_RESULT(hessra_token_authorize(token, key, &bad), HESSRA_ERROR_INVALID_PARAMETER);
  }
  bad = good, bad.reserved = 1;
  CHECK_RESULT(hessra_token_authorize(token, key, &bad), HESSRA_ERROR_INVALID_PARAMETER);
  bad = good, bad.flags = 4;
  CHECK_RESULT(hessra_token_authorize(token, key, &bad), HESSRA_ERROR_INVALID_PARAMETER);
  bad = good, bad.domain = "\xff";
  CHECK_RESULT(hessra_token_authorize(token, key, &bad), HESSRA_ERROR_INVALID_PARAMETER);
  bad = good, bad.kind = HESSRA_VERIFY_SERVICE_CHAIN, bad.service_nodes_json = "[";
  CHECK_RESULT(hessra_token_authorize(token, key, &bad), HESSRA_ERROR_INVALID_PARAMETER);
  bad.service_nodes_json = "[{\"component\":\"a\",\"public_key\":\"x\"}]";
  CHECK_RESULT(hessra_token_authorize(token, key, &bad), HESSRA_ERROR_INVALID_KEY);
  bad = good, bad.flags = HESSRA_NOW_SET, bad.now = INT64_MAX;
  CHECK_RESULT(hessra_token_authorize(token, key, &bad), HESSRA_ERROR_VERIFICATION_FAILED);
  hessra_token_free(token);
  hessra_public_key_free(key);
}

static void errors(void) {
  for (HessraResult result = -2; result < 1002; result++) {
    const char *message = hessra_error_message(result);
    CHECK(message != NULL && strlen(message) > 10);
    hessra_error_free((char *)message);
    CHECK(message == hessra_error_message(result));
  }
  hessra_error_free(NULL);
  CHECK_RESULT(hessra_last_error(NULL), HESSRA_ERROR_INVALID_PARAMETER);
  HessraToken token;
  HessraError error;
  CHECK_RESULT(hessra_token_parse("AAAA", &token), HESSRA_ERROR_INVALID_TOKEN);
  for (int i = 0; i < 2; i++) { /* reading it does not change it */
    CHECK_RESULT(hessra_last_error(&error), HESSRA_SUCCESS);
    CHECK(error.result == HESSRA_ERROR_INVALID_TOKEN && strncmp(error.message, "format: ", 8) == 0);
    hessra_error_free(error.message);
#ifdef PLANT_USE_AFTER_FREE /* shows that the tools look */
    CHECK(error.message[0] != 'F');
#endif
  }
  CHECK_RESULT(hessra_init(), HESSRA_SUCCESS);
  CHECK_RESULT(hessra_last_error(&error), HESSRA_SUCCESS);
  CHECK(error.result == HESSRA_SUCCESS && error.message == NULL);
  CHECK(strcmp(hessra_version(), HESSRA_VERSION) == 0);
}

int main(int argc, char **argv) {
  if (argc != 2)
    return 2;
  read_sample(argv[1], &s);
  size_t size = ((size_t)1 << 20) + 2;
  long_text = malloc(size);
  memset(long_text, 'a', size - 1);
  long_text[size - 1] = '\0';
  handles();
  texts();
  requests();
  errors();
  free(long_text);
  FINISH("abuse");
}
