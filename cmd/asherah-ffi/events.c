#include "callbacks.h"

#include "calls.h"

enum { MAX_DEPTH = 8 }; /* calls inside of each other, as in internal/hostcall */

int asherah_factory_observe(AsherahFactory *factory, const AsherahEventCallbacks *callbacks) {
  ENTER_STATUS;
  AsherahEventCallbacks *table = border_copy_events(callbacks);
  if (table == NULL)
    return asherah_last_error_code();
  int status = borderFactoryObserve((uintptr_t)factory, table);
  if (status != ASHERAH_OK)
    free(table);
  return status;
}

void border_tell(const AsherahEventCallbacks *table, const AsherahEvent *event) {
  if ((border_nesting & BORDER_DEPTH) > MAX_DEPTH)
    return;
  AsherahEvent copy = *event; /* the host never sees Go's memory */
  struct border_scope scope = border_begin((border_nesting + 1) | BORDER_NESTED);
  table->event(table->user_data, &copy);
  border_end(scope);
}
