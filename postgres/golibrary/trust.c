#include "postgres.h"

#include "trust.h"

#include <errno.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

/* As many as Linux follows. */
#define LINKS_MAX 40

/* A walk along a path: at has no symbolic links in it, and "" is the root; rest is still to go, a slash before each
 * name. */
typedef struct Walk {
  char at[PATH_MAX];
  char rest[PATH_MAX];
  int links;
} Walk;

/* Takes the next name of the rest into name, which stays empty where there is none. */
static void next_name(Walk *walk, char *name) {
  size_t slashes = strspn(walk->rest, "/");
  size_t length = strcspn(walk->rest + slashes, "/");

  memcpy(name, walk->rest + slashes, length);
  name[length] = '\0';
  memmove(walk->rest, walk->rest + slashes + length, strlen(walk->rest + slashes + length) + 1);
}

static void to_parent(Walk *walk) {
  char *slash = strrchr(walk->at, '/');

  if (slash != NULL)
    *slash = '\0';
}

/* Puts what the symbolic link at the end of at says before the rest. Returns an error of errno.h, or 0. */
static int follow(Walk *walk) {
  char target[PATH_MAX];
  size_t rest = strlen(walk->rest);
  ssize_t length = readlink(walk->at, target, sizeof target);

  if (length < 0)
    return errno;
  if (++walk->links > LINKS_MAX)
    return ELOOP;
  if ((size_t)length + 1 + rest >= sizeof walk->rest)
    return ENAMETOOLONG;
  if (target[0] == '/')
    walk->at[0] = '\0';
  else
    to_parent(walk);
  memmove(walk->rest + 1 + length, walk->rest, rest + 1);
  walk->rest[0] = '/';
  memcpy(walk->rest + 1, target, (size_t)length);
  return 0;
}

static TrustFault fault_of(const struct stat *status, bool last) {
  if (status->st_uid != 0 && status->st_uid != geteuid())
    return TRUST_OWNER;
  if (S_ISLNK(status->st_mode))
    return TRUSTED;
  if (last && !S_ISREG(status->st_mode))
    return TRUST_NO_FILE;
  if ((status->st_mode & (S_IWGRP | S_IWOTH)) != 0 && !(S_ISDIR(status->st_mode) && (status->st_mode & S_ISVTX) != 0))
    return TRUST_WRITABLE;
  return TRUSTED;
}

/* Goes on to a name. Returns an error of errno.h, or 0. */
static int enter(Walk *walk, const char *name) {
  size_t length = strlen(walk->at);

  if (strcmp(name, "..") == 0) {
    to_parent(walk);
  } else if (name[0] != '\0' && strcmp(name, ".") != 0) {
    if (length + 1 + strlen(name) >= sizeof walk->at)
      return ENAMETOOLONG;
    walk->at[length] = '/';
    strcpy(walk->at + length + 1, name);
  }
  return 0;
}

/* Looks at each place of the walk, up to what is at fault. */
static TrustFault judge(Walk *walk, Trust *trust) {
  char name[PATH_MAX] = "";
  struct stat status;

  do {
    const char *here = walk->at[0] == '\0' ? "/" : walk->at;
    bool last = walk->rest[strspn(walk->rest, "/")] == '\0';
    TrustFault fault;

    if (lstat(here, &status) != 0) {
      trust->error = errno;
      return TRUST_UNREADABLE;
    }
    fault = fault_of(&status, last);
    if (fault != TRUSTED) {
      trust->above = !last || S_ISLNK(status.st_mode);
      strlcpy(trust->place, here, sizeof trust->place);
      return fault;
    }
    if (S_ISLNK(status.st_mode)) {
      trust->error = follow(walk);
    } else {
      next_name(walk, name);
      trust->error = enter(walk, name);
    }
    if (trust->error != 0)
      return TRUST_UNREADABLE;
  } while (name[0] != '\0');
  return TRUSTED;
}

void trust_check(const char *path, Trust *trust) {
  Walk walk = {.at = ""};

  trust->error = 0;
  trust->above = false;
  strlcpy(trust->place, path, sizeof trust->place);
  if (strlcpy(walk.rest, path, sizeof walk.rest) < sizeof walk.rest) {
    trust->fault = judge(&walk, trust);
  } else {
    trust->fault = TRUST_UNREADABLE;
    trust->error = ENAMETOOLONG;
  }
}
