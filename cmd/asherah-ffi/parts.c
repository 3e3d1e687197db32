#include "callbacks.h"

#include "calls.h"

AsherahFactory *asherah_factory_new(const char *config_json, AsherahMetastore *metastore, AsherahKms *kms,
                                    const AsherahPolicyCallbacks *policy) {
  ENTER_HANDLE;
  ptrdiff_t n = border_config_length(config_json);
  if (n < 0)
    return NULL;
  AsherahPolicyCallbacks *table = NULL;
  if (policy != NULL && (table = border_copy_policy(policy)) == NULL)
    return NULL;
  uintptr_t handle = borderFactoryNewOn((uintptr_t)config_json, (size_t)n, (uintptr_t)metastore, (uintptr_t)kms, table);
  if (handle == 0)
    free(table);
  return (AsherahFactory *)handle;
}
