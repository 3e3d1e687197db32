/* Sixteen threads on one token and one configuration, and handles made and freed beside: threads SAMPLE ROUNDS */
#include "check.h"

enum { THREADS = 16 };

static struct sample s;
static HessraToken token;
static HessraConfig config;
static int rounds;

static void *work(void *arg) {
  long number = (long)arg;
  HessraRequest good = request_of(&s), bad = good;
  bad.subject = "somebody else";
  for (int i = 0; i < rounds; i++) {
    HessraPublicKey key;
    CHECK_RESULT(hessra_config_get_public_key(config, number % 2 == 0 ? NULL : "second", &key), HESSRA_SUCCESS);
    CHECK_RESULT(hessra_token_authorize(token, key, &good), HESSRA_SUCCESS);
    CHECK_RESULT(hessra_token_authorize(token, key, &bad), HESSRA_ERROR_VERIFICATION_FAILED);
    HessraError error;
    CHECK_RESULT(hessra_last_error(&error), HESSRA_SUCCESS);
    CHECK(error.result == HESSRA_ERROR_VERIFICATION_FAILED && error.message != NULL);
    hessra_error_free(error.message);
    if (i % 4 == 0)
      CHECK_RESULT(hessra_config_set_public_key(config, number % 2 == 0 ? "second" : NULL, key), HESSRA_SUCCESS);
    hessra_public_key_free(key);
    HessraToken own;
    CHECK_RESULT(hessra_token_parse(s.token, &own), HESSRA_SUCCESS);
    char *ids;
    CHECK_RESULT(hessra_token_revocation_ids(own, &ids), HESSRA_SUCCESS);
    CHECK(ids[0] == '[');
    hessra_error_free(ids);
    hessra_token_free(own);
  }
  return NULL;
}

int main(int argc, char **argv) {
  if (argc != 3)
    return 2;
  read_sample(argv[1], &s);
  rounds = atoi(argv[2]);
  HessraPublicKey key;
  CHECK_RESULT(hessra_public_key_from_string(s.key, &key), HESSRA_SUCCESS);
  CHECK_RESULT(hessra_config_new(&config), HESSRA_SUCCESS);
  CHECK_RESULT(hessra_config_set_public_key(config, NULL, key), HESSRA_SUCCESS);
  CHECK_RESULT(hessra_config_set_public_key(config, "second", key), HESSRA_SUCCESS);
  hessra_public_key_free(key);
  CHECK_RESULT(hessra_token_parse(s.token, &token), HESSRA_SUCCESS);
  pthread_t threads[THREADS];
  for (long i = 0; i < THREADS; i++)
    pthread_create(&threads[i], NULL, work, (void *)i);
  for (int i = 0; i < THREADS; i++)
    pthread_join(threads[i], NULL);
  hessra_token_free(token);
  hessra_config_free(config);
  FINISH("threads");
}
