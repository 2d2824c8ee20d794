/* tables - what is odd in the tables of routes, also in lines that nobody has asked for: those that are
 * none, that another one shadows, that a stock qmail-remote would read otherwise. */
#ifndef TRY_TABLES_H
#define TRY_TABLES_H

#include "try/show.h"

/* Warn, of each table at most TABLES_WARNINGS times.  The current directory must be the home. */
enum { TABLES_WARNINGS = 20 };
void tables_check(struct show *show);

#endif
