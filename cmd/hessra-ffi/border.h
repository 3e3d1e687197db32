/* What the C and the Go side of the border share. Not public. */
#ifndef HESSRA_BORDER_H
#define HESSRA_BORDER_H

#include <stddef.h>

#include "hessra.h"
#include "lasterror.h"

/* How far texts are read, in bytes. */
#define BORDER_MAX_TEXT ((size_t)1 << 20)

/* A text of a request for Go: its address as a number, 0 if it was not given. */
struct border_text {
  uintptr_t data;
  size_t len;
};

/* The texts of a HessraRequest, in their order there. */
enum {
  BORDER_SUBJECT,
  BORDER_RESOURCE,
  BORDER_OPERATION,
  BORDER_DOMAIN,
  BORDER_PREFIX,
  BORDER_IDENTITY,
  BORDER_SERVICE_NODES,
  BORDER_COMPONENT,
  BORDER_TEXTS
};

#endif
