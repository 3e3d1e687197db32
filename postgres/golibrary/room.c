#include "postgres.h"

#include "room.h"

#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

/* A library takes 1.7 GB of address space, nearly all reserved and never mapped. */
#define ADDRESS_SPACE ((rlim_t)3 << 30)
/* Of private memory that can be written, 115 MB at its start with the stacks of its threads. */
#define MEMORY ((size_t)160 << 20)
/* Threads at its start: 6. */
#define THREADS 8

/* Bytes of address space that this process has, 0 if nobody knows. */
static rlim_t address_space(void) {
  unsigned long pages = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  if (file == NULL)
    return 0;
  if (fscanf(file, "%lu", &pages) != 1)
    pages = 0;
  fclose(file);
  return (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

static bool has_address_space(void) {
  struct rlimit limit;

  return getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY ||
         limit.rlim_cur >= address_space() + ADDRESS_SPACE;
}

static bool has_memory(void) {
  void *memory = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

  return memory != MAP_FAILED && munmap(memory, MEMORY) == 0;
}

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

static void *pass(void *unused) {
  pthread_mutex_lock(&gate);
  pthread_mutex_unlock(&gate);
  return NULL;
}

/* Starts them with all signals blocked, so that they take none of the server's, and has them all at once. */
static bool has_threads(void) {
  pthread_t threads[THREADS];
  sigset_t all, mask;
  int count = 0;

  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &mask);
  pthread_mutex_lock(&gate);
  while (count < THREADS && pthread_create(&threads[count], NULL, pass, NULL) == 0)
    count++;
  pthread_mutex_unlock(&gate);
  for (int i = 0; i < count; i++)
    pthread_join(threads[i], NULL);
  pthread_sigmask(SIG_SETMASK, &mask, NULL);
  return count == THREADS;
}

void room_check(const char *library) {
  if (!has_address_space())
    ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_RESOURCES),
                    errmsg("the limit on address space is too low to load %s", library),
                    errdetail("A Go runtime that cannot reserve its heap ends the process."),
                    errhint("Start the server with \"ulimit -v unlimited\".")));
  if (!has_memory())
    ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("memory is too short to load %s", library),
                    errdetail("A Go runtime that gets no memory ends the process. It must be able to have 160 MiB."),
                    errhint("Start the server with \"ulimit -d unlimited\", and see that the system may commit more "
                            "memory.")));
  if (!has_threads())
    ereport(ERROR,
            (errcode(ERRCODE_INSUFFICIENT_RESOURCES), errmsg("threads are too short to load %s", library),
             errdetail("A Go runtime that gets no thread ends the process. It must be able to have %d.", THREADS),
             errhint("Raise the server's limits on processes and threads: \"ulimit -u\", TasksMax of its "
                     "service, pids of its container; or have fewer sessions.")));
}
