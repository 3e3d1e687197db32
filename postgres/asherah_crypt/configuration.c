#include "asherah_crypt.h"

#include <ctype.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* What the library takes. */
#define CONFIGURATION_MAX ((size_t)1 << 20)

static void refuse(int sqlstate, const char *message, const char *path, const char *hint) __attribute__((__noreturn__));

/* Where the file lies concerns nobody but whom the log is for. */
static void refuse(int sqlstate, const char *message, const char *path, const char *hint) {
  ereport(ERROR, (errcode(sqlstate), errmsg("the configuration of asherah_crypt %s", message),
                  errdetail_log("The file is \"%s\".", path), errhint("%s", hint)));
}

/* NULL, or what is wrong with who may read or write the file. */
static const char *exposed(const struct stat *file) {
  if (!S_ISREG(file->st_mode))
    return "is not a file";
  if (file->st_uid != geteuid() && file->st_uid != 0)
    return "is a file of another user than the server's or root";
  if ((file->st_mode & (S_IRWXG | S_IRWXO)) & ~(file->st_uid == 0 ? S_IRGRP : 0))
    return "is a file that others can read or write";
  return NULL;
}

/*
 * A metastore in memory would be a metastore of one session, whose keys and records nobody can read afterwards. Looks
 * for the member as text: the library, which reads the same text, has the last word on everything else.
 */
static bool keeps_keys_in_memory(const char *text) {
  static const char member[] = "\"Metastore\"";
  const char *at = text;
  while ((at = strstr(at, member)) != NULL) {
    at += sizeof member - 1;
    while (isspace((unsigned char)*at))
      at++;
    if (*at++ != ':')
      continue;
    while (isspace((unsigned char)*at))
      at++;
    if (pg_strncasecmp(at, "\"memory\"", 8) == 0 || pg_strncasecmp(at, "\"test-debug-memory\"", 19) == 0)
      return true;
  }
  return false;
}

/* Reads at most one byte more than there may be. Returns how many, or -1. */
static ssize_t read_all(int fd, char *to) {
  size_t length = 0;
  while (length <= CONFIGURATION_MAX) {
    ssize_t n = read(fd, to + length, CONFIGURATION_MAX + 1 - length);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return -1;
    if (n == 0)
      break;
    length += (size_t)n;
  }
  return (ssize_t)length;
}

char *configuration_read(const char *path) {
  if (path[0] == '\0')
    ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE), errmsg("asherah_crypt is not configured"),
                    errhint("Set asherah.config_path to the path of a configuration file.")));

  char *text = palloc0(CONFIGURATION_MAX + 2);
  const char *wrong;
  struct stat file;
  ssize_t length = -1;
  int error = 0;
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0 || fstat(fd, &file) != 0)
    refuse(ERRCODE_CONFIG_FILE_ERROR, "cannot be opened", path,
           "Check asherah.config_path and the rights to the file.");
  wrong = exposed(&file);
  if (wrong == NULL) {
    length = read_all(fd, text);
    error = errno;
  }
  close(fd);
  errno = error;
  if (wrong != NULL)
    refuse(ERRCODE_CONFIG_FILE_ERROR, wrong, path,
           "The server's user must own it, with mode 0600 or less; or root, with mode 0640 or less.");
  if (length < 0)
    refuse(ERRCODE_CONFIG_FILE_ERROR, "cannot be read", path, "Check the file system.");
  if ((size_t)length > CONFIGURATION_MAX || strlen(text) != (size_t)length)
    wrong = "is longer than 1 MiB or has a zero byte in it";
  else if (keeps_keys_in_memory(text))
    wrong = "keeps keys in memory, where they end with the session";
  if (wrong != NULL) {
    configuration_wipe(text);
    refuse(ERRCODE_CONFIG_FILE_ERROR, wrong, path, "Configure as in docs/asherah-postgres.md.");
  }
  return text;
}

void configuration_wipe(char *text) {
  explicit_bzero(text, CONFIGURATION_MAX + 2);
  pfree(text);
}
