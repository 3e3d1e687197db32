/* guest.h: a small library on internal/host, for the tests of host safety. */
#ifndef GUEST_H
#define GUEST_H

#include <stddef.h>
#include <stdint.h>

#define GUEST_EXPORT __attribute__((visibility("default")))

#define GUEST_OK 0
#define GUEST_UNSUPPORTED (-14)

typedef void (*GuestFn)(void *user_data);

/* Every function returns GUEST_OK, or GUEST_UNSUPPORTED in a child after fork(). */

GUEST_EXPORT int guest_noop(void);

/* Makes kib KiB of garbage in pieces of 4 KiB and collects it. */
GUEST_EXPORT int guest_alloc(uint32_t kib);

/* Sleeps ms milliseconds inside Go while another goroutine collects without a pause. */
GUEST_EXPORT int guest_block(uint32_t ms);

/* Computes ms milliseconds inside Go without a call. */
GUEST_EXPORT int guest_spin(uint32_t ms);

/* Calls fn(user_data) count times on the calling thread. */
GUEST_EXPORT int guest_callback(GuestFn fn, void *user_data, uint32_t count);

/* Calls fn(user_data) count times on a thread of the library, and returns when that is done. */
GUEST_EXPORT int guest_callback_async(GuestFn fn, void *user_data, uint32_t count);

/* Dereferences nil in Go, which must come back as a panic; returns 1 if it did. */
GUEST_EXPORT int guest_fault(void);

/* Writes host.State() as text to out[0..capacity): "ok", or "degraded: " and the reasons. */
GUEST_EXPORT int guest_state(char *out, size_t capacity);

#endif
