#include "asherah_crypt.h"

#include "storage/ipc.h"
#include "utils/memutils.h"

/* What this backend has: a factory made of the file at path, and the session that was used last. */
static AsherahFactory *factory;
static char *factory_path;
static AsherahSession *session;
static char *session_partition;
static size_t session_length;

static void close_session(void) {
  asherah.session_free(session);
  session = NULL;
  if (session_partition != NULL)
    pfree(session_partition);
  session_partition = NULL;
}

static void close_factory(void) {
  close_session();
  asherah.factory_free(factory);
  factory = NULL;
  if (factory_path != NULL)
    pfree(factory_path);
  factory_path = NULL;
}

/* Keys are wiped and connections of the metastore closed as they should be. */
static void at_exit(int code, Datum unused) {
  if (factory != NULL)
    close_factory();
}

/* Another path makes another factory. A file that has changed under the same path is for new sessions. */
static void open_factory(void) {
  static bool registered;
  char *path, *text;

  library_load();
  if (factory != NULL && strcmp(factory_path, asherah_config_path) == 0)
    return;
  if (!registered)
    on_proc_exit(at_exit, 0);
  registered = true;

  text = configuration_read(asherah_config_path);
  path = MemoryContextStrdup(TopMemoryContext, asherah_config_path);
  AsherahFactory *made = asherah.factory_new(text);
  configuration_wipe(text);
  if (made == NULL) {
    pfree(path);
    fault_raise_last();
  }
  close_factory();
  factory = made;
  factory_path = path;
}

AsherahSession *session_of(const char *partition, size_t length) {
  open_factory();
  if (session != NULL && session_length == length && memcmp(session_partition, partition, length) == 0)
    return session;
  close_session();
  session_partition = MemoryContextAlloc(TopMemoryContext, length + 1);
  memcpy(session_partition, partition, length);
  session_length = length;
  session = asherah.get_session(factory, (const uint8_t *)partition, length);
  if (session == NULL)
    fault_raise_last();
  return session;
}
