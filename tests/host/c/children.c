/* children LIB: SIGCHLD is blocked and read from a signalfd, as event loops do. Each of 200 children must be seen. */
#define _GNU_SOURCE
#include "lib.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHILDREN = 200 };

static void *call_once(void *lib) {
  if (lib_call(lib) != 0)
    fail("a call failed");
  return NULL;
}

int main(int argc, char **argv) {
  if (argc != 2)
    fail("usage: children LIB");
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGCHLD);
  pthread_sigmask(SIG_BLOCK, &set, NULL);
  struct lib lib = lib_load(argv[1]);
  lib_open(&lib);
  int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  int seen = 0;
  for (int i = 0; i < CHILDREN; i++) {
    pthread_t thread;
    pthread_create(&thread, NULL, call_once, &lib);
    pid_t child = fork();
    if (child == 0)
      _exit(0);
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    struct signalfd_siginfo info;
    if (poll(&wait, 1, 500) == 1 && read(fd, &info, sizeof info) == sizeof info && (pid_t)info.ssi_pid == child)
      seen++;
    waitpid(child, NULL, 0);
    pthread_join(thread, NULL);
    /* Enough to know, and each one that is missed costs the time-out. */
    if (i + 1 - seen > 10)
      fail("%d of %d children seen", seen, i + 1);
  }
  printf("%d of %d children seen\n", seen, CHILDREN);
  return seen == CHILDREN ? 0 : 1;
}
