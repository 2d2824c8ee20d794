/* pacerules - how fast mail may leave by a route and for a destination: control/pacing, and what stands
 * in control/routes/NAME/ under the same names (outbound 5.5, rows 13 and 16).
 *
 * A line of control/pacing is
 *
 *   key:attribute=number ...
 *
 * Its key is "@NAME" for a named route; a relay's name, a host or ".domain" as in smtproutes; or empty
 * for all that no other line is about.  Attributes: persecond, perminute, perhour, perday (recipients
 * that are sent to), concurrency (connections at a time), pause (seconds that the first slow-down
 * closes).  0 is no limit. */
#ifndef PACE_PACERULES_H
#define PACE_PACERULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/answer.h"
#include "lib/problem.h"
#include "lib/str.h"
#include "lib/view.h"
#include "pace/slowdown.h"

enum pace_window { PACE_SECOND, PACE_MINUTE, PACE_HOUR, PACE_DAY, PACE_WINDOWS };

enum {
	PACE_RATE_MAX = 100 * 1000 * 1000,
	PACE_CONCURRENCY_MAX = 256,
	PACE_PAUSE = 30, /* seconds, if nothing is said */
	PACE_PAUSE_MAX = 3600,
};

struct pacerule {
	uint32_t rate[PACE_WINDOWS]; /* 0: no limit */
	uint32_t concurrency;        /* likewise */
	uint32_t pause;
};

/* Add what attributes say to what *out has.  False, *out untouched: they are none. */
bool pacerule_parse(struct view attributes, struct pacerule *out);

/* Whom the figures are about. */
struct pace_subject {
	struct str name; /* "@NAME", "relay:port" or a host, in lower case */
	struct pacerule rule;
};

/* The route, or the destination where there is none; and the destination behind a relay, if a line
 * names it. */
enum { PACE_SUBJECTS = 2 };

struct pacerules {
	struct pace_subject at[PACE_SUBJECTS];
	size_t count;
	struct slowdown slowdown;
};

/* Who asks. */
struct pace_question {
	struct view route; /* of control/routes, or empty */
	struct view relay; /* empty: the MX */
	uint16_t port;
	struct view host; /* of the recipients */
};

/* ANSWER_YES: there is something to keep.  ANSWER_NO: nothing is configured; *out is empty.
 * ANSWER_ERROR with `problem`.  *out is to be freed in any case.  The current directory must be the
 * home. */
enum answer pacerules_read(
    const struct pace_question *q, struct pacerules *out, struct problem *problem);
void pacerules_free(struct pacerules *rules);

#endif
