#include "asherah_crypt.h"

/*
 * None of class 08: clients and poolers take these for the end of their own connection. No query_canceled for a time
 * limit of the configuration, since that one means the server's.
 */
static const struct {
  int status;
  int sqlstate;
  const char *hint;
} faults[] = {
    {ASHERAH_ERROR_INVALID_ARGUMENT, ERRCODE_INVALID_PARAMETER_VALUE,
     "Partitions are not empty and at most 1 MiB long."},
    {ASHERAH_ERROR_CONFIGURATION, ERRCODE_CONFIG_FILE_ERROR, "Correct the file that asherah.config_path names."},
    {ASHERAH_ERROR_MALFORMED_RECORD, ERRCODE_INVALID_TEXT_REPRESENTATION,
     "Pass what asherah_encrypt() returned, unchanged."},
    {ASHERAH_ERROR_PARTITION_MISMATCH, ERRCODE_DATA_EXCEPTION,
     "Pass the partition that the record was encrypted for; ServiceName and ProductID must be the same too."},
    {ASHERAH_ERROR_METADATA_MISSING, ERRCODE_UNDEFINED_OBJECT,
     "The metastore does not have the record's key: is it the one that the record was encrypted with?"},
    {ASHERAH_ERROR_AUTHENTICATION, ERRCODE_DATA_CORRUPTED,
     "The record was altered, or a key is not the one that it was encrypted with."},
    {ASHERAH_ERROR_METASTORE, ERRCODE_IO_ERROR,
     "The server's log has the cause. Try again when the metastore answers."},
    {ASHERAH_ERROR_KMS, ERRCODE_SYSTEM_ERROR, "The server's log has the cause. Try again when the KMS answers."},
    {ASHERAH_ERROR_LOCKED_MEMORY, ERRCODE_OUT_OF_MEMORY,
     "Raise the limit on locked memory of the server, or set LockedMemory to \"prefer\"."},
    {ASHERAH_ERROR_TIMED_OUT, ERRCODE_CONFIGURATION_LIMIT_EXCEEDED,
     "A time limit of the configuration passed. Try again when metastore and KMS answer."},
    {ASHERAH_ERROR_UNSUPPORTED, ERRCODE_FEATURE_NOT_SUPPORTED, NULL},
    {ASHERAH_ERROR_QUEUE_FULL, ERRCODE_INSUFFICIENT_RESOURCES, NULL},
    {ASHERAH_ERROR_CANCELLED, ERRCODE_QUERY_CANCELED, NULL},
};

void fault_raise(int status, const char *message) {
  int sqlstate = ERRCODE_EXTERNAL_ROUTINE_EXCEPTION;
  const char *hint = NULL;
  char text[1024];

  strlcpy(text, message != NULL ? message : asherah.status_name(status), sizeof text);
  lines_encode(text);
  for (size_t i = 0; i < lengthof(faults); i++) {
    if (faults[i].status != status)
      continue;
    sqlstate = faults[i].sqlstate;
    hint = faults[i].hint;
  }
  lines_write();
  ereport(ERROR, (errcode(sqlstate), errmsg("%s", text), hint != NULL ? errhint("%s", hint) : 0));
}

void fault_raise_last(void) { fault_raise(asherah.last_error_code(), asherah.last_error_message()); }
