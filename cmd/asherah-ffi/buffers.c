#include "calls.h"

void border_free(void *data, size_t capacity) {
  if (data != NULL) {
    explicit_bzero(data, capacity);
    free(data);
  }
}

void asherah_buffer_free(AsherahBuffer *buffer) {
  if (buffer == NULL)
    return;
  border_free(buffer->data, buffer->capacity);
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
