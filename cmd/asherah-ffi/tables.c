#include "callbacks.h"

#include "calls.h"

/* What every table begins with. */
struct table {
  size_t size;
  uint32_t version;
  uint32_t flags;
  void *user_data;
};

enum { MAX_TABLE = 4096 }; /* bytes of a table of any version */

static void *refuse_table(const char *why) {
  lasterror_fail(ASHERAH_ERROR_INVALID_ARGUMENT, why);
  return NULL;
}

/* A copy of a table of which the first known bytes have a meaning, with 0 for what it lacks. */
static void *copy_table(const void *callbacks, size_t known, uint32_t flags) {
  const struct table *table = callbacks;
  if (table == NULL)
    return refuse_table("the table of functions is NULL");
  if (table->size < sizeof(struct table) || table->size > MAX_TABLE || table->size % sizeof(void *) != 0)
    return refuse_table("the size of the table of functions is not that of its type");
  if (table->version != ASHERAH_CALLBACKS_VERSION)
    return refuse_table("the version of the table of functions is not ASHERAH_CALLBACKS_VERSION");
  if ((table->flags & ~flags) != 0)
    return refuse_table("the table of functions has an unknown flag");
  for (size_t i = known; i < table->size; i++) {
    if (((const uint8_t *)callbacks)[i] != 0)
      return refuse_table("the table of functions has members that are unknown here: the library is older than the "
                          "header it was compiled with");
  }
  struct table *copy = calloc(1, known);
  if (copy == NULL) {
    no_memory();
    return NULL;
  }
  memcpy(copy, callbacks, table->size < known ? table->size : known);
  return copy;
}

AsherahMetastoreCallbacks *border_copy_metastore(const AsherahMetastoreCallbacks *callbacks) {
  AsherahMetastoreCallbacks *copy = copy_table(callbacks, sizeof *copy, ASHERAH_CALLBACKS_ANY_THREAD);
  if (copy != NULL && (copy->load == NULL || copy->load_latest == NULL || copy->store == NULL)) {
    free(copy);
    return refuse_table("the table of a metastore lacks load, load_latest or store");
  }
  return copy;
}

AsherahKmsCallbacks *border_copy_kms(const AsherahKmsCallbacks *callbacks) {
  AsherahKmsCallbacks *copy = copy_table(callbacks, sizeof *copy, ASHERAH_CALLBACKS_ANY_THREAD);
  if (copy != NULL && (copy->encrypt_key == NULL || copy->decrypt_key == NULL)) {
    free(copy);
    return refuse_table("the table of a KMS lacks encrypt_key or decrypt_key");
  }
  return copy;
}

AsherahPolicyCallbacks *border_copy_policy(const AsherahPolicyCallbacks *callbacks) {
  return copy_table(callbacks, sizeof(AsherahPolicyCallbacks), 0);
}

AsherahEventCallbacks *border_copy_events(const AsherahEventCallbacks *callbacks) {
  AsherahEventCallbacks *copy = copy_table(callbacks, sizeof *copy, 0);
  if (copy != NULL && copy->event == NULL) {
    free(copy);
    return refuse_table("the table of events lacks event");
  }
  return copy;
}

static void release(void *table, void (*function)(void *), void *user_data) {
  free(table);
  if (function == NULL)
    return;
  struct border_scope scope = border_begin((border_nesting + 1) | BORDER_NESTED);
  function(user_data);
  border_end(scope);
}

void border_release_metastore(AsherahMetastoreCallbacks *table) { release(table, table->release, table->user_data); }

void border_release_kms(AsherahKmsCallbacks *table) { release(table, table->release, table->user_data); }

void border_release_policy(AsherahPolicyCallbacks *table) { release(table, table->release, table->user_data); }

void border_release_events(AsherahEventCallbacks *table) { release(table, table->release, table->user_data); }
