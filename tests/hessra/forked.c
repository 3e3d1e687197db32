/* Children made by fork() while threads are in the library are told that it does not work in them, by every function,
 * and end: forked SAMPLE FORKS */
#include "check.h"

#include <sys/wait.h>
#include <unistd.h>

enum { THREADS = 4 };

static struct sample s;
static HessraPublicKey key;
static HessraToken token;
static HessraConfig config;
static atomic_int done;

static void *work(void *arg) {
  (void)arg;
  HessraRequest request = request_of(&s);
  while (!done) {
    HessraToken own;
    CHECK_RESULT(hessra_token_parse(s.token, &own), HESSRA_SUCCESS);
    CHECK_RESULT(hessra_token_authorize(own, key, &request), HESSRA_SUCCESS);
    hessra_token_free(own);
  }
  return NULL;
}

static void child(void) {
  HessraRequest request = request_of(&s);
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
}

int main(int argc, char **argv) {
  if (argc != 3)
    return 2;
  read_sample(argv[1], &s);
  CHECK_RESULT(hessra_public_key_from_string(s.key, &key), HESSRA_SUCCESS);
  CHECK_RESULT(hessra_token_parse(s.token, &token), HESSRA_SUCCESS);
  CHECK_RESULT(hessra_config_new(&config), HESSRA_SUCCESS);
  pthread_t threads[THREADS];
  for (int i = 0; i < THREADS; i++)
    pthread_create(&threads[i], NULL, work, NULL);
  for (int i = atoi(argv[2]); i > 0 && check_failures == 0; i--) {
    pid_t pid = fork();
    if (pid == 0) {
      child();
      _exit(check_failures != 0);
    }
    int status;
    CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0);
  }
  done = 1;
  for (int i = 0; i < THREADS; i++)
    pthread_join(threads[i], NULL);
  HessraRequest request = request_of(&s);
  CHECK_RESULT(hessra_token_authorize(token, key, &request), HESSRA_SUCCESS);
  hessra_token_free(token);
  hessra_public_key_free(key);
  hessra_config_free(config);
  FINISH("fork");
}
