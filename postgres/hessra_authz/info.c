#include "hessra_authz.h"

#include "statement.h"

#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/json.h"

PG_FUNCTION_INFO_V1(pg_hessra_token_info);

/* What is found out about a token. description, a JSON object, is of this backend's memory. */
typedef struct Info {
  HessraResult parsed;
  HessraResult judged;
  char words[256]; /* why it is not well-formed, or not genuine */
  char *description;
  bool short_of_memory;
} Info;

/* Everything that the library gives is back with it when this returns, and nothing here raises an error. */
static void find_out(const char *text, HessraPublicKey key, Info *info) {
  /* Nobody's request: whether it is allowed does not matter, the signatures are judged first. */
  HessraRequest request = {.size = sizeof request, .kind = HESSRA_VERIFY, .subject = "", .resource = ""};
  HessraToken token;
  char *description;

  info->parsed = hessra.token_parse(text, &token);
  if (info->parsed != HESSRA_SUCCESS) {
    last_words(info->words, sizeof info->words);
    return;
  }
  info->judged = hessra.token_authorize(token, key, &request);
  if (info->judged == HESSRA_ERROR_INVALID_TOKEN)
    last_words(info->words, sizeof info->words);
  if (hessra.token_describe(token, &description) == HESSRA_SUCCESS) {
    size_t size = strlen(description) + 1;

    info->description = palloc_extended(size, MCXT_ALLOC_NO_OOM);
    if (info->description != NULL)
      memcpy(info->description, description, size);
    hessra.error_free(description);
  }
  info->short_of_memory = info->description == NULL;
  hessra.token_free(token);
}

Datum pg_hessra_token_info(PG_FUNCTION_ARGS) {
  Info info = {0};
  StringInfoData json;
  ErrorContextCallback callback;

  statement_hide(&callback);
  find_out(text_to_cstring(PG_GETARG_TEXT_PP(0)), configuration_key(), &info);
  if (info.short_of_memory)
    ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
  initStringInfo(&json);
  appendStringInfo(&json, "{\"well_formed\": %s", info.parsed == HESSRA_SUCCESS ? "true" : "false");
  if (info.parsed == HESSRA_SUCCESS)
    appendStringInfo(&json, ", \"genuine\": %s, %.*s",
                     info.judged == HESSRA_SUCCESS || info.judged == HESSRA_ERROR_VERIFICATION_FAILED ? "true"
                                                                                                      : "false",
                     (int)strlen(info.description) - 2, info.description + 1);
  if (info.words[0] != '\0') {
    appendStringInfoString(&json, ", \"reason\": ");
    escape_json(&json, info.words);
  }
  appendStringInfoChar(&json, '}');
  statement_show(&callback);
  PG_RETURN_DATUM(DirectFunctionCall1(jsonb_in, CStringGetDatum(json.data)));
}
