/*
 * leave.h: what happens when a thread that has called Go ends.
 *
 * Go 1.26 lets a thread keep its processor (P) when it returns to C, and collections take it away from there. They look
 * once. If at that moment the thread is on its way out, handing its M back (runtime.dropm), the look fails, nobody
 * looks again, and the runtime waits for that P for ever, with every call into the library. The M with the P is on the
 * list of those that threads take for their first call, and a thread that takes it gives the P back at once. So after
 * threads have left, a thread of ours calls Go; if that does not return, further threads do, until one has got that M.
 */
#ifndef ASHERAH_HOST_LEAVE_H
#define ASHERAH_HOST_LEAVE_H

#include "host.h"

/* Once, while the library is loaded. */
HOST_HIDDEN void host_leave_init(void);

/* Notes that the calling thread has called Go. */
HOST_HIDDEN void host_leave_expect(void);

#endif
