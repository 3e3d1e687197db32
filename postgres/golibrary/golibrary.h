/*
 * golibrary.h: a Go shared library in a PostgreSQL backend. It is loaded at the first use and stays until the backend
 * ends. It can never be in the postmaster: a child made by fork() has no Go runtime.
 *
 * What keeps the library from disturbing signals and stacks is in the library itself (docs/host-safety.md); here is
 * what only the one who loads it can do. In a backend of PostgreSQL 15 the signal mask and every disposition stay as
 * they were, SIGURG's among them, but those of SIGSEGV and SIGBUS, which get Go's handler in place of the default, and
 * of SIGFPE, where a function of the library stands in front of the server's. With its first call the thread gets an
 * alternate signal stack, which faults in Go code need; no handler of the server runs on it.
 */
#ifndef GOLIBRARY_H
#define GOLIBRARY_H

typedef struct GoSymbol {
  const char *name; /* NULL ends a list */
  void **address;
} GoSymbol;

typedef struct GoLibrary {
  const char *name;    /* for messages: "libhessra" */
  const char *setting; /* the setting that has its path: "hessra.library_path" */
  const GoSymbol *symbols;
  /* Checks the version through the addresses: NULL, or what is wrong. Runs with all signals blocked; calls nothing of
   * PostgreSQL. */
  const char *(*check)(void);
  void *handle; /* of dlopen(); NULL until it is loaded */
} GoLibrary;

/* For _PG_init(): an error in the postmaster, which shared_preload_libraries would load the extension into. */
extern void golibrary_refuse_preload(const char *extension);

/*
 * For _PG_init(), before it defines these settings, whose list NULL ends: an error where they would not get the
 * administrator's values, so that the extension does not work with the defaults in their place. One is during a
 * parallel operation, when the server does not set them. The other lasts as long as the session: a client's option puts
 * itself in the place of the administrator's value, which is lost when the definition refuses the option. After an
 * error in _PG_init() the extension counts as not loaded, and the next call tries again.
 */
extern void golibrary_refuse_options(const char *extension, const char *const *settings);

/*
 * Loads the library from path unless it is loaded. An error leaves the backend as it was, and the next call tries
 * again. Signals that come meanwhile are handled afterwards.
 */
extern void golibrary_load(GoLibrary *library, const char *path);

#endif
