/* statement.h: the text of a statement and the server's log. */
#ifndef STATEMENT_H
#define STATEMENT_H

/*
 * Keeps the statement and the context, which may have in them what was passed, out of what the server writes to its log
 * about any error until statement_show(); an error ends it too.
 */
extern void statement_hide(ErrorContextCallback *callback);
extern void statement_show(ErrorContextCallback *callback);

#endif
