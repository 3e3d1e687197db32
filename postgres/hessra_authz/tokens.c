#include "hessra_authz.h"

#include "common/hashfn.h"
#include "lib/ilist.h"
#include "utils/memutils.h"

/* A token, parsed and, after the first request, with its signatures judged, which libhessra keeps with the handle.
 * Whether it is expired and allows a request is judged anew in each second. */
typedef struct Token {
  dlist_node node;
  HessraToken handle; /* NULL if the text is no token of this key: that does not change */
  Reason refused;     /* why, if so */
  uint64 number;      /* no other token of this backend has it; 0 if it is not kept */
  uint64 hash;
  int length;
  char text[FLEXIBLE_ARRAY_MEMBER]; /* with a NUL behind it */
} Token;

/* Longer ones are judged without being kept. */
enum { LONGEST_KEPT = 64 * 1024 };

/* The tokens that are kept, the one used last first; all of the same generation of the configuration. */
static struct {
  MemoryContext context;
  dlist_head list;
  int count;
  uint64 generation;
  uint64 last_number;
  uint64 seed;
} kept = {.list = DLIST_STATIC_INIT(kept.list)};

static Token *make(MemoryContext context, const char *text, int length, uint64 hash) {
  Token *token = MemoryContextAllocExtended(context, offsetof(Token, text) + length + 1, MCXT_ALLOC_HUGE);

  token->handle = NULL;
  token->refused.word[0] = '\0';
  token->number = 0;
  token->hash = hash;
  token->length = length;
  memcpy(token->text, text, length);
  token->text[length] = '\0';
  return token;
}

/* Who has a token's text can use it: it does not stay in memory that is free. */
static void release(Token *token) {
  if (token->handle != NULL)
    hessra.token_free(token->handle);
  explicit_bzero(token->text, token->length);
  pfree(token);
}

/* Lets those used longest ago go until so many are left. */
static void keep(int count) {
  while (kept.count > count) {
    Token *last = dlist_tail_element(Token, node, &kept.list);

    dlist_delete(&last->node);
    kept.count--;
    release(last);
  }
}

static Token *look_up(const char *text, int length, uint64 hash) {
  dlist_iter at;

  dlist_foreach(at, &kept.list) {
    Token *token = dlist_container(Token, node, at.cur);

    if (token->hash == hash && token->length == length && memcmp(token->text, text, length) == 0) {
      dlist_move_head(&kept.list, &token->node);
      return token;
    }
  }
  return NULL;
}

static void prepare(void) {
  if (kept.context == NULL) {
    uint64 seed;

    if (!pg_strong_random(&seed, sizeof seed))
      ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not get random bytes for hessra_authz")));
    kept.seed = seed;
    kept.context = AllocSetContextCreate(TopMemoryContext, "hessra_authz tokens", ALLOCSET_DEFAULT_SIZES);
  }
  if (kept.generation != configuration_generation()) {
    keep(0);
    kept.generation = configuration_generation();
  }
}

/* The first word of libhessra's last error. */
static void take_reason(Reason *reason) {
  char words[256];
  size_t length;

  last_words(words, sizeof words);
  length = strcspn(words, ":");
  if (length >= sizeof reason->word)
    length = 0;
  memcpy(reason->word, words, length);
  reason->word[length] = '\0';
}

/* Asks libhessra. A text that can never be a good token under this key is not parsed again. */
static HessraResult judge(Token *token, HessraPublicKey key, const HessraRequest *request, Reason *reason) {
  HessraResult result = HESSRA_SUCCESS;

  if (token->refused.word[0] != '\0') {
    *reason = token->refused;
    return HESSRA_ERROR_INVALID_TOKEN;
  }
  if (token->handle == NULL)
    result = hessra.token_parse(token->text, &token->handle);
  if (result == HESSRA_SUCCESS)
    result = hessra.token_authorize(token->handle, key, request);
  if (result == HESSRA_ERROR_VERIFICATION_FAILED || result == HESSRA_ERROR_INVALID_TOKEN)
    take_reason(reason);
  if (result == HESSRA_ERROR_INVALID_TOKEN) {
    token->refused = *reason;
    hessra.token_free(token->handle);
    token->handle = NULL;
  }
  return result;
}

/* Judges a token that is kept, once a second for each request. */
static HessraResult judge_kept(Token *token, HessraPublicKey key, const HessraRequest *request, Reason *reason) {
  Verdict *verdict = verdict_place(token->number, request);
  HessraResult result;

  if (verdict != NULL && verdict->known) {
    *reason = verdict->reason;
    return verdict->result;
  }
  result = judge(token, key, request, reason);
  if (verdict != NULL && (result == HESSRA_SUCCESS || result == HESSRA_ERROR_VERIFICATION_FAILED)) {
    verdict->result = result;
    verdict->reason = *reason;
    verdict->known = true;
  }
  return result;
}

HessraResult tokens_judge(const char *text, int length, HessraPublicKey key, const HessraRequest *request,
                          Reason *reason) {
  Token *token;
  HessraResult result;
  uint64 hash;

  reason->word[0] = '\0';
  prepare();
  if (hessra_token_cache_size == 0 || length > LONGEST_KEPT) {
    keep(hessra_token_cache_size);
    token = make(CurrentMemoryContext, text, length, 0);
    result = judge(token, key, request, reason);
    release(token);
    return result;
  }
  /* The seed is this backend's: no one can make texts that meet in the hash, or learn from its time about the tokens of
   * others that used this connection. The whole text decides. */
  hash = hash_bytes_extended((const unsigned char *)text, length, kept.seed);
  token = look_up(text, length, hash);
  if (token == NULL) {
    keep(hessra_token_cache_size - 1);
    token = make(kept.context, text, length, hash);
    dlist_push_head(&kept.list, &token->node);
    kept.count++;
    token->number = ++kept.last_number;
  }
  return judge_kept(token, key, request, reason);
}
