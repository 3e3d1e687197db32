#include "asherah_crypt.h"

#include "statement.h"

#include "fmgr.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

/* A value of jsonb has at most 2^28 - 1 bytes; this in base64 leaves 2 MiB of them to the rest of the record. */
#define DATA_MAX (190 << 20)

/* The text as UTF-8; *length has its bytes. Not copied where the database has that encoding. */
static char *utf8(text *value, size_t *length) {
  char *from = VARDATA_ANY(value);
  char *to = pg_server_to_any(from, VARSIZE_ANY_EXHDR(value), PG_UTF8);

  *length = to == from ? VARSIZE_ANY_EXHDR(value) : strlen(to);
  return to;
}

static Datum encrypt(FunctionCallInfo fcinfo) {
  bytea *data = PG_GETARG_BYTEA_PP(1);
  size_t length, written;
  char *partition = utf8(PG_GETARG_TEXT_PP(0), &length);
  AsherahSession *session;
  char *record;
  Datum result;

  if (VARSIZE_ANY_EXHDR(data) > DATA_MAX)
    ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("the data is too long for a jsonb value"),
                    errdetail("At most 190 MiB can be encrypted in one piece.")));
  session = session_of(partition, length);
  record = call(ENCRYPT, session, VARDATA_ANY(data), VARSIZE_ANY_EXHDR(data), 0, &written);
  /* A value that was compressed or stored apart has been copied in the clear. */
  if ((Pointer)data != PG_GETARG_POINTER(1)) {
    explicit_bzero(data, VARSIZE_ANY(data));
    pfree(data);
  }
  result = DirectFunctionCall1(jsonb_in, CStringGetDatum(pg_any_to_server(record, (int)written, PG_UTF8)));
  pfree(record);
  PG_RETURN_DATUM(result);
}

static Datum decrypt(FunctionCallInfo fcinfo) {
  Jsonb *record = PG_GETARG_JSONB_P(1);
  size_t length, written;
  char *partition = utf8(PG_GETARG_TEXT_PP(0), &length);
  AsherahSession *session = session_of(partition, length);
  char *json = JsonbToCString(NULL, &record->root, VARSIZE(record));
  char *utf8_json = pg_server_to_any(json, (int)strlen(json), PG_UTF8);
  bytea *data = (bytea *)call(DECRYPT, session, utf8_json, strlen(utf8_json), VARHDRSZ, &written);

  SET_VARSIZE(data, VARHDRSZ + written);
  pfree(json);
  PG_RETURN_BYTEA_P(data);
}

/* Whatever goes wrong: the statement may have the plaintext in it, and the log is not the place for that. */
static Datum hidden(Datum (*function)(FunctionCallInfo), FunctionCallInfo fcinfo) {
  ErrorContextCallback callback;
  Datum result;

  statement_hide(&callback);
  result = function(fcinfo);
  statement_show(&callback);
  return result;
}

PG_FUNCTION_INFO_V1(pg_asherah_encrypt);
Datum pg_asherah_encrypt(PG_FUNCTION_ARGS) { return hidden(encrypt, fcinfo); }

PG_FUNCTION_INFO_V1(pg_asherah_decrypt);
Datum pg_asherah_decrypt(PG_FUNCTION_ARGS) { return hidden(decrypt, fcinfo); }
