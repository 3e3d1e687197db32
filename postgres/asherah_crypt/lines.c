#include "asherah_crypt.h"

#include "mb/pg_wchar.h"

#include <pthread.h>

/* Lines from whatever thread, which wait for the backend. Those that find no room are counted. */
#define LINES_KEPT 32
#define LINE_SIZE 512

static char kept[LINES_KEPT][LINE_SIZE];
static int count, dropped;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* On any thread, within a call of the library: of PostgreSQL only what works on strings alone may be called. */
static void keep(void *unused, int32_t level, const char *target, const char *message) {
  pthread_mutex_lock(&lock);
  if (count < LINES_KEPT) {
    snprintf(kept[count++], LINE_SIZE, "%s: %s", target, message);
  } else {
    dropped++;
  }
  pthread_mutex_unlock(&lock);
}

void lines_collect(void) { asherah.set_log_hook(keep, NULL, ASHERAH_LOG_WARN); }

/* A database of another encoding shows what is not ASCII as question marks; a line that cannot be converted would be an
 * error in the place of the one that it explains. */
void lines_encode(char *text) {
  if (GetDatabaseEncoding() == PG_UTF8) {
    text[pg_mbcliplen(text, (int)strlen(text), (int)strlen(text))] = '\0';
    return;
  }
  for (; *text != '\0'; text++)
    if (IS_HIGHBIT_SET(*text))
      *text = '?';
}

void lines_write(void) {
  for (;;) {
    char text[LINE_SIZE];
    int lost = 0;

    pthread_mutex_lock(&lock);
    if (count > 0) {
      strlcpy(text, kept[0], sizeof text);
      count--;
      memmove(kept, kept + 1, (size_t)count * sizeof *kept);
    } else {
      lost = dropped;
      dropped = 0;
      text[0] = '\0';
    }
    pthread_mutex_unlock(&lock);
    if (lost > 0)
      snprintf(text, sizeof text, "%d lines were dropped", lost);
    if (text[0] == '\0')
      return;
    lines_encode(text);
    ereport(LOG_SERVER_ONLY, (errmsg("asherah_crypt: %s", text), errhidestmt(true), errhidecontext(true)));
  }
}
