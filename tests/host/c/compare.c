/*
 * compare LIB none|handlers [CALLS [threads|no-threads]]: the process before loading, after loading and after CALLS
 * calls (10^6). "handlers": with handlers of the host for every signal that can have one, before loading. "no-threads":
 * the library's threads are not looked at.
 */
#define _GNU_SOURCE
#include "lib.h"

#include <dirent.h>
#include <locale.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SIGNALS 65
#define BIT(signal) (UINT64_C(1) << ((signal)-1))

extern char **environ;

/* The kernel's form, with the restorer, and for the two signals that glibc hides. */
struct action {
  uintptr_t handler;
  unsigned long flags;
  uintptr_t restorer;
  uint64_t mask;
};

struct process {
  struct action actions[SIGNALS];
  uint64_t mask;
  struct rlimit limits[RLIMIT_NLIMITS];
  char environment[1 << 16];
  char directory[4096];
  char locale[256];
  mode_t umask;
};

static struct process before, now;
static const char *stage;
static int differences;

static uint64_t thread_mask(void) {
  uint64_t mask = 0;
  syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &mask, sizeof mask);
  return mask;
}

static void look(struct process *p) {
  memset(p, 0, sizeof *p);
  for (int s = 1; s < SIGNALS; s++)
    syscall(SYS_rt_sigaction, s, NULL, &p->actions[s], sizeof p->actions[s].mask);
  p->mask = thread_mask();
  for (int i = 0; i < RLIMIT_NLIMITS; i++)
    getrlimit(i, &p->limits[i]);
  size_t used = 0;
  for (char **entry = environ; *entry != NULL && used + strlen(*entry) + 2 < sizeof p->environment; entry++)
    used += (size_t)snprintf(p->environment + used, sizeof p->environment - used, "%s\n", *entry);
  if (getcwd(p->directory, sizeof p->directory) == NULL)
    fail("getcwd");
  snprintf(p->locale, sizeof p->locale, "%s", setlocale(LC_ALL, NULL));
  p->umask = umask(0);
  umask(p->umask);
}

static void differs(const char *what, int index) {
  fprintf(stderr, "%s: %s %d changed\n", stage, what, index);
  differences++;
}

/* Where the host had handlers for faults only the address changes; where it had none Go's come in. */
static bool allowed(int s, const struct action *was, const struct action *is) {
  bool fault = s == SIGSEGV || s == SIGBUS || s == SIGFPE;
  if (was->handler == (uintptr_t)SIG_DFL)
    return fault || s == SIGPIPE;
  return fault && is->flags == (was->flags | SA_SIGINFO) && is->mask == was->mask && is->restorer == was->restorer;
}

static void compare(const char *name) {
  stage = name;
  look(&now);
  for (int s = 1; s < SIGNALS; s++)
    if (memcmp(&before.actions[s], &now.actions[s], sizeof now.actions[s]) != 0 &&
        !allowed(s, &before.actions[s], &now.actions[s]))
      differs("action of signal", s);
  if (before.mask != now.mask)
    differs("mask", 0);
  for (int i = 0; i < RLIMIT_NLIMITS; i++)
    if (memcmp(&before.limits[i], &now.limits[i], sizeof now.limits[i]) != 0)
      differs("resource limit", i);
  if (strcmp(before.environment, now.environment) != 0)
    differs("environment", 0);
  if (strcmp(before.directory, now.directory) != 0)
    differs("working directory", 0);
  if (strcmp(before.locale, now.locale) != 0)
    differs("locale", 0);
  if (before.umask != now.umask)
    differs("umask", 0);
}

static void handler(int signal) { (void)signal; }

static void install_handlers(void) {
  struct sigaction action = {.sa_handler = handler};
  for (int s = 1; s < SIGNALS; s++) {
    sigemptyset(&action.sa_mask);
    sigaddset(&action.sa_mask, SIGUSR1 + s % 3);
    action.sa_flags = (s % 2 ? SA_RESTART : SA_NODEFER) | (s == SIGSEGV ? SA_ONSTACK : 0);
    sigaction(s, &action, NULL);
  }
}

/* The library's threads are those that were not there before. */
static void check_threads(void) {
  const uint64_t open = BIT(SIGBUS) | BIT(SIGFPE) | BIT(SIGKILL) | BIT(SIGSEGV) | BIT(SIGSTOP) | BIT(32) | BIT(33);
  DIR *tasks = opendir("/proc/self/task");
  struct dirent *task;
  int threads = 0;
  while ((task = readdir(tasks)) != NULL) {
    int id = atoi(task->d_name);
    if (id == 0 || id == getpid())
      continue;
    char path[300], line[256];
    unsigned long long blocked = 0;
    snprintf(path, sizeof path, "/proc/self/task/%s/status", task->d_name);
    FILE *status = fopen(path, "r");
    if (status == NULL)
      continue;
    while (fgets(line, sizeof line, status) != NULL)
      sscanf(line, "SigBlk: %llx", &blocked);
    fclose(status);
    threads++;
    if (blocked != ~open) {
      fprintf(stderr, "thread %d blocks %016llx, not %016llx\n", id, blocked, (unsigned long long)~open);
      differences++;
    }
  }
  closedir(tasks);
  if (threads == 0)
    fail("no thread of the library was found");
}

struct visitor {
  struct lib *lib;
  uint64_t mask;
};

/* A thread's first call, and later ones, leave its mask alone: blocked fault signals too. */
static void *masked_thread(void *arg) {
  const struct visitor *visitor = arg;
  syscall(SYS_rt_sigprocmask, SIG_SETMASK, &visitor->mask, NULL, sizeof visitor->mask);
  for (int i = 1; i <= 3; i++) {
    if (lib_call(visitor->lib) != 0)
      fail("a call failed");
    if (thread_mask() != visitor->mask) {
      fprintf(stderr, "call %d of a thread changed its mask from %016llx to %016llx\n", i,
              (unsigned long long)visitor->mask, (unsigned long long)thread_mask());
      differences++;
    }
  }
  return NULL;
}

static void on_thread(void *(*body)(void *), void *arg) {
  pthread_t thread;
  pthread_create(&thread, NULL, body, arg);
  pthread_join(thread, NULL);
}

static void *nothing(void *unused) { return unused; }

int main(int argc, char **argv) {
  if (argc < 3)
    fail("usage: compare LIB none|handlers [CALLS [threads|no-threads]]");
  long calls = argc > 3 ? atol(argv[3]) : 1000000;
  umask(027);
  uint64_t mask = BIT(SIGUSR2) | BIT(SIGWINCH);
  syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, NULL, sizeof mask);
  if (strcmp(argv[2], "handlers") == 0)
    install_handlers();
  /* glibc installs a handler of its own for signal 33 when a process starts its first thread. */
  on_thread(nothing, NULL);
  look(&before);
  struct lib lib = lib_load(argv[1]);
  compare("after loading");
  lib_open(&lib);
  compare("after the first call");
  for (long i = 0; i < calls; i++)
    if (lib_call(&lib) != 0)
      fail("call %ld failed", i);
  compare("after the last call");
  if (argc < 5 || strcmp(argv[4], "no-threads") != 0)
    check_threads();
  const uint64_t masks[] = {0, BIT(SIGBUS) | BIT(SIGSEGV) | BIT(SIGFPE), BIT(SIGCHLD) | BIT(SIGURG) | BIT(SIGPROF)};
  for (int i = 0; i < 3; i++)
    on_thread(masked_thread, &(struct visitor){&lib, masks[i]});
  if (differences > 0)
    fail("%d differences", differences);
  return 0;
}
