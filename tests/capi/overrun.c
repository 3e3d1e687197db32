/* Writes past the end of what the library gave it: valgrind must notice. */
#include "check.h"

int main(void) {
  AsherahFactory *factory = asherah_factory_new_with_config(CHECK_CONFIG);
  AsherahSession *session = asherah_factory_get_session(factory, "partition");
  AsherahBuffer record = {0};
  if (asherah_encrypt_to_json(session, (const uint8_t *)"text", 4, &record) != ASHERAH_OK)
    return 1;
  *(volatile uint8_t *)(record.data + record.capacity) = 0;
  asherah_buffer_free(&record);
  asherah_session_free(session);
  asherah_factory_free(factory);
  return 0;
}
