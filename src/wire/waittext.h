/* waittext - the line of a report that says that mail waits for a route: written by qmail-remote, shown
 * by any qmail-send, and read by ours, which tries again when the route opens (outbound 1.3).
 *
 *   Mail for ROUTE waits until 2026-11-28T15:40:00Z: REASON (#4.3.2)
 *
 * A server cannot forge it: each line of what it said begins with three digits. */
#ifndef WIRE_WAITTEXT_H
#define WIRE_WAITTEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/str.h"
#include "lib/view.h"

enum {
	WAITTEXT_SECONDS_MAX =
	    25 * 3600,             /* from now; later is never said, nor believed */
	WAITTEXT_REASON_MAX = 200, /* octets */
};

/* Append the line, with its LF.  Route and reason are cut and shown without control octets. */
void waittext_append(
    struct str *out, struct view route, int64_t until, struct view reason);

/* The time of the first such line of a report.  False if there is none. */
bool waittext_find(struct view report, int64_t *until);

#endif
