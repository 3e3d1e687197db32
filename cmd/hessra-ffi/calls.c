#include "border.h"

#include <string.h>

#include "_cgo_export.h"
#include "host.h"

/* What every function that returns a result does first. */
static int enter(void) {
  if (!host_enter()) {
    lasterror_fail(HESSRA_ERROR_UNKNOWN,
                   "libhessra does not work in a child made by fork(): load it after fork, or exec");
    return 0;
  }
  lasterror_clear();
  return 1;
}

#define ENTER                                                                                                          \
  do {                                                                                                                 \
    if (!enter())                                                                                                      \
      return HESSRA_ERROR_UNKNOWN;                                                                                     \
  } while (0)

static HessraResult parameter(const char *message) { return lasterror_fail(HESSRA_ERROR_INVALID_PARAMETER, message); }

/* Does what every function with a handle to give does first: out is NULL until there is one. */
#define ENTER_OUT(out)                                                                                                 \
  do {                                                                                                                 \
    if ((out) != NULL)                                                                                                 \
      *(out) = NULL;                                                                                                   \
    ENTER;                                                                                                             \
    if ((out) == NULL)                                                                                                 \
      return parameter("the address for the result is NULL");                                                          \
  } while (0)

/* Length of a text, BORDER_MAX_TEXT + 1 if it is longer than may be. */
static size_t length(const char *text) { return strnlen(text, BORDER_MAX_TEXT + 1); }

HessraResult hessra_init(void) {
  ENTER;
  return HESSRA_SUCCESS;
}

HessraResult hessra_public_key_from_string(const char *text, HessraPublicKey *out) {
  ENTER_OUT(out);
  if (text == NULL)
    return parameter("the key's text is NULL");
  return hessraKeyFromText((uintptr_t)text, length(text), (uintptr_t *)out);
}

HessraResult hessra_public_key_from_file(const char *path, HessraPublicKey *out) {
  ENTER_OUT(out);
  if (path == NULL)
    return parameter("the path is NULL");
  return hessraKeyFromFile((uintptr_t)path, length(path), (uintptr_t *)out);
}

HessraResult hessra_config_new(HessraConfig *out) {
  ENTER_OUT(out);
  return hessraConfigNew((uintptr_t *)out);
}

HessraResult hessra_config_from_file(const char *path, HessraConfig *out) {
  ENTER_OUT(out);
  if (path == NULL)
    return parameter("the path is NULL");
  return hessraConfigFromFile((uintptr_t)path, length(path), (uintptr_t *)out);
}

static const char default_id[] = "default";

HessraResult hessra_config_set_public_key(HessraConfig config, const char *key_id, HessraPublicKey key) {
  ENTER;
  if (key_id == NULL)
    key_id = default_id;
  return hessraConfigSetKey((uintptr_t)config, (uintptr_t)key_id, length(key_id), (uintptr_t)key);
}

HessraResult hessra_config_get_public_key(HessraConfig config, const char *key_id, HessraPublicKey *out) {
  ENTER_OUT(out);
  if (key_id == NULL)
    key_id = default_id;
  return hessraConfigKey((uintptr_t)config, (uintptr_t)key_id, length(key_id), (uintptr_t *)out);
}

HessraResult hessra_config_key_file(HessraConfig config, char **out_path) {
  ENTER_OUT(out_path);
  return hessraConfigKeyFile((uintptr_t)config, out_path);
}

HessraResult hessra_token_parse(const char *token, HessraToken *out) {
  ENTER_OUT(out);
  if (token == NULL)
    return parameter("the token is NULL");
  return hessraTokenParse((uintptr_t)token, length(token), (uintptr_t *)out);
}

static HessraResult authorize(HessraToken token, HessraPublicKey key, const HessraRequest *request) {
  const char *const texts[BORDER_TEXTS] = {
      [BORDER_SUBJECT] = request->subject,
      [BORDER_RESOURCE] = request->resource,
      [BORDER_OPERATION] = request->operation,
      [BORDER_DOMAIN] = request->domain,
      [BORDER_PREFIX] = request->prefix,
      [BORDER_IDENTITY] = request->identity,
      [BORDER_SERVICE_NODES] = request->service_nodes_json,
      [BORDER_COMPONENT] = request->component,
  };
  struct border_text given[BORDER_TEXTS];
  for (int i = 0; i < BORDER_TEXTS; i++)
    given[i] = (struct border_text){(uintptr_t)texts[i], texts[i] == NULL ? 0 : length(texts[i])};
  return hessraTokenAuthorize((uintptr_t)token, (uintptr_t)key, request->kind, given, request->flags, request->now);
}

HessraResult hessra_token_verify(HessraToken token, HessraPublicKey key, const char *subject, const char *resource) {
  ENTER;
  if (subject == NULL || resource == NULL)
    return parameter("the subject or the resource is NULL");
  HessraRequest request = {.size = sizeof request, .kind = HESSRA_VERIFY, .subject = subject, .resource = resource};
  return authorize(token, key, &request);
}

HessraResult hessra_token_authorize(HessraToken token, HessraPublicKey key, const HessraRequest *request) {
  ENTER;
  if (request == NULL)
    return parameter("the request is NULL");
  /* The struct may have grown since the caller was compiled, or since the library was: what is beyond the smaller of
   * the two must not say anything. */
  HessraRequest known = {0};
  size_t size = request->size;
  if (size < sizeof known)
    return parameter("the request's size is smaller than a HessraRequest");
  if (size > 4096)
    return parameter("the request's size is no size of a HessraRequest");
  for (size_t i = sizeof known; i < size; i++) {
    if (((const char *)request)[i] != 0)
      return parameter("the request has members that this version of the library does not know");
  }
  memcpy(&known, request, sizeof known);
  if (known.reserved != 0)
    return parameter("the request's reserved member is not 0");
  return authorize(token, key, &known);
}

HessraResult hessra_token_revocation_ids(HessraToken token, char **out_json) {
  ENTER_OUT(out_json);
  return hessraTokenRevocationIDs((uintptr_t)token, out_json);
}

HessraResult hessra_token_describe(HessraToken token, char **out_json) {
  ENTER_OUT(out_json);
  return hessraTokenDescribe((uintptr_t)token, out_json);
}

void hessra_public_key_free(HessraPublicKey key) {
  if (key != NULL && host_enter())
    hessraKeyFree((uintptr_t)key);
}

void hessra_config_free(HessraConfig config) {
  if (config != NULL && host_enter())
    hessraConfigFree((uintptr_t)config);
}

void hessra_token_free(HessraToken token) {
  if (token != NULL && host_enter())
    hessraTokenFree((uintptr_t)token);
}
