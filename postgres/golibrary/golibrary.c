#include "postgres.h"

#include "golibrary.h"
#include "room.h"
#include "trust.h"

#include "miscadmin.h"

#include <dlfcn.h>
#include <errno.h>
#include <signal.h>

void golibrary_refuse_preload(const char *extension) {
  if (process_shared_preload_libraries_in_progress || (IsPostmasterEnvironment && !IsUnderPostmaster))
    ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
                    errmsg("%s cannot be loaded by shared_preload_libraries", extension),
                    errdetail("Its Go library does not work in processes that are forked after it was loaded."),
                    errhint("Remove it from shared_preload_libraries: backends load it when they need it, or by "
                            "session_preload_libraries.")));
}

/* Whoever can write or replace the file decides what the server runs. Where it lies is for the log alone. */
static void check_file(const GoLibrary *library, const char *path) {
  Trust trust;

  if (path == NULL || path[0] != '/')
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("%s is not an absolute path", library->setting),
                    errhint("Set %s to the path of %s.so.", library->setting, library->name)));
  trust_check(path, &trust);
  errno = trust.error;
  switch (trust.fault) {
  case TRUSTED:
    return;
  case TRUST_UNREADABLE:
    ereport(ERROR, (errcode_for_file_access(), errmsg("could not find the file that %s names: %m", library->setting),
                    errdetail_log("The path is \"%s\".", path),
                    errhint("Install %s, or set %s to its path.", library->name, library->setting)));
    break;
  case TRUST_NO_FILE:
    ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE), errmsg("%s does not name a file", library->setting),
                    errdetail_log("The path is \"%s\".", path),
                    errhint("Set %s to the path of %s.so.", library->setting, library->name)));
    break;
  case TRUST_OWNER:
  case TRUST_WRITABLE:
    ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
                    errmsg("others than root and the server's user may %s the file that %s names",
                           trust.above ? "replace" : "write", library->setting),
                    errdetail_log("The path is \"%s\", the fault is of \"%s\".", path, trust.place),
                    errhint(trust.above ? "Let root or the server's user own each folder above it, and chmod go-w them."
                                        : "Let root or the server's user own it, and chmod go-w it.")));
  }
}

/* Resolves the symbols. Returns NULL, or the one that is missing. */
static const char *resolve(const GoLibrary *library, void *handle) {
  for (const GoSymbol *symbol = library->symbols; symbol->name != NULL; symbol++) {
    *symbol->address = dlsym(handle, symbol->name);
    if (*symbol->address == NULL)
      return symbol->name;
  }
  return NULL;
}

void golibrary_load(GoLibrary *library, const char *path) {
  void *handle;
  const char *missing = NULL, *wrong = NULL;
  char why[1024] = "";
  sigset_t all, mask;

  if (library->handle != NULL)
    return;
  golibrary_refuse_preload(library->name);
  check_file(library, path);
  room_check(library->name);

  /* No ereport() up to where the mask is back, and no memory of PostgreSQL's. The mask keeps handlers away from a
   * thread whose first steps in Go are taken here, and is what Go's own threads would get from an older library. */
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, &mask);
  handle = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (handle == NULL) {
    const char *text = dlerror();
    strlcpy(why, text != NULL ? text : "", sizeof why);
  } else {
    missing = resolve(library, handle);
    if (missing == NULL)
      wrong = library->check();
  }
  sigprocmask(SIG_SETMASK, &mask, NULL);

  if (handle == NULL)
    ereport(ERROR,
            (errcode(ERRCODE_UNDEFINED_FILE), errmsg("could not load %s", library->name), errdetail_log("%s", why),
             errhint("Set %s to the path of a %s for this machine.", library->setting, library->name)));
  if (missing != NULL)
    ereport(ERROR, (errcode(ERRCODE_UNDEFINED_FUNCTION),
                    errmsg("the file that %s names has no function %s", library->setting, missing),
                    errdetail_log("The path is \"%s\".", path),
                    errhint("Set %s to the path of %s.so, and start a new session.", library->setting, library->name)));
  if (wrong != NULL)
    ereport(ERROR,
            (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
             errmsg("the file that %s names cannot be used: %s", library->setting, wrong),
             errdetail_log("The path is \"%s\".", path),
             errhint("Install the %s that this extension was built for, and start a new session.", library->name)));
  library->handle = handle;
}
