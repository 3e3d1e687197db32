/* room.h: whether this process may have what a Go runtime takes at its start. */
#ifndef ROOM_H
#define ROOM_H

/*
 * An error where address space, memory or threads are too short: a Go runtime that does not get them ends the process,
 * and the postmaster then restarts every backend. They are tried, since not all that bounds them can be read. What
 * becomes short later, and memory that is promised and not there, nobody can know.
 */
extern void room_check(const char *library);

#endif
