/* What the C and the Go side of the border share. Not public. */
#ifndef ASHERAH_BORDER_H
#define ASHERAH_BORDER_H

#include "asherah.h"
#include "lasterror.h"

/* How far a NUL-terminated string is read, in bytes; also the longest partition id. */
#define BORDER_MAX_STRING ((size_t)1 << 20)

/*
 * What runs on this thread: 0, or, while functions of the host run that may call the library, BORDER_NESTED with how
 * many of them are inside of each other, and BORDER_TIMED if the outermost one is under a time limit.
 */
#define BORDER_NESTED ((uint32_t)1 << 31)
#define BORDER_TIMED ((uint32_t)1 << 30)
#define BORDER_DEPTH ((uint32_t)0xffff) /* the bits with the number */
extern __attribute__((visibility("hidden"))) _Thread_local uint32_t border_nesting
    __attribute__((tls_model("initial-exec")));

/* The flags of a call, for Go: those of the caller, and BORDER_NESTED inside of a function of the host. */
static inline uint32_t border_flags(uint32_t flags) { return flags | (border_nesting & BORDER_NESTED); }

/* Length of a configuration, or -1 with the last error set. */
ptrdiff_t border_config_length(const char *config_json);

/* What every call that returns a status or a handle does first: false, with the last error set, in a child made by
 * fork(). */
int border_enter(void);

/* Puts a copy of data[0..len) into *out. Returns a status. */
int border_fill(AsherahBuffer *out, const void *data, size_t len);

/* malloc(), with NULL for no memory, where cgo's own ends the process. */
void *border_alloc(size_t size);

/* Wipes and frees data[0..capacity), which may be NULL. */
void border_free(void *data, size_t capacity);

/* The host's functions, called from Go. User data is a number here: in a Go pointer one that is no address would end
 * the process when a goroutine's stack is copied. */
void border_call_completion(AsherahCompletionFn callback, uintptr_t user_data, const uint8_t *data, size_t len,
                            const char *error);
void border_call_result(AsherahResultFn callback, uintptr_t user_data, int32_t status, const uint8_t *data, size_t len,
                        const char *message);
void border_call_log(AsherahLogFn callback, uintptr_t user_data, int32_t level, const char *target,
                     const char *message);
void border_call_metrics(AsherahMetricsFn callback, uintptr_t user_data, int32_t type, uint64_t duration_ns,
                         const char *name);

#endif
