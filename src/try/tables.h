/* tables - what is odd in the tables of routes, also in lines that nobody has asked for: those that are
 * none, that another one shadows, that a stock qmail-remote would read otherwise. */
#ifndef TRY_TABLES_H
#define TRY_TABLES_H

#include "try/oddity.h"
#include "try/show.h"

/* Warn, of each table at most TABLES_WARNINGS times.  The current directory must be the home. */
enum { TABLES_WARNINGS = 20 };

/* Who is told, of the file or a line of it: `text` is not to be kept. */
struct tables_listener {
	void (*tell)(void *context, const char *path, size_t line,
	    enum oddity_weight weight, const char *text);
	void (*unreadable)(void *context, const struct problem *problem);
	void (*secret)(void *context, const char *path); /* it holds credentials */
	void *context;
};

void tables_look(const struct tables_listener *listener);

void tables_check(struct show *show);

#endif
