#include "hessra_authz.h"

#include "common/hashfn.h"

/* An answer holds for the same token, request and second: judging looks at the clock in whole seconds and at nothing
 * else that changes. A policy that is asked for each row pays for one judgement a second that way. */
enum { PLACES = 64 };

static Verdict verdicts[PLACES];

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
  Verdict *verdict;

  if (length == 0)
    return NULL;
  verdict = &verdicts[hash_bytes_extended((const unsigned char *)written, length, token) % PLACES];
  if (verdict->token == token && verdict->now == request->now && verdict->length == length &&
      memcmp(verdict->request, written, length) == 0)
    return verdict;
  verdict->known = false;
  verdict->token = token;
  verdict->now = request->now;
  verdict->length = length;
  memcpy(verdict->request, written, length);
  return verdict;
}
