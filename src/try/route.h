/* route - `qmail-try route`: how a message would leave, and, if wanted, a rehearsal with the server up to
 * the recipient.  Whatever is decided is decided by the functions of qmail-remote. */
#ifndef TRY_ROUTE_H
#define TRY_ROUTE_H

#include <stdbool.h>

#include "lib/view.h"

enum {
	TRY_OK = 0,
	TRY_FAILS = 1, /* the message would bounce, wait, or never leave this machine */
	TRY_TROUBLE = 111 /* nobody knows; stderr or the result says why */
};

struct try_route {
	struct view sender, recipient;
	bool connects;
};

/* Print all of it on standard output.  The current directory must be the home. */
int try_route(const struct try_route *question);

#endif
