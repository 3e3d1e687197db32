/* asherah_aes_gcm_seal() and asherah_aes_gcm_open(): published test cases, OpenSSL, overlaps, and what no correct
 * program gives them. */
#define _GNU_SOURCE
#include "check.h"

#include <openssl/evp.h>
#include <sys/mman.h>
#include <unistd.h>

enum { KEY = ASHERAH_AES_KEY_SIZE, NONCE = ASHERAH_AES_NONCE_SIZE, TAG = ASHERAH_AES_TAG_SIZE, LONG = 1 << 20 };

static const int refused = ASHERAH_ERROR_INVALID_ARGUMENT, small = ASHERAH_ERROR_BUFFER_TOO_SMALL,
                 altered = ASHERAH_ERROR_AUTHENTICATION;

static size_t from_hex(const char *hex, uint8_t *bytes) {
  size_t n = strlen(hex) / 2;
  for (size_t i = 0; i < n; i++) {
    const char digits[3] = {hex[2 * i], hex[2 * i + 1], '\0'};
    bytes[i] = (uint8_t)strtoul(digits, NULL, 16);
  }
  return n;
}

static bool is_zero(const uint8_t *data, size_t len) {
  for (size_t i = 0; i < len; i++)
    if (data[i] != 0)
      return false;
  return true;
}

/* Those for 256-bit keys, 96-bit nonces and no additional data: test cases 13 to 15 of "The Galois/Counter Mode of
 * Operation" (McGrew, Viega), and two of NIST's CAVP, gcmEncryptExtIV256. */
static const struct {
  const char *key, *nonce, *plaintext, *sealed;
} vectors[] = {
    {"0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000", "",
     "530f8afbc74536b9a963b4f1c4cb738b"},
    {"0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000",
     "00000000000000000000000000000000", "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"},
    {"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
     "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
     "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad"
     "b094dac5d93471bdec1a502270e3cc6c"},
    {"b52c505a37d78eda5dd34f20c22540ea1b58963cf8e5bf8ffa85f9f2492505b4", "516c33929df5a3284ff463d7", "",
     "bdc1ac884d332457a1d2664f168c76f0"},
    {"31bdadd96698c204aa9ce1448ea94ae1fb4a9a0b3c9d773b51bb1822666b8f22", "0d18e06c7c725ac9e362e1ce",
     "2db5168e932556f8089a0622981d017d", "fa4362189661d163fcd6a56d8bf0405ad636ac1bbedd5cc3ee727dc2ab4a9489"},
};

static void test_published_vectors(void) {
  for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
    uint8_t key[KEY], nonce[NONCE], plaintext[128], sealed[128], out[128];
    size_t written = 0;
    CHECK(from_hex(vectors[i].key, key) == KEY && from_hex(vectors[i].nonce, nonce) == NONCE, "vector %zu", i);
    size_t len = from_hex(vectors[i].plaintext, plaintext), sealed_len = from_hex(vectors[i].sealed, sealed);
    CHECK_STATUS(asherah_aes_gcm_seal(key, nonce, plaintext, len, out, sizeof out, &written), ASHERAH_OK);
    CHECK(written == sealed_len && memcmp(out, sealed, sealed_len) == 0, "vector %zu is sealed to other bytes", i);
    CHECK_STATUS(asherah_aes_gcm_open(key, nonce, sealed, sealed_len, out, sizeof out, &written), ASHERAH_OK);
    CHECK(written == len && memcmp(out, plaintext, len) == 0, "vector %zu is opened to other bytes", i);
  }
}

static size_t openssl_seal(const uint8_t *key, const uint8_t *nonce, const uint8_t *data, size_t len, uint8_t *out) {
  EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
  int n = 0, end = 0;
  bool good = EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), NULL, key, nonce) == 1 &&
              EVP_EncryptUpdate(context, out, &n, data, (int)len) == 1 &&
              EVP_EncryptFinal_ex(context, out + n, &end) == 1 &&
              EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, TAG, out + n + end) == 1;
  CHECK(good, "OpenSSL cannot seal %zu bytes", len);
  EVP_CIPHER_CTX_free(context);
  return (size_t)(n + end) + TAG;
}

static void fill(uint8_t *data, size_t len, uint64_t *random) {
  for (size_t i = 0; i < len; i++)
    data[i] = (uint8_t)(check_random(random) >> 24);
}

/* Both seal the same to the same, and what OpenSSL has sealed is opened, in place and into other memory. */
static size_t rounds = 600;

static void test_openssl_agrees(void) {
  uint64_t random = 20240917;
  uint8_t key[KEY], nonce[NONCE];
  uint8_t *data = malloc(LONG), *ours = malloc(LONG + TAG), *theirs = malloc(LONG + TAG);
  REQUIRE(data && ours && theirs, "no memory");
  for (size_t round = 0; round < rounds; round++) {
    size_t len = round < rounds / 2   ? round
                 : round < rounds - 2 ? check_random(&random) % 20000
                                      : LONG - (rounds - round),
           written = 0;
    fill(key, KEY, &random);
    fill(nonce, NONCE, &random);
    fill(data, len, &random);
    size_t sealed_len = openssl_seal(key, nonce, data, len, theirs);
    CHECK_STATUS(asherah_aes_gcm_seal(key, nonce, data, len, ours, len + TAG, &written), ASHERAH_OK);
    CHECK(written == sealed_len && memcmp(ours, theirs, sealed_len) == 0, "%zu bytes are sealed differently", len);
    memcpy(ours, data, len);
    CHECK_STATUS(asherah_aes_gcm_seal(key, nonce, ours, len, ours, len + TAG, &written), ASHERAH_OK);
    CHECK(written == sealed_len && memcmp(ours, theirs, sealed_len) == 0, "%zu bytes in place", len);
    CHECK_STATUS(asherah_aes_gcm_open(key, nonce, theirs, sealed_len, ours, len, &written), ASHERAH_OK);
    CHECK(written == len && memcmp(ours, data, len) == 0, "%zu bytes are opened differently", len);
    CHECK_STATUS(asherah_aes_gcm_open(key, nonce, theirs, sealed_len, theirs, sealed_len, &written), ASHERAH_OK);
    CHECK(written == len && memcmp(theirs, data, len) == 0, "%zu bytes in place", len);
  }
  free(data);
  free(ours);
  free(theirs);
}

/* Any bit changed anywhere, or another length: nothing comes out. */
static void test_altered_data(void) {
  enum { LEN = 80 };
  uint64_t random = 99;
  uint8_t key[KEY], nonce[NONCE], data[LEN], sealed[LEN + TAG], copy[LEN + TAG + 1], out[LEN + 1];
  size_t written = 0;
  fill(key, KEY, &random);
  fill(nonce, NONCE, &random);
  fill(data, LEN, &random);
  CHECK_STATUS(asherah_aes_gcm_seal(key, nonce, data, LEN, sealed, sizeof sealed, &written), ASHERAH_OK);
  for (size_t bit = 0; bit < 8 * (sizeof sealed + KEY + NONCE); bit++) {
    uint8_t *place = bit < 8 * sizeof sealed           ? &sealed[bit / 8]
                     : bit < 8 * (sizeof sealed + KEY) ? &key[bit / 8 - sizeof sealed]
                                                       : &nonce[bit / 8 - sizeof sealed - KEY];
    *place ^= (uint8_t)(1 << bit % 8);
    memset(out, 'o', sizeof out);
    written = 1;
    CHECK_STATUS(asherah_aes_gcm_open(key, nonce, sealed, sizeof sealed, out, LEN, &written), altered);
    CHECK(written == 0 && is_zero(out, LEN) && out[LEN] == 'o', "bit %zu: the output is not wiped", bit);
    memcpy(copy, sealed, sizeof sealed);
    CHECK_STATUS(asherah_aes_gcm_open(key, nonce, copy, sizeof sealed, copy, LEN, &written), altered);
    CHECK(written == 0 && is_zero(copy, LEN), "bit %zu: the output in place is not wiped", bit);
    *place ^= (uint8_t)(1 << bit % 8);
  }
  memcpy(copy, sealed, sizeof sealed);
  copy[sizeof sealed] = 0;
  for (size_t len = 0; len <= sizeof copy; len++)
    if (len != sizeof sealed)
      CHECK_STATUS(asherah_aes_gcm_open(key, nonce, copy, len, out, sizeof out, &written), altered);
  CHECK_STATUS(asherah_aes_gcm_open(key, nonce, NULL, 0, NULL, 0, &written), altered);
  CHECK_STATUS(asherah_aes_gcm_open(key, nonce, sealed, sizeof sealed, out, LEN, &written), ASHERAH_OK);
  CHECK(written == LEN && memcmp(out, data, LEN) == 0, "the sealed data itself");
}

static void test_overlaps(void) {
  enum { LEN = 64, AT = 256 };
  uint8_t area[1024], key[KEY] = {1}, nonce[NONCE] = {2}, good[LEN + TAG];
  size_t written = 0;
  memset(area, 'a', sizeof area);
  CHECK_STATUS(asherah_aes_gcm_seal(key, nonce, area, LEN, good, sizeof good, &written), ASHERAH_OK);
  for (int shift = -(LEN + TAG) - 1; shift <= LEN + 1; shift++) {
    bool apart = shift == 0 || shift >= LEN || shift <= -(LEN + TAG);
    uint8_t *out = area + AT + shift;
    memset(area, 'a', sizeof area);
    CHECK_STATUS(asherah_aes_gcm_seal(key, nonce, area + AT, LEN, out, LEN + TAG, &written),
                 apart ? ASHERAH_OK : refused);
    CHECK(!apart || memcmp(out, good, sizeof good) == 0, "shifted by %d", shift);
    memset(area, 'a', sizeof area);
    memcpy(area + AT, good, sizeof good);
    apart = shift == 0 || shift >= LEN + TAG || shift <= -LEN;
    CHECK_STATUS(asherah_aes_gcm_open(key, nonce, area + AT, LEN + TAG, out, LEN, &written),
                 apart ? ASHERAH_OK : refused);
    CHECK(!apart || out[0] == 'a', "shifted by %d", shift);
  }
  /* Key and nonce beside the output, and in it. */
  memcpy(area, key, KEY);
  memcpy(area + KEY + LEN + TAG, nonce, NONCE);
  uint8_t *out = area + KEY;
  uint8_t *behind = out + LEN + TAG;
  memset(out, 'a', LEN);
  CHECK_STATUS(asherah_aes_gcm_seal(area, behind, out, LEN, out, LEN + TAG, &written), ASHERAH_OK);
  CHECK(memcmp(out, good, sizeof good) == 0, "between key and nonce");
  CHECK_STATUS(asherah_aes_gcm_seal(area + 1, behind, out, LEN, out, LEN + TAG, &written), refused);
  CHECK_STATUS(asherah_aes_gcm_seal(area, behind - 1, out, LEN, out, LEN + TAG, &written), refused);
  CHECK_STATUS(asherah_aes_gcm_open(area, behind, out, LEN + TAG, out, LEN + TAG + 1, &written), refused);
  CHECK_STATUS(asherah_aes_gcm_open(area, behind, out, LEN + TAG, out, LEN + TAG, &written), ASHERAH_OK);
}

static uint8_t *endless; /* ASHERAH_MAX_INPUT + 1 readable zeros */

static void arguments(size_t index, void *argument) {
  (void)index, (void)argument;
  const size_t lengths[] = {ASHERAH_MAX_INPUT + 1, (size_t)1 << 32, SIZE_MAX / 2, SIZE_MAX - TAG, SIZE_MAX};
  uint8_t key[KEY] = {0}, nonce[NONCE] = {0}, data[32] = {0}, out[64];
  size_t written = 0;
  CHECK_STATUS(asherah_aes_gcm_seal(NULL, nonce, data, 1, out, sizeof out, &written), refused);
  CHECK_STATUS(asherah_aes_gcm_open(NULL, nonce, data, 20, out, sizeof out, &written), refused);
  CHECK_STATUS(asherah_aes_gcm_seal(key, NULL, data, 1, out, sizeof out, &written), refused);
  CHECK_STATUS(asherah_aes_gcm_open(key, NULL, data, 20, out, sizeof out, &written), refused);
  CHECK_STATUS(asherah_aes_gcm_seal(key, nonce, NULL, 1, out, sizeof out, &written), refused);
  CHECK_STATUS(asherah_aes_gcm_open(key, nonce, NULL, 20, out, sizeof out, &written), refused);
  CHECK_STATUS(asherah_aes_gcm_seal(key, nonce, data, 1, NULL, 17, &written), refused);
  CHECK_STATUS(asherah_aes_gcm_open(key, nonce, data, 17, NULL, 1, &written), refused);
  CHECK_STATUS(asherah_aes_gcm_seal(key, nonce, data, 1, out, sizeof out, NULL), refused);
  CHECK_STATUS(asherah_aes_gcm_open(key, nonce, data, 17, out, sizeof out, NULL), refused);
  CHECK_STATUS(asherah_aes_gcm_seal(key, nonce, data, 1, out, SIZE_MAX, &written), refused);
  CHECK_STATUS(asherah_aes_gcm_open(key, nonce, data, 17, out, SIZE_MAX, &written), refused);
  for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
    CHECK_STATUS(asherah_aes_gcm_seal(key, nonce, data, lengths[i], out, sizeof out, &written), refused);
    CHECK_STATUS(asherah_aes_gcm_open(key, nonce, data, lengths[i], out, sizeof out, &written), refused);
    CHECK(written == 0, "%zu written", written);
  }
  memset(out, 'o', sizeof out);
  for (size_t room = 0; room < 32; room++) {
    CHECK_STATUS(asherah_aes_gcm_seal(key, nonce, data, 16, room ? out : NULL, room, &written), small);
    CHECK(written == 32, "%zu needed", written);
  }
  for (size_t room = 0; room < 16; room++) {
    CHECK_STATUS(asherah_aes_gcm_open(key, nonce, data, 32, room ? out : NULL, room, &written), small);
    CHECK(written == 16, "%zu needed", written);
  }
  CHECK(out[0] == 'o', "something was written");
  CHECK_STATUS(asherah_aes_gcm_seal(key, nonce, endless, ASHERAH_MAX_INPUT, out, sizeof out, &written), small);
  CHECK(written == ASHERAH_MAX_INPUT + TAG, "%zu needed", written);
  /* No input at all, at an address that is none. */
  CHECK_STATUS(asherah_aes_gcm_seal(key, nonce, (const uint8_t *)1, 0, out, sizeof out, &written), ASHERAH_OK);
  CHECK_STATUS(asherah_aes_gcm_open(key, nonce, out, written, NULL, 0, &written), ASHERAH_OK);
  CHECK(written == 0, "%zu written", written);
}

static void test_arguments(void) { arguments(0, NULL); }
static void test_arguments_in_8_threads(void) { check_threads(8, arguments, NULL); }

static void seal_and_open(size_t index, void *argument) {
  (void)argument;
  uint64_t random = index + 1;
  uint8_t key[KEY], nonce[NONCE], data[256], sealed[256 + TAG], theirs[256 + TAG];
  for (size_t i = 0; i < rounds; i++) {
    size_t len = check_random(&random) % sizeof data, written = 0;
    fill(key, KEY, &random);
    fill(nonce, NONCE, &random);
    fill(data, len, &random);
    CHECK_STATUS(asherah_aes_gcm_seal(key, nonce, data, len, sealed, sizeof sealed, &written), ASHERAH_OK);
    openssl_seal(key, nonce, data, len, theirs);
    CHECK(memcmp(sealed, theirs, len + TAG) == 0, "%zu bytes", len);
    CHECK_STATUS(asherah_aes_gcm_open(key, nonce, sealed, written, sealed, sizeof sealed, &written), ASHERAH_OK);
    CHECK(written == len && memcmp(sealed, data, len) == 0, "%zu bytes", len);
  }
}

static void test_seal_and_open_in_8_threads(void) { check_threads(8, seal_and_open, NULL); }

/* With an argument less of everything, for valgrind. */
int main(int argc, char **argv) {
  (void)argv;
  if (argc > 1)
    rounds = 60;
  endless = mmap(NULL, ASHERAH_MAX_INPUT + 1, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (endless == MAP_FAILED) {
    printf("FAIL cipher: mmap\n");
    return 1;
  }
  long long secrets = check_stat("live_secrets");
  RUN(test_published_vectors);
  RUN(test_openssl_agrees);
  RUN(test_altered_data);
  RUN(test_overlaps);
  RUN(test_arguments);
  RUN(test_arguments_in_8_threads);
  RUN(test_seal_and_open_in_8_threads);
  if (check_stat("live_secrets") != secrets) {
    printf("FAIL cipher: %lld live secrets, %lld before\n", check_stat("live_secrets"), secrets);
    return 1;
  }
  FINISH();
}
