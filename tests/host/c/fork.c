/* fork LIB: a child made by fork() is told that it must not call, at once; the parent goes on. A process forked before
 * loading is a host like any other. */
#define _GNU_SOURCE
#include "lib.h"

#include <sys/wait.h>
#include <unistd.h>

static int result_of(pid_t child) {
  int status;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv) {
  if (argc != 2)
    fail("usage: fork LIB");
  pid_t early = fork();
  if (early == 0) {
    struct lib lib = lib_load(argv[1]);
    lib_open(&lib);
    _exit(lib_call(&lib) == 0 ? 0 : 1);
  }
  if (result_of(early) != 0)
    fail("loading in a child of fork() does not work");
  struct lib lib = lib_load(argv[1]);
  lib_open(&lib);
  for (int i = 0; i < 20; i++) {
    pid_t child = fork();
    if (child == 0) {
      alarm(5);
      _exit(lib_call(&lib) == GUEST_UNSUPPORTED ? 0 : 1);
    }
    int result = result_of(child);
    if (result != 0)
      fail("a call in the child ended with %d%s", result, result == 128 + 14 ? ": it hangs" : "");
    if (lib_call(&lib) != 0)
      fail("the parent cannot call any more");
  }
  return 0;
}
