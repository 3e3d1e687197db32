/* The header compiles alone, as C11 and as C++17, and the layouts that other languages copy do not move. */
#include <asherah.h>

#ifdef __cplusplus
#define ASSERT(condition) static_assert(condition, #condition)
#else
#define ASSERT(condition) _Static_assert(condition, #condition)
#endif

ASSERT(sizeof(void *) == 8 && sizeof(size_t) == 8);

ASSERT(sizeof(AsherahBuffer) == 24);
ASSERT(offsetof(AsherahBuffer, data) == 0);
ASSERT(offsetof(AsherahBuffer, len) == 8);
ASSERT(offsetof(AsherahBuffer, capacity) == 16);

ASSERT(sizeof(AsherahSlice) == 16);
ASSERT(offsetof(AsherahSlice, data) == 0);
ASSERT(offsetof(AsherahSlice, len) == 8);

ASSERT(sizeof(AsherahResult) == 32);
ASSERT(offsetof(AsherahResult, buffer) == 0);
ASSERT(offsetof(AsherahResult, status) == 24);
ASSERT(offsetof(AsherahResult, reserved) == 28);

ASSERT(ASHERAH_MAX_INPUT == 2147483647u - 65536u);

/* A second inclusion must do nothing. */
#include <asherah.h>

int main(void) {
  AsherahBuffer buffer = {0, 0, 0};
  return (int)buffer.len;
}
