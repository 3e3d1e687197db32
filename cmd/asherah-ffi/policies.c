#include "callbacks.h"

#include "calls.h"

enum { MAX_DEPTH = 8 }; /* calls inside of each other, as in internal/hostcall */

int border_decides(const AsherahPolicyCallbacks *table, enum border_decision decision) {
  switch (decision) {
  case BORDER_IS_KEY_EXPIRED:
    return table->is_key_expired != NULL;
  case BORDER_REVOKE_CHECK_PERIOD_MS:
    return table->revoke_check_period_ms != NULL;
  case BORDER_CAN_CACHE_SYSTEM_KEYS:
    return table->can_cache_system_keys != NULL;
  case BORDER_CAN_CACHE_INTERMEDIATE_KEYS:
    return table->can_cache_intermediate_keys != NULL;
  case BORDER_IS_QUEUED_ROTATION:
    return table->is_queued_rotation != NULL;
  case BORDER_NOTIFY_EXPIRED_SYSTEM_KEY_ON_READ:
    return table->notify_expired_system_key_on_read != NULL;
  case BORDER_NOTIFY_EXPIRED_INTERMEDIATE_KEY_ON_READ:
    return table->notify_expired_intermediate_key_on_read != NULL;
  case BORDER_TRUNCATE_SYSTEM_KEY:
    return table->truncate_system_key != NULL;
  case BORDER_TRUNCATE_INTERMEDIATE_KEY:
    return table->truncate_intermediate_key != NULL;
  }
  return 0;
}

static int64_t decide(const AsherahPolicyCallbacks *table, enum border_decision decision, int64_t created) {
  void *data = table->user_data;
  switch (decision) {
  case BORDER_IS_KEY_EXPIRED:
    return table->is_key_expired(data, created);
  case BORDER_REVOKE_CHECK_PERIOD_MS:
    return table->revoke_check_period_ms(data);
  case BORDER_CAN_CACHE_SYSTEM_KEYS:
    return table->can_cache_system_keys(data);
  case BORDER_CAN_CACHE_INTERMEDIATE_KEYS:
    return table->can_cache_intermediate_keys(data);
  case BORDER_IS_QUEUED_ROTATION:
    return table->is_queued_rotation(data);
  case BORDER_NOTIFY_EXPIRED_SYSTEM_KEY_ON_READ:
    return table->notify_expired_system_key_on_read(data);
  case BORDER_NOTIFY_EXPIRED_INTERMEDIATE_KEY_ON_READ:
    return table->notify_expired_intermediate_key_on_read(data);
  case BORDER_TRUNCATE_SYSTEM_KEY:
    return table->truncate_system_key(data, created);
  case BORDER_TRUNCATE_INTERMEDIATE_KEY:
    return table->truncate_intermediate_key(data, created);
  }
  return ASHERAH_ERROR_INTERNAL;
}

struct border_decided border_decide(const AsherahPolicyCallbacks *table, enum border_decision decision,
                                    int64_t created) {
  if ((border_nesting & BORDER_DEPTH) > MAX_DEPTH)
    return (struct border_decided){0, 1};
  struct border_scope scope = border_begin((border_nesting + 1) | BORDER_NESTED);
  int64_t answer = decide(table, decision, created);
  border_end(scope);
  return (struct border_decided){answer, 0};
}
