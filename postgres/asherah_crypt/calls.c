#include "asherah_crypt.h"

#include "miscadmin.h"
#include "utils/memutils.h"

/* The library asks for this much more than the plaintext, to decrypt without a buffer of its own. */
#define DECRYPTION_ROOM 28

static size_t capacity_for(Direction direction, AsherahSession *session, const void *data, size_t length) {
  size_t size;

  if (direction == DECRYPT)
    return asherah.decrypted_size(data, length) + DECRYPTION_ROOM;
  size = asherah.encrypted_size(session, length);
  if (size == 0)
    ereport(ERROR,
            (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("the data is too long to be encrypted in one piece")));
  return size;
}

static char *allocate(size_t header, size_t capacity) {
  if (capacity > MaxAllocSize - header - 1)
    ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("the result is too long for the server")));
  return palloc(header + capacity + 1);
}

/* With keys that are not cached: on a thread of the library, while this one waits for it and for interrupts. */
static char *call_and_wait(Direction direction, AsherahSession *session, const void *data, size_t length, size_t header,
                           size_t *written) {
  MemoryContext outer = CurrentMemoryContext;
  MemoryContext context = AllocSetContextCreate(outer, "asherah_crypt call", ALLOCSET_SMALL_SIZES);
  Waiting *waiting;
  const uint8_t *result;
  char *out;
  int status;

  MemoryContextSwitchTo(context);
  waiting = waiting_start(direction, session, data, length);
  status = waiting_end(waiting);
  lines_write();
  if (status != ASHERAH_OK)
    fault_raise(status, waiting_message(waiting));
  result = waiting_result(waiting, written);
  MemoryContextSwitchTo(outer);
  out = allocate(header, *written);
  memcpy(out + header, result, *written);
  out[header + *written] = '\0';
  MemoryContextDelete(context);
  return out;
}

char *call(Direction direction, AsherahSession *session, const void *data, size_t length, size_t header,
           size_t *written) {
  size_t capacity = capacity_for(direction, session, data, length);
  char *out = allocate(header, capacity);
  int status;

  CHECK_FOR_INTERRUPTS();
  status = (direction == ENCRYPT ? asherah.encrypt_into : asherah.decrypt_into)(
      session, data, length, (uint8_t *)out + header, capacity, written, ASHERAH_ONLY_IF_CACHED);
  if (status == ASHERAH_ERROR_WOULD_BLOCK) {
    pfree(out);
    return call_and_wait(direction, session, data, length, header, written);
  }
  if (status != ASHERAH_OK)
    fault_raise_last();
  /* What the library has used as room. */
  explicit_bzero(out + header + *written, capacity - *written);
  out[header + *written] = '\0';
  return out;
}
