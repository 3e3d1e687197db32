#include "guest.h"
#include "host.h"

#include "_cgo_export.h"

#define ENTER()                                                                                                        \
  if (!host_enter())                                                                                                   \
  return GUEST_UNSUPPORTED

int guest_noop(void) {
  ENTER();
  goNoop();
  return GUEST_OK;
}

int guest_alloc(uint32_t kib) {
  ENTER();
  goAlloc(kib);
  return GUEST_OK;
}

int guest_block(uint32_t ms) {
  ENTER();
  goBlock(ms);
  return GUEST_OK;
}

int guest_spin(uint32_t ms) {
  ENTER();
  goSpin(ms);
  return GUEST_OK;
}

int guest_callback(GuestFn fn, void *user_data, uint32_t count) {
  ENTER();
  goCallback((uintptr_t)fn, (uintptr_t)user_data, count);
  return GUEST_OK;
}

int guest_callback_async(GuestFn fn, void *user_data, uint32_t count) {
  ENTER();
  goCallbackAsync((uintptr_t)fn, (uintptr_t)user_data, count);
  return GUEST_OK;
}

int guest_fault(void) {
  ENTER();
  return goFault();
}

int guest_state(char *out, size_t capacity) {
  ENTER();
  goState(out, capacity);
  return GUEST_OK;
}
