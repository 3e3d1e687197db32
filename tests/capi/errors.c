/* Last error, and what a configuration is refused for. */
#define _GNU_SOURCE
#include "check.h"

#include <time.h>
#include <unistd.h>

static AsherahFactory *factory;
static AsherahSession *session;

static void other_thread(size_t index, void *argument) {
  (void)index, (void)argument;
  CHECK(asherah_last_error_message() == NULL, "%s", asherah_last_error_message());
  CHECK(asherah_last_error_code() == ASHERAH_OK, "%d", asherah_last_error_code());
}

static void test_last_error(void) {
  AsherahBuffer buffer = {0};
  CHECK_STATUS(asherah_decrypt_from_json(session, (const uint8_t *)"{}", 2, &buffer), ASHERAH_ERROR_MALFORMED_RECORD);
  const char *message = asherah_last_error_message();
  REQUIRE(message && *message, "no message");
  char copy[256];
  snprintf(copy, sizeof copy, "%s", message);

  /* Functions that return nothing keep it, and so do the accessors. */
  asherah_buffer_free(&buffer);
  asherah_session_free(NULL);
  asherah_factory_free(NULL);
  asherah_factory_free((AsherahFactory *)session);
  for (int i = 0; i < 3; i++) {
    CHECK(asherah_last_error_code() == ASHERAH_ERROR_MALFORMED_RECORD, "%d", asherah_last_error_code());
    CHECK(asherah_last_error_message() == message && strcmp(message, copy) == 0, "the message changed");
  }
  check_threads(1, other_thread, NULL);

  CHECK(asherah_factory_get_session(factory, "") == NULL, "an empty partition");
  CHECK(asherah_last_error_code() == ASHERAH_ERROR_INVALID_ARGUMENT, "%d", asherah_last_error_code());
  AsherahSession *opened = asherah_factory_get_session(factory, "p");
  CHECK(asherah_last_error_message() == NULL, "%s", asherah_last_error_message());
  CHECK(asherah_last_error_code() == ASHERAH_OK, "%d", asherah_last_error_code());
  asherah_session_free(opened);
  asherah_decrypt_from_json(NULL, NULL, 0, NULL);
  CHECK(asherah_last_error_message(), "no message");
  CHECK_STATUS(asherah_encrypt_to_json(session, NULL, 0, &buffer), ASHERAH_OK);
  CHECK(asherah_last_error_message() == NULL && asherah_last_error_code() == ASHERAH_OK, "success keeps the error");
  asherah_buffer_free(&buffer);
}

static void refused(const char *config, const char *must_name, const char *secret) {
  CHECK(asherah_factory_new_with_config(config) == NULL, "accepted: %s", config);
  const char *message = asherah_last_error_message();
  CHECK(message, "no message for %s", config);
  if (message && must_name)
    CHECK(strstr(message, must_name), "\"%s\" does not name %s", message, must_name);
  if (message && secret)
    CHECK(!strstr(message, secret), "\"%s\" holds %s", message, secret);
  CHECK_STATUS(asherah_apply_config_json(config), ASHERAH_ERROR_CONFIGURATION);
}

#define BASE "\"ServiceName\":\"s\",\"ProductID\":\"p\",\"Metastore\":\"memory\""

static void test_configuration_errors(void) {
  refused("", NULL, NULL);
  refused("null", NULL, NULL);
  refused("[]", NULL, NULL);
  refused("{" BASE ",\"KMS\":\"static\"}", "test-debug-static", NULL);
  refused("{" BASE ",\"KMS\":\"static\",\"StaticMasterKeyHex\":\"deadbeef\"}", "StaticMasterKeyHex", "deadbeef");
  refused("{" BASE ",\"KMS\":\"static\",\"StaticMasterKey\":\"short-secret\"}", "StaticMasterKey", "short-secret");
  refused("{" BASE ",\"KMS\":\"static\",\"StaticMasterKeyHex\":\"" CHECK_KEY_HEX "\",\"ExpireAfter\":-1}",
          "ExpireAfter", CHECK_KEY_HEX);
  refused("{" BASE ",\"KMS\":\"static\",\"StaticMasterKeyHex\":\"" CHECK_KEY_HEX "\",\"ExpireAfter\":\"soon\"}",
          "ExpireAfter", "soon");
  refused("{" BASE ",\"KMS\":\"static\",\"StaticMasterKeyHex\":\"" CHECK_KEY_HEX
          "\",\"StrictConfig\":true,\"ExpireAftr\":1}",
          "ExpireAfter", NULL);
  refused("{\"ProductID\":\"p\",\"Metastore\":\"memory\",\"KMS\":\"test-debug-static\"}", "ServiceName", NULL);
  refused("{" BASE ",\"KMS\":\"static\",\"StaticMasterKeyHex\":\"" CHECK_KEY_HEX "\"} x", NULL, CHECK_KEY_HEX);
}

static void test_environment_and_applied_configuration(void) {
  const char *names[] = {"SERVICE_NAME", "PRODUCT_ID", "Metastore", "KMS", "STATIC_MASTER_KEY_HEX"};
  const char *values[] = {"env-service", "env-product", "memory", "static", CHECK_KEY_HEX};
  for (size_t i = 0; i < 5; i++)
    setenv(names[i], values[i], 1);
  AsherahFactory *from_env = asherah_factory_new_from_env();
  CHECK(from_env, "%s", asherah_last_error_message());
  for (size_t i = 0; i < 5; i++)
    unsetenv(names[i]);
  CHECK(asherah_factory_new_from_env() == NULL, "a factory from an empty environment");
  CHECK_STATUS(asherah_apply_config_json(CHECK_CONFIG), ASHERAH_OK);
  AsherahFactory *applied = asherah_factory_new_from_env();
  CHECK(applied, "%s", asherah_last_error_message());
  CHECK_STATUS(asherah_apply_config_json(NULL), ASHERAH_OK);
  CHECK(asherah_factory_new_from_env() == NULL, "the applied configuration is still in use");

  AsherahSession *opened = asherah_factory_get_session(from_env, "p");
  AsherahBuffer record = {0};
  CHECK_STATUS(asherah_encrypt_to_json(opened, NULL, 0, &record), ASHERAH_OK);
  CHECK(record.data && memmem(record.data, record.len, "_IK_p_env-service_env-product", 29), "other names");
  asherah_buffer_free(&record);
  asherah_session_free(opened);
  asherah_factory_free(from_env);
  asherah_factory_free(applied);
}

int main(void) {
  factory = asherah_factory_new_with_config(CHECK_CONFIG);
  session = asherah_factory_get_session(factory, "partition");
  if (!session) {
    printf("FAIL errors: no session: %s\n", asherah_last_error_message());
    return 1;
  }
  RUN(test_last_error);
  RUN(test_configuration_errors);
  RUN(test_environment_and_applied_configuration);
  asherah_session_free(session);
  asherah_factory_free(factory);
  FINISH();
}
