#include "calls.h"

int asherah_set_log_hook_with_config(AsherahLogFn callback, void *user_data, size_t queue_capacity, int32_t min_level) {
  ENTER_STATUS;
  return borderSetLogHook((uintptr_t)callback, (uintptr_t)user_data, queue_capacity, min_level, 0);
}

int asherah_set_log_hook(AsherahLogFn callback, void *user_data) {
  return asherah_set_log_hook_with_config(callback, user_data, 0, ASHERAH_LOG_WARN);
}

int asherah_set_log_hook_sync(AsherahLogFn callback, void *user_data, int32_t min_level) {
  ENTER_STATUS;
  return borderSetLogHook((uintptr_t)callback, (uintptr_t)user_data, 0, min_level, 1);
}

int asherah_clear_log_hook(void) { return asherah_set_log_hook_with_config(NULL, NULL, 0, ASHERAH_LOG_OFF); }

uint64_t asherah_log_dropped_count(void) { return enter_quietly() ? borderDropped(0) : 0; }

int asherah_set_metrics_hook_with_config(AsherahMetricsFn callback, void *user_data, size_t queue_capacity) {
  ENTER_STATUS;
  return borderSetMetricsHook((uintptr_t)callback, (uintptr_t)user_data, queue_capacity, 0);
}

int asherah_set_metrics_hook(AsherahMetricsFn callback, void *user_data) {
  return asherah_set_metrics_hook_with_config(callback, user_data, 0);
}

int asherah_set_metrics_hook_sync(AsherahMetricsFn callback, void *user_data) {
  ENTER_STATUS;
  return borderSetMetricsHook((uintptr_t)callback, (uintptr_t)user_data, 0, 1);
}

int asherah_clear_metrics_hook(void) { return asherah_set_metrics_hook_with_config(NULL, NULL, 0); }

uint64_t asherah_metrics_dropped_count(void) { return enter_quietly() ? borderDropped(1) : 0; }

void border_call_log(AsherahLogFn callback, uintptr_t user_data, int32_t level, const char *target,
                     const char *message) {
  struct lasterror hidden = lasterror_hide();
  callback((void *)user_data, level, target, message);
  lasterror_restore(hidden);
}

void border_call_metrics(AsherahMetricsFn callback, uintptr_t user_data, int32_t type, uint64_t duration_ns,
                         const char *name) {
  struct lasterror hidden = lasterror_hide();
  callback((void *)user_data, type, duration_ns, name);
  lasterror_restore(hidden);
}

int asherah_stats(AsherahBuffer *out) {
  ENTER_STATUS;
  if (out == NULL)
    return lasterror_fail(ASHERAH_ERROR_INVALID_ARGUMENT, "the output buffer is NULL");
  *out = EMPTY_BUFFER;
  return borderStats(out);
}
