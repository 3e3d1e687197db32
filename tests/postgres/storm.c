/*
 * Connections that are cancelled, terminated and timed out at random while their backends judge tokens.
 *   storm CONNECTIONS SECONDS
 * The server and the superuser come from PGHOST, PGPORT and PGUSER; storm_setup.sql has made what it uses. Each
 * connection expects the right number of rows, the notification that it sends itself, or one of those ends.
 */
#include <libpq-fe.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static atomic_bool over;
static atomic_long answers[4], heard, cancelled, terminated, wrong;

/* Says what should not have happened; the first few are enough. */
static void complain(const char *what, const char *words) {
  if (atomic_fetch_add(&wrong, 1) < 10)
    fprintf(stderr, "FAIL storm: %s: %s\n", what, words);
}

/* Whether the connection goes on. */
static bool ended(PGconn *connection, PGresult *result, const char *what) {
  const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

  if (state != NULL && strcmp(state, "57014") == 0) {
    atomic_fetch_add(&cancelled, 1);
    return false;
  }
  if (state != NULL && strcmp(state, "57P01") == 0) {
    atomic_fetch_add(&terminated, 1);
    return true;
  }
  if (state == NULL && PQstatus(connection) == CONNECTION_BAD) {
    /* Terminated while it was idle: the message came with the statement before, or is lost with the connection. */
    atomic_fetch_add(&terminated, 1);
    return true;
  }
  complain(what, PQresultErrorMessage(result));
  return PQstatus(connection) == CONNECTION_BAD;
}

static bool run(PGconn *connection, const char *sql) {
  PGresult *result = PQexec(connection, sql);
  ExecStatusType status = PQresultStatus(result);
  bool end = false;

  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
    end = ended(connection, result, sql);
  PQclear(result);
  return !end;
}

/* A ROLLBACK that is cancelled leaves the transaction as it is. */
static bool roll_back(PGconn *connection) {
  do {
    if (!run(connection, "ROLLBACK"))
      return false;
  } while (PQtransactionStatus(connection) != PQTRANS_IDLE);
  return true;
}

/* A transaction with a token; the last result of PQexec() is that of the statement before COMMIT's. */
static bool transaction(PGconn *connection, int kind, unsigned dice) {
  char sql[1024];
  PGresult *result, *last = NULL;
  bool end = false;

  snprintf(sql, sizeof sql,
           "BEGIN; SET LOCAL statement_timeout = %u;"
           "SELECT set_config('app.token', token, true) IS NULL FROM storm.tokens WHERE kind = %d;"
           "SELECT pg_sleep(%s);"
           "SELECT storm.expect(%d, (SELECT count(*) FROM storm.lines))"
           ", storm.expect(%d, (SELECT count(*) FROM storm.orders)); COMMIT",
           dice % 5 == 0 ? 1 + dice % 50 : 0, kind, dice % 7 == 0 ? "0.05" : "0", kind, kind);
  if (PQsendQuery(connection, sql) == 0) {
    atomic_fetch_add(&terminated, 1);
    return false;
  }
  while ((result = PQgetResult(connection)) != NULL) {
    ExecStatusType status = PQresultStatus(result);

    if (status == PGRES_FATAL_ERROR)
      end = ended(connection, result, "transaction") || end;
    else if (status == PGRES_TUPLES_OK && PQnfields(result) == 2)
      last = last != NULL ? last : result;
    if (result == last)
      atomic_fetch_add(&answers[kind], 1);
    PQclear(result);
  }
  return !end && roll_back(connection);
}

/* Sends this connection a notification and waits for it: a backend that misses its wake-ups keeps it. */
static bool notify(PGconn *connection) {
  char sql[64];
  PGnotify *news = NULL;

  snprintf(sql, sizeof sql, "NOTIFY storm%d", PQbackendPID(connection));
  if (!run(connection, sql))
    return false;
  for (int i = 0; i < 200 && news == NULL; i++) {
    struct pollfd readable = {.fd = PQsocket(connection), .events = POLLIN};

    if ((news = PQnotifies(connection)) != NULL)
      break;
    poll(&readable, 1, 100);
    if (PQconsumeInput(connection) == 0) {
      atomic_fetch_add(&terminated, 1);
      return false;
    }
    news = PQnotifies(connection);
    /* A cancelled NOTIFY sends nothing. */
    if (news == NULL && i % 20 == 19 && !run(connection, sql))
      return false;
  }
  if (news != NULL)
    atomic_fetch_add(&heard, 1);
  else if (!over)
    complain("notify", "a notification did not arrive");
  PQfreemem(news);
  return true;
}

/* What the server says beside results, such as that it ends a connection, is expected here. */
static void silent(void *argument, const char *message) {
  (void)argument;
  (void)message;
}

static void *connection_loop(void *argument) {
  unsigned seed = (unsigned)(size_t)argument;

  while (!over) {
    PGconn *connection = PQconnectdb("user=storm dbname=postgres");
    char sql[64];
    bool goes_on = PQstatus(connection) == CONNECTION_OK;

    PQsetNoticeProcessor(connection, silent, NULL);
    /* One that is terminated while it starts is no failure of ours; one that cannot start because of a crash is seen in
     * the server's log. */
    snprintf(sql, sizeof sql, "LISTEN storm%d", goes_on ? PQbackendPID(connection) : 0);
    PGresult *result = goes_on ? PQexec(connection, sql) : NULL;
    goes_on = goes_on && PQresultStatus(result) == PGRES_COMMAND_OK;
    PQclear(result);
    while (goes_on && !over) {
      unsigned dice = (unsigned)rand_r(&seed);

      goes_on = transaction(connection, 1 + (int)(dice % 3), dice / 3);
      if (goes_on && dice % 11 == 0)
        goes_on = notify(connection);
    }
    PQfinish(connection);
  }
  return NULL;
}

int main(int argc, char **argv) {
  int connections = argc == 3 ? atoi(argv[1]) : 0, seconds = argc == 3 ? atoi(argv[2]) : 0;
  pthread_t threads[256];
  PGconn *super = PQconnectdb("dbname=postgres");
  time_t end = time(NULL) + seconds;

  if (connections < 1 || connections > 256 || seconds < 1 || PQstatus(super) != CONNECTION_OK) {
    fprintf(stderr, "usage: storm CONNECTIONS SECONDS: %s\n", PQerrorMessage(super));
    return 2;
  }
  for (int i = 0; i < connections; i++)
    pthread_create(&threads[i], NULL, connection_loop, (void *)(size_t)(i + 1));
  for (unsigned round = 0; time(NULL) < end; round++) {
    char sql[256];

    snprintf(sql, sizeof sql, "SELECT %s(pid) FROM pg_stat_activity WHERE usename = 'storm' ORDER BY random() LIMIT 1",
             round % 4 == 0 ? "pg_terminate_backend" : "pg_cancel_backend");
    if (!run(super, sql) || (round % 20 == 0 && !run(super, "SELECT pg_reload_conf()"))) {
      complain("superuser", PQerrorMessage(super));
      break;
    }
    usleep(10000);
  }
  over = true;
  for (int i = 0; i < connections; i++)
    pthread_join(threads[i], NULL);
  PQfinish(super);
  printf("storm: %ld answers with a good token, %ld expired, %ld forged; %ld notifications, %ld cancelled, "
         "%ld terminated, %ld wrong\n",
         answers[1], answers[2], answers[3], heard, cancelled, terminated, wrong);
  for (int kind = 1; kind <= 3; kind++)
    if (answers[kind] == 0)
      complain("nothing", "no answer of a kind");
  if (heard == 0 || cancelled == 0 || terminated == 0)
    complain("nothing", "no notification, nothing cancelled or nothing terminated");
  return wrong == 0 ? 0 : 1;
}
