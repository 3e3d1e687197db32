/* pipe LIB: a host that leaves SIGPIPE and SIGSEGV at the default dies of them as before, on a thread that has called
 * the library and on one that has not; a host that ignores SIGPIPE gets its EPIPE. */
#define _GNU_SOURCE
#include "lib.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static struct lib lib;

static void *broken_pipe(void *call) {
  int ends[2];
  if (call != NULL && lib_call(&lib) != 0)
    fail("a call failed");
  if (pipe(ends) != 0)
    fail("pipe");
  close(ends[0]);
  bool ignored = write(ends[1], "x", 1) == -1 && errno == EPIPE;
  _exit(ignored ? 3 : 4);
}

static void *bad_access(void *call) {
  if (call != NULL && lib_call(&lib) != 0)
    fail("a call failed");
  *(volatile int *)16 = 1;
  _exit(4);
}

/* Loads in a child and runs body on a new thread of it. Returns its wait status. */
static int ends(const char *path, void *(*body)(void *), bool call, bool ignore_pipe) {
  pid_t child = fork();
  if (child == 0) {
    if (ignore_pipe)
      signal(SIGPIPE, SIG_IGN);
    /* What Go says about a crash is not what is tested here. */
    dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
    lib = lib_load(path);
    lib_open(&lib);
    pthread_t thread;
    pthread_create(&thread, NULL, body, call ? &lib : NULL);
    pthread_join(thread, NULL);
    _exit(5);
  }
  int status;
  waitpid(child, &status, 0);
  return status;
}

int main(int argc, char **argv) {
  if (argc != 2)
    fail("usage: pipe LIB");
  for (int call = 0; call < 2; call++) {
    int status = ends(argv[1], broken_pipe, call, false);
    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGPIPE)
      fail("a broken pipe ended with status %x", status);
    status = ends(argv[1], broken_pipe, call, true);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 3)
      fail("an ignored broken pipe ended with status %x", status);
    status = ends(argv[1], bad_access, call, false);
    if (!WIFSIGNALED(status))
      fail("a bad access ended with status %x", status);
  }
  return 0;
}
