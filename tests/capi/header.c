/* The header compiles alone, as C11 and as C++17, with and without the Cobhan functions. released.py looks at the rest.
 */
#include <asherah.h>

#ifdef __cplusplus
#define ASSERT(condition) static_assert(condition, #condition)
#else
#define ASSERT(condition) _Static_assert(condition, #condition)
#endif

ASSERT(sizeof(void *) == 8 && sizeof(size_t) == 8);
ASSERT(ASHERAH_MAX_INPUT == 2147483647u - 65536u);

/* A second inclusion must do nothing. */
#include <asherah.h>

int main(void) {
  AsherahBuffer buffer = {0, 0, 0};
#ifdef ASHERAH_COBHAN
  return EstimateBuffer((int32_t)buffer.len, 0);
#else
  return (int)buffer.len;
#endif
}
