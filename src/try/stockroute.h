/* stockroute - what a stock qmail-remote makes of a line of control/smtproutes, for who wants to be able
 * to go back to one (outbound 2.2, 3.2).  Pure. */
#ifndef TRY_STOCKROUTE_H
#define TRY_STOCKROUTE_H

#include "lib/view.h"

enum stockroute {
	STOCKROUTE_SAME,     /* the same relay, if without the credential */
	STOCKROUTE_BOUNCES,  /* it takes more for the host's name than that */
	STOCKROUTE_BOUNCES6, /* an IPv6 address is no host to it */
	STOCKROUTE_DEFERS,   /* it tries port 0 */
	STOCKROUTE_OTHER, /* the key means nothing to it, so another line may be selected */
};

/* `line` as control_list() gives it, one that route_cut() and route_parse() let pass. */
enum stockroute stockroute_of(struct view line);

#endif
