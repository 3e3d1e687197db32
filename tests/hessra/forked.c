/* A child made by fork() is told that the library does not work in it, by every function, and ends: forked SAMPLE */
#include "check.h"

#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
  static struct sample s;
  if (argc != 2)
    return 2;
  read_sample(argv[1], &s);
  HessraPublicKey key;
  HessraToken token;
  HessraConfig config;
  CHECK_RESULT(hessra_public_key_from_string(s.key, &key), HESSRA_SUCCESS);
  CHECK_RESULT(hessra_token_parse(s.token, &token), HESSRA_SUCCESS);
  CHECK_RESULT(hessra_config_new(&config), HESSRA_SUCCESS);
  HessraRequest request = request_of(&s);
  pid_t child = fork();
  if (child == 0) {
    HessraPublicKey no_key;
    HessraToken no_token;
    HessraConfig no_config;
    char *ids;
    alarm(20);
    CHECK_RESULT(hessra_init(), HESSRA_ERROR_UNKNOWN);
    CHECK_RESULT(hessra_public_key_from_string(s.key, &no_key), HESSRA_ERROR_UNKNOWN);
    CHECK_RESULT(hessra_public_key_from_file("x", &no_key), HESSRA_ERROR_UNKNOWN);
    CHECK_RESULT(hessra_config_new(&no_config), HESSRA_ERROR_UNKNOWN);
    CHECK_RESULT(hessra_config_from_file("x", &no_config), HESSRA_ERROR_UNKNOWN);
    CHECK_RESULT(hessra_config_set_public_key(config, NULL, key), HESSRA_ERROR_UNKNOWN);
    CHECK_RESULT(hessra_config_get_public_key(config, NULL, &no_key), HESSRA_ERROR_UNKNOWN);
    CHECK_RESULT(hessra_token_parse(s.token, &no_token), HESSRA_ERROR_UNKNOWN);
    CHECK_RESULT(hessra_token_verify(token, key, "s", "r"), HESSRA_ERROR_UNKNOWN);
    CHECK_RESULT(hessra_token_authorize(token, key, &request), HESSRA_ERROR_UNKNOWN);
    CHECK_RESULT(hessra_token_revocation_ids(token, &ids), HESSRA_ERROR_UNKNOWN);
    HessraError error;
    CHECK_RESULT(hessra_last_error(&error), HESSRA_SUCCESS);
    CHECK(error.message != NULL && strstr(error.message, "fork") != NULL);
    hessra_error_free(error.message);
    hessra_token_free(token);
    hessra_public_key_free(key);
    hessra_config_free(config);
    fflush(stdout);
    _exit(check_failures != 0);
  }
  int status;
  CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
  CHECK_RESULT(hessra_token_authorize(token, key, &request), HESSRA_SUCCESS);
  hessra_token_free(token);
  hessra_public_key_free(key);
  hessra_config_free(config);
  FINISH("fork");
}
