/*
 * Searches a file for many byte strings at once: scan PATTERNS FILE. PATTERNS has one string a line, in hex, at least
 * two bytes each. Standard input has the ranges of FILE to read, one a line: "<first> <end>" in hex. Every place where
 * a string is found is printed: "<number of the line, from 0> <place, hex>"; and where reading a range ended early:
 * "unreadable <place>".
 */
#define _FILE_OFFSET_BITS 64
#define _DEFAULT_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_PATTERNS = 8192, MAX_LEN = 256, PREFIXES = 1 << 16 };

static struct {
  uint8_t bytes[MAX_LEN];
  size_t len;
  int next; /* with the same first two bytes, -1: none */
} patterns[MAX_PATTERNS];
static int count;
static int first[PREFIXES];

static void die(const char *what) {
  perror(what);
  exit(1);
}

static void read_patterns(const char *path) {
  FILE *file = fopen(path, "r");
  char line[2 * MAX_LEN + 8];
  unsigned byte;
  if (!file)
    die(path);
  memset(first, -1, sizeof first);
  for (; count < MAX_PATTERNS && fgets(line, sizeof line, file); count++) {
    size_t n = 0;
    while (n < MAX_LEN && sscanf(line + 2 * n, "%2x", &byte) == 1)
      patterns[count].bytes[n++] = (uint8_t)byte;
    if (n < 2) {
      fprintf(stderr, "scan: line %d is no pattern\n", count);
      exit(1);
    }
    patterns[count].len = n;
    int prefix = patterns[count].bytes[0] << 8 | patterns[count].bytes[1];
    patterns[count].next = first[prefix];
    first[prefix] = count;
  }
  fclose(file);
}

static void search(const uint8_t *data, size_t len, uint64_t place) {
  for (size_t at = 0; at + 1 < len; at++)
    for (int i = first[data[at] << 8 | data[at + 1]]; i >= 0; i = patterns[i].next)
      if (len - at >= patterns[i].len && memcmp(data + at, patterns[i].bytes, patterns[i].len) == 0)
        printf("%d %llx\n", i, (unsigned long long)(place + at));
}

int main(int argc, char **argv) {
  if (argc != 3)
    return 2;
  read_patterns(argv[1]);
  int file = open(argv[2], O_RDONLY);
  if (file < 0)
    die(argv[2]);
  unsigned long long begin, end;
  while (scanf("%llx %llx", &begin, &end) == 2) {
    size_t len = (size_t)(end - begin), got = 0;
    uint8_t *data = malloc(len + 1);
    if (!data)
      die("malloc");
    while (got < len) {
      ssize_t n = pread(file, data + got, len - got, (off_t)(begin + got));
      if (n <= 0) {
        printf("unreadable %llx\n", begin + got);
        break;
      }
      got += (size_t)n;
    }
    search(data, got, begin);
    free(data);
  }
  return 0;
}
