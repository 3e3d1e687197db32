#include "hessra_authz.h"

#include "trust.h"

#include "utils/memutils.h"
#include "utils/timestamp.h"

#include <errno.h>

/* The configuration in force. path is NULL until there is one. */
static struct {
  char *path;
  HessraPublicKey key;
  uint64 generation;
  TimestampTz reloaded; /* PgReloadTime when the file was last looked at */
  TimestampTz failed;   /* PgReloadTime when it could not be looked at, */
  TimestampTz tried;    /* and the clock then */
} current;

uint64 configuration_generation(void) { return current.generation; }

/* Whoever can write or replace the file decides what policies answer. */
static void check_file(const char *path, Fault *fault) {
  Trust trust;

  trust_check(path, &trust);
  switch (trust.fault) {
  case TRUSTED:
    break;
  case TRUST_UNREADABLE:
    fault_set(fault, trust.error == ENOENT ? ERRCODE_UNDEFINED_FILE : ERRCODE_IO_ERROR,
              "the configuration of hessra_authz cannot be read", "%s: %s", strerror(trust.error), path);
    break;
  case TRUST_NO_FILE:
    fault_set(fault, ERRCODE_WRONG_OBJECT_TYPE, "the configuration of hessra_authz cannot be read",
              "%s is not a regular file.", path);
    break;
  case TRUST_OWNER:
    fault_set(fault, ERRCODE_CONFIG_FILE_ERROR,
              trust.above ? "the configuration of hessra_authz can be replaced by others"
                          : "the configuration of hessra_authz has the wrong owner",
              "%s must be owned by the server's user or by root.", trust.place);
    break;
  case TRUST_WRITABLE:
    fault_set(fault, ERRCODE_CONFIG_FILE_ERROR,
              trust.above ? "the configuration of hessra_authz can be replaced by others"
                          : "the configuration of hessra_authz can be written by others",
              "%s must be writable by its owner alone (chmod go-w).", trust.place);
    break;
  }
}

/* Reads the key of a file. Nothing that may raise an error runs while the library's configuration is held. */
static HessraPublicKey read_key(const char *path, Fault *fault) {
  HessraConfig config;
  HessraPublicKey key = NULL;
  HessraResult result;
  char *key_file;

  check_file(path, fault);
  if (fault->sqlstate != 0)
    return NULL;
  result = hessra.config_from_file(path, &config);
  if (result != HESSRA_SUCCESS) {
    fault_of_result(fault, result, "the configuration of hessra_authz cannot be read");
    return NULL;
  }
  result = hessra.config_key_file(config, &key_file);
  if (result != HESSRA_SUCCESS)
    fault_of_result(fault, result, "the configuration of hessra_authz cannot be read");
  else if (key_file != NULL) {
    check_file(key_file, fault);
    hessra.error_free(key_file);
  }
  if (fault->sqlstate == 0) {
    result = hessra.config_get_public_key(config, NULL, &key);
    if (result != HESSRA_SUCCESS)
      fault_of_result(fault, result, "the configuration of hessra_authz has no default key");
  }
  hessra.config_free(config);
  return key;
}

/* Puts the key of a file into force, or says what is wrong. */
static void replace(const char *path, Fault *fault) {
  char *copy;
  HessraPublicKey key;
  TimestampTz reloaded = PgReloadTime;

  fault->sqlstate = 0;
  library_load();
  copy = MemoryContextStrdup(TopMemoryContext, path);
  key = read_key(copy, fault);
  if (fault->sqlstate != 0) {
    pfree(copy);
    return;
  }
  if (current.path != NULL) {
    pfree(current.path);
    hessra.public_key_free(current.key);
  }
  current.path = copy;
  current.key = key;
  current.reloaded = reloaded;
  current.generation++;
}

void configuration_read(const char *path) {
  Fault fault;

  if (*path == '\0')
    ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE), errmsg("hessra_authz is not configured"),
                    errhint("Set hessra.config_path to the file that has the key.")));
  replace(path, &fault);
  if (fault.sqlstate != 0)
    fault_raise(&fault);
}

/* Whether the file could not be read for want of something that may be there a second later. */
static bool to_be_tried_later(void) {
  TimestampTz now;

  if (current.failed != PgReloadTime)
    return false;
  now = GetCurrentTimestamp();
  return now >= current.tried && now < current.tried + USECS_PER_SEC;
}

/* A server that reloads a broken file goes on with what it had, and so does a session here. It does not go on for good
 * because files or memory were short at the time. */
static void reload(void) {
  Fault fault;
  TimestampTz reloaded = PgReloadTime;

  replace(current.path, &fault);
  if (fault.sqlstate == 0)
    return;
  if (current.failed != reloaded)
    fault_log(&fault);
  if (fault.sqlstate == ERRCODE_IO_ERROR || fault.sqlstate == ERRCODE_OUT_OF_MEMORY) {
    current.failed = reloaded;
    current.tried = GetCurrentTimestamp();
  } else {
    current.reloaded = reloaded;
  }
}

HessraPublicKey configuration_key(void) {
  if (current.path == NULL || strcmp(current.path, hessra_config_path) != 0)
    configuration_read(hessra_config_path);
  else if (current.reloaded != PgReloadTime && !to_be_tried_later())
    reload();
  return current.key;
}
