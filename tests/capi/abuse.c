/*
 * Every function with arguments no correct program gives it: statuses, no crash. Each test runs in one thread and then
 * in eight at once.
 */
#define _GNU_SOURCE
#include "check.h"

#include <limits.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MIB = 1 << 20, BAD_COUNT = 24 };

static AsherahFactory *factory;
static AsherahSession *session;
static AsherahSession *freed_session;
static AsherahFactory *freed_factory;
static AsherahBuffer record;
static char *endless;  /* 1 MiB of text without NUL, then a page that cannot be read */
static uint8_t *zeros; /* ASHERAH_MAX_INPUT + 1 readable bytes */

/* Values that are no session, and no factory but the last one. */
static void *bad_handle(size_t i, uint64_t *random) {
  static int local_variable;
  switch (i) {
  case 0:
    return NULL;
  case 1:
    return (void *)1;
  case 2:
    return (void *)(intptr_t)-1;
  case 3:
    return &local_variable;
  case 4:
    return (void *)0x10000;
  case 5:
    return (void *)(((uintptr_t)1 << 47) - 1);
  case 6:
    return (void *)((uintptr_t)session ^ (uintptr_t)1 << 40);
  case 7:
    return (void *)((uintptr_t)session + ((uintptr_t)1 << 47));
  case 8:
    return (void *)((uintptr_t)factory ^ (uintptr_t)1 << 41);
  case 9:
    return freed_session;
  case 10:
    return freed_factory;
  default: {
    uintptr_t value = check_random(random);
    return (void *)(i % 2 ? value : value >> 17);
  }
  }
}

static void completion(void *user_data, const uint8_t *data, size_t len, const char *error) {
  (void)user_data, (void)data, (void)len, (void)error;
  CHECK(false, "a completion for a call that was refused");
}

static void all_with_session(AsherahSession *bad) {
  uint8_t out[256];
  size_t written = 0;
  AsherahBuffer buffer = {0};
  AsherahSlice slice = {(const uint8_t *)"x", 1};
  AsherahResult result = {0};
  const uint8_t *x = (const uint8_t *)"x";
  const int closed = ASHERAH_ERROR_CLOSED_HANDLE;
  CHECK_STATUS(asherah_encrypt_to_json(bad, x, 1, &buffer), closed);
  CHECK_STATUS(asherah_decrypt_from_json(bad, record.data, record.len, &buffer), closed);
  CHECK_STATUS(asherah_encrypt_into(bad, x, 1, out, sizeof out, &written, 0), closed);
  CHECK_STATUS(asherah_decrypt_into(bad, record.data, record.len, out, sizeof out, &written, 0), closed);
  CHECK_STATUS(asherah_encrypt_batch(bad, &slice, 1, &result, 0), closed);
  CHECK_STATUS(asherah_decrypt_batch(bad, &slice, 1, &result, 0), closed);
  CHECK_STATUS(asherah_encrypt_to_json_async(bad, x, 1, completion, NULL), closed);
  CHECK_STATUS(asherah_decrypt_from_json_async(bad, record.data, record.len, completion, NULL), closed);
  CHECK(asherah_encrypted_size(bad, 1) == 0, "a size for %p", (void *)bad);
  CHECK(!buffer.data && !result.buffer.data, "a result for %p", (void *)bad);
}

static void handles(size_t index, void *argument) {
  (void)argument;
  uint64_t random = index * 7919 + 17;
  for (size_t round = 0; round < 40; round++)
    for (size_t i = 0; i < BAD_COUNT; i++) {
      void *bad = bad_handle(i, &random);
      all_with_session(bad);
      asherah_session_free(bad);
      CHECK(asherah_factory_get_session(bad, "p") == NULL, "a session from %p", bad);
      CHECK(asherah_last_error_code() == ASHERAH_ERROR_CLOSED_HANDLE, "%d for %p", asherah_last_error_code(), bad);
      CHECK(asherah_factory_get_session_n(bad, (const uint8_t *)"p", 1) == NULL, "a session from %p", bad);
      asherah_factory_free(bad);
    }
  /* A handle of the other type. */
  all_with_session((AsherahSession *)factory);
  asherah_session_free((AsherahSession *)factory);
  asherah_factory_free((AsherahFactory *)session);
  CHECK(asherah_factory_get_session((AsherahFactory *)session, "p") == NULL, "a session from a session");
  CHECK(asherah_last_error_code() == ASHERAH_ERROR_CLOSED_HANDLE, "%d", asherah_last_error_code());
  AsherahBuffer buffer = {0};
  CHECK_STATUS(asherah_encrypt_to_json(session, (const uint8_t *)"x", 1, &buffer), ASHERAH_OK);
  asherah_buffer_free(&buffer);
}

static void pointers_and_lengths(size_t index, void *argument) {
  (void)index, (void)argument;
  const size_t lengths[] = {ASHERAH_MAX_INPUT + 1, (size_t)1 << 31, (size_t)1 << 32, (size_t)1 << 47,
                            SIZE_MAX / 2,          SIZE_MAX - 27,   SIZE_MAX};
  const int refused = ASHERAH_ERROR_INVALID_ARGUMENT;
  uint8_t out[512];
  size_t written = 0;
  AsherahBuffer buffer = {0};
  const uint8_t *x = (const uint8_t *)"x";
  CHECK_STATUS(asherah_encrypt_to_json(session, NULL, 1, &buffer), refused);
  CHECK_STATUS(asherah_encrypt_to_json(session, x, 1, NULL), refused);
  CHECK_STATUS(asherah_decrypt_from_json(session, NULL, 1, &buffer), refused);
  CHECK_STATUS(asherah_decrypt_from_json(session, record.data, record.len, NULL), refused);
  CHECK_STATUS(asherah_encrypt_into(session, NULL, 1, out, sizeof out, &written, 0), refused);
  CHECK_STATUS(asherah_encrypt_into(session, x, 1, NULL, sizeof out, &written, 0), refused);
  CHECK_STATUS(asherah_encrypt_into(session, x, 1, out, sizeof out, NULL, 0), refused);
  CHECK_STATUS(asherah_encrypt_into(session, x, 1, out, sizeof out, &written, 2), refused);
  CHECK_STATUS(asherah_encrypt_into(session, x, 1, out, sizeof out, &written, UINT32_MAX), refused);
  CHECK_STATUS(asherah_decrypt_into(session, NULL, 1, out, sizeof out, &written, 0), refused);
  CHECK_STATUS(asherah_decrypt_into(session, record.data, record.len, NULL, 100, &written, 0), refused);
  CHECK_STATUS(asherah_decrypt_into(session, record.data, record.len, out, sizeof out, NULL, 0), refused);
  CHECK_STATUS(asherah_decrypt_into(session, record.data, record.len, out, sizeof out, &written, 8), refused);
  CHECK_STATUS(asherah_encrypt_to_json_async(session, x, 1, NULL, NULL), refused);
  CHECK_STATUS(asherah_encrypt_to_json_async(session, NULL, 1, completion, NULL), refused);
  CHECK_STATUS(asherah_decrypt_from_json_async(session, NULL, 1, completion, NULL), refused);
  CHECK_STATUS(asherah_decrypt_from_json_async(session, record.data, record.len, NULL, NULL), refused);
  CHECK_STATUS(asherah_stats(NULL), refused);
  asherah_buffer_free(NULL);
  for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
    CHECK_STATUS(asherah_encrypt_to_json(session, x, lengths[i], &buffer), refused);
    CHECK_STATUS(asherah_decrypt_from_json(session, x, lengths[i], &buffer), refused);
    CHECK_STATUS(asherah_encrypt_into(session, x, lengths[i], out, sizeof out, &written, 0), refused);
    CHECK_STATUS(asherah_decrypt_into(session, x, lengths[i], out, sizeof out, &written, 0), refused);
    CHECK_STATUS(asherah_encrypt_to_json_async(session, x, lengths[i], completion, NULL), refused);
    CHECK_STATUS(asherah_decrypt_from_json_async(session, x, lengths[i], completion, NULL), refused);
    CHECK(asherah_decrypted_size(x, lengths[i]) == 0, "a size for %zu", lengths[i]);
    CHECK(asherah_encrypted_size(session, lengths[i]) == 0, "a size for %zu", lengths[i]);
    CHECK(asherah_factory_get_session_n(factory, x, lengths[i]) == NULL, "an id of %zu bytes", lengths[i]);
    CHECK(asherah_last_error_code() == refused, "%d", asherah_last_error_code());
  }
  CHECK(asherah_factory_get_session_n(factory, NULL, 0) == NULL, "an empty id");
  CHECK(asherah_factory_get_session_n(factory, NULL, 5) == NULL, "an id at NULL");
  CHECK(asherah_factory_get_session_n(factory, x, 0) == NULL, "an empty id");
  CHECK(asherah_factory_get_session(factory, NULL) == NULL, "an id at NULL");
  CHECK(asherah_factory_new_with_config(NULL) == NULL, "a configuration at NULL");
  CHECK(asherah_last_error_code() == refused, "%d", asherah_last_error_code());
  CHECK_STATUS(asherah_encrypt_into(session, x, 1, out, 0, &written, 0), ASHERAH_ERROR_BUFFER_TOO_SMALL);
  CHECK_STATUS(asherah_decrypt_from_json(session, (const uint8_t *)"", 0, &buffer), ASHERAH_ERROR_MALFORMED_RECORD);
  CHECK_STATUS(asherah_decrypt_from_json(session, NULL, 0, &buffer), ASHERAH_ERROR_MALFORMED_RECORD);
  /* An id of one byte too many, and one that just fits. */
  CHECK(asherah_factory_get_session_n(factory, (const uint8_t *)endless, MIB + 1) == NULL, "an id over 1 MiB");
  AsherahSession *longest = asherah_factory_get_session_n(factory, (const uint8_t *)endless, MIB);
  CHECK(longest, "%s", asherah_last_error_message());
  asherah_session_free(longest);
}

static void strings(size_t index, void *argument) {
  (void)index, (void)argument;
  static const char *const not_utf8[] = {
      "\xff",     "\xc3", "a\xc3", "\xed\xa0\x80", "\xc0\x80", "\xf5\x80\x80\x80", "\xf0\x80\x80\x80",
      "\xe2\x82", "\x80", "ok\xfe"};
  const int refused = ASHERAH_ERROR_INVALID_ARGUMENT;
  for (size_t i = 0; i < sizeof not_utf8 / sizeof *not_utf8; i++) {
    const char *text = not_utf8[i];
    CHECK(asherah_factory_get_session(factory, text) == NULL, "text %zu", i);
    CHECK(asherah_last_error_code() == refused, "%d for %zu", asherah_last_error_code(), i);
    CHECK(asherah_factory_get_session_n(factory, (const uint8_t *)text, strlen(text)) == NULL, "text %zu", i);
    CHECK(asherah_factory_new_with_config(text) == NULL, "text %zu", i);
    CHECK(asherah_apply_config_json(text) < 0, "text %zu", i);
  }
  CHECK(asherah_factory_get_session(factory, endless) == NULL, "an id without an end");
  CHECK(asherah_last_error_code() == refused, "%d", asherah_last_error_code());
  CHECK(asherah_factory_new_with_config(endless) == NULL, "a configuration without an end");
  CHECK(asherah_last_error_code() == refused, "%d", asherah_last_error_code());
  CHECK_STATUS(asherah_apply_config_json(endless), refused);
  /* A NUL as the last byte that can be read. */
  const char *last = endless + MIB + sysconf(_SC_PAGESIZE) * 2 - 1;
  CHECK(asherah_factory_get_session(factory, last) == NULL, "an empty id at the end of a mapping");
  for (int i = 0; i < 64; i++) {
    CHECK(asherah_status_name(INT_MIN + i * 1000003) != NULL, "NULL");
    CHECK(strcmp(asherah_status_name(-19 - i), "UNKNOWN") == 0, "%s", asherah_status_name(-19 - i));
  }
}

static void overlaps(size_t index, void *argument) {
  (void)index, (void)argument;
  const int refused = ASHERAH_ERROR_INVALID_ARGUMENT;
  uint8_t area[4096];
  size_t written = 0;
  const size_t at = 1024, len = 64;
  memset(area, 'a', sizeof area);
  for (size_t shift = 0; shift < len; shift += 21) {
    CHECK_STATUS(asherah_encrypt_into(session, area + at, len, area + at + shift, 1024, &written, 0), refused);
    CHECK_STATUS(asherah_encrypt_into(session, area + at, len, area + at - shift, 1024, &written, 0), refused);
  }
  CHECK_STATUS(asherah_encrypt_into(session, area + at, len, area + at - 1023, 1024, &written, 0), refused);
  CHECK_STATUS(asherah_encrypt_into(session, area + at, len, area + at + len, 1024, &written, 0), ASHERAH_OK);
  memcpy(area, record.data, record.len);
  CHECK_STATUS(asherah_decrypt_into(session, area, record.len, area + record.len - 1, 64, &written, 0), refused);
  CHECK_STATUS(asherah_decrypt_into(session, area, record.len, area, 64, &written, 0), refused);
  CHECK_STATUS(asherah_decrypt_into(session, area, record.len, area + record.len, 64, &written, 0), ASHERAH_OK);
  /* A capacity that runs over the end of the address space overlaps everything. */
  CHECK(asherah_encrypt_into(session, area, len, area + at, SIZE_MAX, &written, 0) < 0, "a capacity of SIZE_MAX");
}

/* A caller's struct that was never a buffer of ours must only be touched where the header says so. */
static void buffers(size_t index, void *argument) {
  (void)index, (void)argument;
  for (int i = 0; i < 100; i++) {
    AsherahBuffer buffer = {(uint8_t *)0xdead, 5, 7};
    CHECK_STATUS(asherah_encrypt_to_json(session, (const uint8_t *)"x", 1, &buffer), ASHERAH_OK);
    asherah_buffer_free(&buffer);
    asherah_buffer_free(&buffer);
    CHECK(!buffer.data && !buffer.len && !buffer.capacity, "not zeroed");
    buffer = (AsherahBuffer){(uint8_t *)0xdead, 5, 7};
    CHECK(asherah_decrypt_from_json(session, (const uint8_t *)"{", 1, &buffer) < 0, "a record");
    CHECK(!buffer.data && !buffer.len && !buffer.capacity, "not zeroed");
    asherah_buffer_free(&buffer);
  }
}

static void sink_log(void *user_data, int32_t level, const char *target, const char *message) {
  (void)user_data, (void)level, (void)target, (void)message;
}

static void sink_metric(void *user_data, int32_t type, uint64_t duration, const char *name) {
  (void)user_data, (void)type, (void)duration, (void)name;
}

static void hooks(size_t index, void *argument) {
  (void)argument;
  const int32_t levels[] = {INT32_MIN, -1, 0, 3, 5, 6, INT32_MAX};
  const size_t capacities[] = {0, 1, 1024, SIZE_MAX};
  for (size_t i = 0; i < 7; i++) {
    bool valid = levels[i] >= ASHERAH_LOG_TRACE && levels[i] <= ASHERAH_LOG_OFF;
    int expected = valid ? ASHERAH_OK : ASHERAH_ERROR_INVALID_ARGUMENT;
    CHECK_STATUS(asherah_set_log_hook_sync(sink_log, NULL, levels[i]), expected);
    CHECK_STATUS(asherah_set_log_hook_with_config(sink_log, NULL, 8, levels[i]), expected);
  }
  for (size_t i = 0; i < 4; i++) {
    int status = asherah_set_metrics_hook_with_config(sink_metric, NULL, capacities[i]);
    CHECK(status == (capacities[i] == SIZE_MAX ? ASHERAH_ERROR_INVALID_ARGUMENT : ASHERAH_OK), "%d for %zu", status,
          capacities[i]);
  }
  CHECK_STATUS(asherah_set_metrics_hook_sync(index % 2 ? sink_metric : NULL, NULL), ASHERAH_OK);
  CHECK_STATUS(asherah_set_log_hook_sync(NULL, NULL, 0), ASHERAH_OK);
  CHECK_STATUS(asherah_set_log_hook(NULL, NULL), ASHERAH_OK);
  CHECK_STATUS(asherah_clear_log_hook(), ASHERAH_OK);
  CHECK_STATUS(asherah_clear_log_hook(), ASHERAH_OK);
  CHECK_STATUS(asherah_clear_metrics_hook(), ASHERAH_OK);
  (void)asherah_log_dropped_count();
  (void)asherah_metrics_dropped_count();
}

static void test_longest_input(void) {
  AsherahBuffer buffer = {0};
  CHECK_STATUS(asherah_decrypt_from_json(session, zeros, ASHERAH_MAX_INPUT, &buffer), ASHERAH_ERROR_MALFORMED_RECORD);
  CHECK_STATUS(asherah_decrypt_from_json(session, zeros, ASHERAH_MAX_INPUT + 1, &buffer),
               ASHERAH_ERROR_INVALID_ARGUMENT);
  CHECK(asherah_decrypted_size(zeros, ASHERAH_MAX_INPUT) == 0, "a size");

  /* The shortest plaintext whose record could not be decrypted. */
  size_t len = ASHERAH_MAX_INPUT / 4 * 3;
  while (asherah_encrypted_size(session, len) > ASHERAH_MAX_INPUT)
    len--;
  len++;
  uint8_t out[8];
  size_t written = 0;
  AsherahSlice slice = {zeros, len};
  AsherahResult result;
  CHECK_STATUS(asherah_encrypt_into(session, zeros, len - 1, out, 8, &written, 0), ASHERAH_ERROR_BUFFER_TOO_SMALL);
  for (int i = 0; i < 2; i++, slice.len = len = ASHERAH_MAX_INPUT) {
    const int refused = ASHERAH_ERROR_INVALID_ARGUMENT;
    CHECK_STATUS(asherah_encrypt_to_json(session, zeros, len, &buffer), refused);
    CHECK_STATUS(asherah_encrypt_into(session, zeros, len, out, 8, &written, 0), refused);
    CHECK_STATUS(asherah_encrypt_batch(session, &slice, 1, &result, 0), refused);
  }
}

#define IN_THREADS(function)                                                                                           \
  static void test_##function(void) { function(0, NULL); }                                                             \
  static void test_##function##_in_8_threads(void) { check_threads(8, function, NULL); }

IN_THREADS(handles)
IN_THREADS(pointers_and_lengths)
IN_THREADS(strings)
IN_THREADS(overlaps)
IN_THREADS(buffers)
IN_THREADS(hooks)

static void everything(size_t index, void *argument) {
  void (*const functions[])(size_t, void *) = {handles, pointers_and_lengths, strings, overlaps, buffers, hooks};
  functions[index % 6](index, argument);
}

static void test_all_of_them_at_once(void) { check_threads(12, everything, NULL); }

static bool set_up(void) {
  long page = sysconf(_SC_PAGESIZE);
  endless = mmap(NULL, MIB + 3 * (size_t)page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  zeros = mmap(NULL, ASHERAH_MAX_INPUT + 1, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (endless == MAP_FAILED || zeros == MAP_FAILED)
    return false;
  memset(endless, 'a', MIB);
  /* The text ends at a page without access; another readable page, all zeros, ends at a third one. */
  if (mprotect(endless + MIB, (size_t)page, PROT_NONE) != 0 ||
      mprotect(endless + MIB + 2 * page, (size_t)page, PROT_NONE) != 0)
    return false;
  factory = asherah_factory_new_with_config(CHECK_CONFIG);
  freed_factory = asherah_factory_new_with_config(CHECK_CONFIG);
  session = asherah_factory_get_session(factory, "partition");
  freed_session = asherah_factory_get_session(factory, "partition");
  asherah_session_free(freed_session);
  asherah_factory_free(freed_factory);
  return asherah_encrypt_to_json(session, (const uint8_t *)"text", 4, &record) == ASHERAH_OK;
}

int main(void) {
  if (!set_up()) {
    const char *message = asherah_last_error_message();
    printf("FAIL abuse: set-up: %s\n", message ? message : "mmap");
    return 1;
  }
  RUN(test_handles);
  RUN(test_handles_in_8_threads);
  RUN(test_pointers_and_lengths);
  RUN(test_strings);
  RUN(test_strings_in_8_threads);
  RUN(test_overlaps);
  RUN(test_overlaps_in_8_threads);
  RUN(test_buffers);
  RUN(test_buffers_in_8_threads);
  RUN(test_pointers_and_lengths_in_8_threads);
  RUN(test_hooks);
  RUN(test_hooks_in_8_threads);
  RUN(test_longest_input);
  RUN(test_all_of_them_at_once);
  asherah_buffer_free(&record);
  asherah_session_free(session);
  asherah_factory_free(factory);
  FINISH();
}
