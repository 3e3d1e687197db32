#include "calls.h"

void asherah_buffer_free(AsherahBuffer *buffer) {
  if (buffer == NULL)
    return;
  if (buffer->data != NULL) {
    explicit_bzero(buffer->data, buffer->capacity);
    free(buffer->data);
  }
  *buffer = EMPTY_BUFFER;
}

void *border_alloc(size_t size) { return malloc(size); }

int border_fill(AsherahBuffer *out, const void *data, size_t len) {
  uint8_t *copy = malloc(len + 1);
  if (copy == NULL)
    return no_memory();
  memcpy(copy, data, len);
  *out = (AsherahBuffer){copy, len, len + 1};
  return ASHERAH_OK;
}
