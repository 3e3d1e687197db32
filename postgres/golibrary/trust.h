/* trust.h: whose a file is that decides what the server does. */
#ifndef TRUST_H
#define TRUST_H

typedef enum TrustFault {
  TRUSTED,
  TRUST_UNREADABLE, /* error has why */
  TRUST_NO_FILE,    /* not a regular file */
  TRUST_OWNER,      /* somebody's else than root's and the server's user's */
  TRUST_WRITABLE,   /* writable by others than the owner */
} TrustFault;

typedef struct Trust {
  TrustFault fault;
  int error;        /* of errno.h */
  bool above;       /* the fault is of what leads to the file: a folder or a symbolic link */
  char place[1024]; /* what is at fault; cut where it is longer */
} Trust;

/*
 * Looks whether root and the server's user alone decide what is at an absolute path: the file is theirs and so is each
 * folder and each symbolic link on the way, and none of it can be written by others. A folder with the sticky bit may
 * be, since nobody can move another's file there. What is found trusted stays so until root or the server's user
 * changes something: the path can be opened again afterwards.
 */
extern void trust_check(const char *path, Trust *trust);

#endif
