#include "hessra_authz.h"

#include "common/hashfn.h"

/* An answer holds for the same token, request and second: judging looks at the clock in whole seconds and at nothing
 * else that changes. A policy that is asked for each row pays for one judgement a second of each resource that its rows
 * name. A request has WAYS places to be in. */
enum { WAYS = 4, SETS = 128 };

static Verdict verdicts[SETS][WAYS];

/* Writes the kind and the texts of a request, each with its NUL, or returns 0 if they are too long to be kept. */
static int write_request(const HessraRequest *request, char to[VERDICT_LONGEST]) {
  const char *texts[] = {request->subject, request->resource, request->operation};
  int length = 1;

  to[0] = (char)request->kind;
  for (int i = 0; i < lengthof(texts); i++) {
    size_t size;

    if (texts[i] == NULL)
      continue;
    size = strlen(texts[i]) + 1;
    if (size > VERDICT_LONGEST - length)
      return 0;
    memcpy(to + length, texts[i], size);
    length += size;
  }
  return length;
}

Verdict *verdict_place(uint64 token, const HessraRequest *request) {
  char written[VERDICT_LONGEST];
  int length = write_request(request, written);
  Verdict *set, *empty;
  uint64 hash;

  if (length == 0)
    return NULL;
  hash = hash_bytes_extended((const unsigned char *)written, length, token);
  set = verdicts[hash % SETS];
  empty = &set[(hash >> 32) % WAYS];
  for (Verdict *verdict = set; verdict < set + WAYS; verdict++) {
    if (verdict->token == token && verdict->now == request->now && verdict->length == length &&
        memcmp(verdict->request, written, length) == 0)
      return verdict;
    /* One of another second is of no use any more. */
    if (verdict->now != request->now)
      empty = verdict;
  }
  empty->known = false;
  empty->token = token;
  empty->now = request->now;
  empty->length = length;
  memcpy(empty->request, written, length);
  return empty;
}
