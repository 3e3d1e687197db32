/*
 * EstimateBuffer() is never too small: whatever names, partition id and plaintext there are, the record fits, even if
 * the caller takes the estimate for the size of the whole buffer. cobhan_estimate [SEED [RECORDS]]
 */
#define _DEFAULT_SOURCE
#include "cobhan.h"

static uint64_t seed = 0x6573746d31; /* of check_random() */
static size_t records = 400;

enum { MAX_DATA = 8 << 20, MAX_PARTITION = 6000, MAX_NAME = 1024 };

/* What ids may be made of, from what JSON leaves alone to what it has most characters for. */
static const char *const characters[] = {"a",    "~",    "\"",     "\\",     "<",      "&",      "\n",        "\x01",
                                         "\x1f", "\x7f", "\u00e9", "\u2028", "\u2029", "\u5b57", "\U0001f600"};
enum { CHARACTERS = sizeof characters / sizeof characters[0] };

/* A text of at most max bytes, of one character or of several. */
static size_t make_text(uint8_t *text, size_t max) {
  size_t len = 0, one = check_random(&seed) % CHARACTERS;
  bool mixed = check_random(&seed) % 2;
  for (;;) {
    const char *next = characters[mixed ? check_random(&seed) % CHARACTERS : one];
    size_t n = strlen(next);
    if (len + n > max)
      return len;
    memcpy(text + len, next, n);
    len += n;
  }
}

/* Small numbers are as likely as large ones. */
static size_t some_size(size_t max) {
  size_t limit = (size_t)1 << check_random(&seed) % 24;
  return check_random(&seed) % ((limit < max ? limit : max) + 1);
}

/* The text as a member of the configuration. */
static size_t quote(char *out, const uint8_t *text, size_t len) {
  size_t n = 0;
  out[n++] = '"';
  for (size_t i = 0; i < len; i++) {
    if (text[i] < 0x20 || text[i] == '"' || text[i] == '\\')
      n += (size_t)sprintf(out + n, "\\u%04x", text[i]);
    else
      out[n++] = (char)text[i];
  }
  out[n++] = '"';
  out[n] = '\0';
  return n;
}

static int32_t setup(const uint8_t *service, size_t service_len, const uint8_t *product, size_t product_len,
                     const char *suffix) {
  static char config[20000];
  size_t n = (size_t)sprintf(config, "{\"ServiceName\":");
  n += quote(config + n, service, service_len);
  n += (size_t)sprintf(config + n, ",\"ProductID\":");
  n += quote(config + n, product, product_len);
  sprintf(config + n, ",\"RegionSuffix\":\"%s\",\"Metastore\":\"memory\",\"KMS\":\"test-debug-static\"}", suffix);
  return cobhan_setup(config);
}

static uint8_t data[MAX_DATA], partition[MAX_PARTITION];

/* One record, into a buffer that is as large in all as the estimate says. */
static void check_record(size_t data_len, size_t partition_len, int32_t estimate) {
  REQUIRE(estimate > COBHAN_HEADER, "%zu bytes: an estimate of %d", data_len, (int)estimate);
  struct cobhan id = cobhan_of(partition, partition_len), input = cobhan_of(data, data_len);
  struct cobhan out = cobhan_room((size_t)estimate - COBHAN_HEADER);
  CHECK_CODE(EncryptToJson(id.buffer, input.buffer, out.buffer), ASHERAH_COBHAN_OK);
  CHECK(cobhan_len(&out) <= estimate - COBHAN_HEADER, "%zu bytes of data, %zu of partition: %d, estimated %d", data_len,
        partition_len, (int)cobhan_len(&out), (int)estimate);
  cobhan_free(&id);
  cobhan_free(&input);
  cobhan_free(&out);
}

static void test_estimates_are_large_enough(void) {
  static uint8_t service[MAX_NAME], product[MAX_NAME];
  for (size_t i = 0; i < records; i++) {
    size_t service_len = 1 + some_size(MAX_NAME - 1), product_len = 1 + some_size(MAX_NAME - 1);
    memset(service, 's', sizeof service);
    memset(product, 'p', sizeof product);
    if (i % 3 != 0) {
      service_len = make_text(service, service_len + 4 > MAX_NAME ? MAX_NAME : service_len + 4);
      product_len = make_text(product, product_len + 4 > MAX_NAME ? MAX_NAME : product_len + 4);
    }
    size_t data_len = i < 40 ? i : some_size(MAX_DATA), partition_len = 4 + some_size(MAX_PARTITION - 4);
    int32_t before = EstimateBuffer((int32_t)data_len, (int32_t)partition_len);
    REQUIRE(setup(service, service_len, product, product_len, i % 4 == 0 ? "us-gov-northwest-1" : "") ==
                ASHERAH_COBHAN_OK,
            "record %zu: %s", i, asherah_last_error_message());
    partition_len = make_text(partition, partition_len);
    int32_t estimate = EstimateBuffer((int32_t)data_len, (int32_t)partition_len);
    CHECK(before >= estimate, "before SetupJson %d, after it %d", (int)before, (int)estimate);
    check_record(data_len, partition_len, estimate);
    Shutdown();
  }
}

/* The largest there may be: all of it escaped. */
static void test_longest(void) {
  static uint8_t names[2][MAX_NAME];
  char suffix[256];
  memset(names, 1, sizeof names);
  memset(partition, 2, sizeof partition);
  memset(suffix, 'r', sizeof suffix - 1);
  suffix[sizeof suffix - 1] = '\0';
  int32_t before = EstimateBuffer(MAX_DATA, MAX_PARTITION);
  CHECK_CODE(setup(names[0], MAX_NAME, names[1], MAX_NAME, suffix), ASHERAH_COBHAN_OK);
  check_record(MAX_DATA, MAX_PARTITION, before);
  check_record(MAX_DATA, MAX_PARTITION, EstimateBuffer(MAX_DATA, MAX_PARTITION));
  Shutdown();
}

/* Bindings that estimate for themselves, with the formula of godaddy/asherah-cobhan, get by too. */
static void test_others_estimates(void) {
  CHECK_CODE(setup((const uint8_t *)"service", 7, (const uint8_t *)"product", 7, "us-gov-west-1"), ASHERAH_COBHAN_OK);
  memset(partition, 'p', sizeof partition);
  for (size_t len = 0; len <= MAX_DATA; len += len < 300 ? 1 : len) {
    size_t estimate = 185 + 7 + 7 + 36 + (size_t)((double)(len + 48) * 1.34);
    check_record(len, 36, (int32_t)estimate + COBHAN_HEADER);
  }
  Shutdown();
}

static void test_overflow_is_refused(void) {
  for (int round = 0; round < 2; round++) {
    CHECK_CODE(EstimateBuffer(INT32_MAX, 0), ASHERAH_COBHAN_BUFFER_TOO_LARGE);
    CHECK_CODE(EstimateBuffer(0, INT32_MAX), ASHERAH_COBHAN_BUFFER_TOO_LARGE);
    CHECK_CODE(EstimateBuffer(INT32_MAX, INT32_MAX), ASHERAH_COBHAN_BUFFER_TOO_LARGE);
    int32_t fits = 0, refused = INT32_MAX; /* the place where it begins */
    while (refused - fits > 1) {
      int32_t middle = fits + (refused - fits) / 2, estimate = EstimateBuffer(middle, 10);
      CHECK(estimate == ASHERAH_COBHAN_BUFFER_TOO_LARGE || estimate > middle, "%d: %d", (int)middle, (int)estimate);
      *(estimate > 0 ? &fits : &refused) = middle;
    }
    CHECK(fits > 1600000000 && EstimateBuffer(fits, 10) > INT32_MAX - 8, "%d: %d", (int)fits,
          (int)EstimateBuffer(fits, 10));
    if (round == 0)
      CHECK_CODE(cobhan_setup(CHECK_CONFIG), ASHERAH_COBHAN_OK);
  }
  Shutdown();
}

int main(int argc, char **argv) {
  if (argc > 1)
    seed = strtoull(argv[1], NULL, 10) | 1;
  if (argc > 2)
    records = strtoull(argv[2], NULL, 10);
  for (size_t i = 0; i < sizeof data; i++)
    data[i] = (uint8_t)i;
  RUN(test_estimates_are_large_enough);
  RUN(test_longest);
  RUN(test_others_estimates);
  RUN(test_overflow_is_refused);
  FINISH();
}
