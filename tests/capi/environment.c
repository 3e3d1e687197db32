/* asherah_set_env(). */
#define _GNU_SOURCE
#include "check.h"

#include <sys/mman.h>
#include <unistd.h>

#define SECRET "planted-secret-planted-secret-32"

static const int refused = ASHERAH_ERROR_INVALID_ARGUMENT, wrong = ASHERAH_ERROR_CONFIGURATION;

/* The status of a factory from the environment. If there is one, it is used for another session of the same keys, so
 * that a record tells one service from another. */
static int from_environment(const char *service) {
  AsherahFactory *factory = asherah_factory_new_from_env();
  if (!factory)
    return asherah_last_error_code();
  AsherahSession *session = asherah_factory_get_session(factory, "p");
  AsherahBuffer record;
  char id[64];
  snprintf(id, sizeof id, "_IK_p_%s_product", service);
  CHECK_STATUS(asherah_encrypt_to_json(session, (const uint8_t *)"x", 1, &record), ASHERAH_OK);
  CHECK(record.data && memmem(record.data, record.len, id, strlen(id)), "the record is not of %s", service);
  asherah_buffer_free(&record);
  asherah_session_free(session);
  asherah_factory_free(factory);
  return ASHERAH_OK;
}

static void set(const char *json) { CHECK_STATUS(asherah_set_env(json), ASHERAH_OK); }

#define ALL                                                                                                            \
  "{\"SERVICE_NAME\":\"service\",\"PRODUCT_ID\":\"product\",\"Metastore\":\"memory\",\"KMS\":\"static\","              \
  "\"STATIC_MASTER_KEY\":\"" SECRET "\"}"
#define NONE "{\"SERVICE_NAME\":null,\"PRODUCT_ID\":null,\"Metastore\":null,\"KMS\":null,\"STATIC_MASTER_KEY\":null}"

static void test_variables_of_the_library(void) {
  CHECK_STATUS(from_environment("service"), wrong);
  set(ALL);
  CHECK_STATUS(from_environment("service"), ASHERAH_OK);
  CHECK(!getenv("SERVICE_NAME"), "the environment of the process was changed");
  set("{}");
  set("{\"SERVICE_NAME\":\"\\u0073econd\"}");
  CHECK_STATUS(from_environment("second"), ASHERAH_OK);
  set("{\"STATIC_MASTER_KEY\":null}");
  CHECK_STATUS(from_environment("second"), wrong);
  set(NONE);
  CHECK_STATUS(from_environment("service"), wrong);
  CHECK(check_stat("live_secrets") == 0, "%lld live secrets", check_stat("live_secrets"));
}

static void test_before_those_of_the_process(void) {
  set(ALL);
  setenv("SERVICE_NAME", "process", 1);
  CHECK_STATUS(from_environment("service"), ASHERAH_OK);
  set("{\"SERVICE_NAME\":null}");
  CHECK_STATUS(from_environment("process"), ASHERAH_OK);
  set("{\"SERVICE_NAME\":\"\"}"); /* hides it */
  CHECK_STATUS(from_environment("process"), wrong);
  set(NONE);
  unsetenv("SERVICE_NAME");
}

static void test_what_is_refused(void) {
  static const char *const bad[] = {
      "",
      " ",
      "[]",
      "null",
      "{",
      "{\"SERVICE_NAME\"",
      "{\"SERVICE_NAME\":\"" SECRET,
      "{\"SERVICE_NAME\":\"" SECRET "\"} {}",
      "{\"SERVICE_NAME\":\"" SECRET "\",\"SERVICE_NAME\":\"x\"}",
      "{\"SERVICE_NAME\":\"" SECRET "\",\"B\":1}",
      "{\"B\":[\"" SECRET "\"]}",
      "{\"A=B\":\"" SECRET "\"}",
      "{\"\":\"" SECRET "\"}",
      "{\"B\":\"\\u0000" SECRET "\"}",
      "{\"B\\u0000\":\"" SECRET "\"}",
      "{\"SERVICE_NAME\":\"" SECRET "\xff\"}",
  };
  set(ALL);
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    CHECK_STATUS(asherah_set_env(bad[i]), wrong);
    CHECK(!strstr(asherah_last_error_message(), SECRET), "%s", asherah_last_error_message());
    CHECK_STATUS(from_environment("service"), ASHERAH_OK);
  }
  CHECK_STATUS(asherah_set_env(NULL), refused);
  enum { MIB = 1 << 20 };
  const size_t page = (size_t)sysconf(_SC_PAGESIZE);
  char *endless = mmap(NULL, MIB + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memset(endless, 'a', MIB);
  mprotect(endless + MIB, page, PROT_NONE);
  CHECK_STATUS(asherah_set_env(endless), refused);
  munmap(endless, MIB + page);
  /* Many of them, up to 1 MiB in all. */
  char *many = malloc(MIB);
  int status = ASHERAH_OK, sets = 0;
  for (; sets < 10 && status == ASHERAH_OK; sets++) {
    char *end = many + sprintf(many, "{\"");
    end += sprintf(end, "N%d\":\"", sets);
    memset(end, 'v', 300000);
    sprintf(end + 300000, "\"}");
    status = asherah_set_env(many);
  }
  CHECK(status == wrong && sets == 4, "%s after %d", asherah_status_name(status), sets);
  set("{\"N0\":null,\"N1\":null,\"N2\":null}");
  free(many);
  CHECK_STATUS(from_environment("service"), ASHERAH_OK);
  set(NONE);
  CHECK(check_stat("live_secrets") == 0, "%lld live secrets", check_stat("live_secrets"));
}

/* Variables change while factories are made from them. Each is made from a value that was set, not from half of one. */
static void at_once(size_t index, void *argument) {
  (void)argument;
  char json[256];
  for (int i = 0; i < 100; i++) {
    snprintf(json, sizeof json, "{\"SERVICE_NAME\":\"%s\",\"OWN_%zu\":\"%d\"}", i % 2 ? "service" : "another", index,
             i);
    set(json);
    AsherahFactory *factory = asherah_factory_new_from_env();
    CHECK(factory, "%s", asherah_last_error_message());
    AsherahSession *session = asherah_factory_get_session(factory, "p");
    AsherahBuffer record;
    CHECK_STATUS(asherah_encrypt_to_json(session, (const uint8_t *)"x", 1, &record), ASHERAH_OK);
    CHECK(memmem(record.data, record.len, "_IK_p_service_product", 21) ||
              memmem(record.data, record.len, "_IK_p_another_product", 21),
          "%.*s", (int)record.len, (const char *)record.data);
    asherah_buffer_free(&record);
    asherah_session_free(session);
    asherah_factory_free(factory);
  }
  snprintf(json, sizeof json, "{\"OWN_%zu\":null}", index);
  set(json);
}

static void test_in_8_threads(void) {
  set(ALL);
  check_threads(8, at_once, NULL);
  set(NONE);
  CHECK(check_stat("live_secrets") == 0, "%lld live secrets", check_stat("live_secrets"));
}

int main(void) {
  clearenv();
  RUN(test_variables_of_the_library);
  RUN(test_before_those_of_the_process);
  RUN(test_what_is_refused);
  RUN(test_in_8_threads);
  FINISH();
}
