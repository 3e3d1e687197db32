/* What the C test programs share: CHECK for what must hold; a program prints "ok NAME" or "FAIL NAME: ..." and ends
 * with FINISH. CHECK may be used from several threads. */
#ifndef HESSRA_CHECK_H
#define HESSRA_CHECK_H

#include <hessra.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static atomic_int check_failures;

#define CHECK(condition)                                                                                               \
  do {                                                                                                                 \
    if (!(condition) && atomic_fetch_add(&check_failures, 1) < 10)                                                     \
      printf("FAIL %s:%d: %s\n", __FILE__, __LINE__, #condition);                                                      \
  } while (0)

#define CHECK_RESULT(call, expected)                                                                                   \
  do {                                                                                                                 \
    HessraResult result_ = (call);                                                                                     \
    if (result_ != (expected) && atomic_fetch_add(&check_failures, 1) < 10)                                            \
      printf("FAIL %s:%d: %s is %d, not %d\n", __FILE__, __LINE__, #call, (int)result_, (int)(expected));              \
  } while (0)

#define FINISH(name)                                                                                                   \
  do {                                                                                                                 \
    if (check_failures == 0)                                                                                           \
      printf("ok %s\n", name);                                                                                         \
    return check_failures != 0;                                                                                        \
  } while (0)

/* A case of the vectors, one a file, written by run.sh: the key, the token, the subject, resource and operation. */
struct sample {
  char key[1024], token[65536], subject[256], resource[256], operation[256];
};

static inline void read_text(const char *folder, const char *name, char *text, size_t size) {
  char path[1024];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "r");
  if (file == NULL) {
    printf("FAIL no file %s\n", path);
    exit(1);
  }
  text[fread(text, 1, size - 1, file)] = '\0';
  fclose(file);
}

static inline void read_sample(const char *folder, struct sample *s) {
  read_text(folder, "key", s->key, sizeof s->key);
  read_text(folder, "token", s->token, sizeof s->token);
  read_text(folder, "subject", s->subject, sizeof s->subject);
  read_text(folder, "resource", s->resource, sizeof s->resource);
  read_text(folder, "operation", s->operation, sizeof s->operation);
}

static inline HessraRequest request_of(const struct sample *s) {
  return (HessraRequest){
      .size = sizeof(HessraRequest),
      .kind = HESSRA_VERIFY_OPERATION,
      .subject = s->subject,
      .resource = s->resource,
      .operation = s->operation,
  };
}

#endif
