#include "postgres.h"

#include "statement.h"

static void hide(void *unused) {
  errhidestmt(true);
  errhidecontext(true);
}

void statement_hide(ErrorContextCallback *callback) {
  callback->callback = hide;
  callback->arg = NULL;
  callback->previous = error_context_stack;
  error_context_stack = callback;
}

void statement_show(ErrorContextCallback *callback) { error_context_stack = callback->previous; }
