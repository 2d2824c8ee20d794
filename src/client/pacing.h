/* pacing - how fast mail leaves by a route or for a destination (outbound 5.5, rows 13 and 16): before a
 * delivery connects, or goes over a connection that is kept, it asks for leave; what the server replies
 * may slow the route down or close it for a while.
 *
 * Off, for the price of one failed open(), unless control/pacing is there or the route is a named one
 * that has figures; and where the home has no state/db. */
#ifndef CLIENT_PACING_H
#define CLIENT_PACING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/attempt.h"
#include "client/report.h"
#include "pace/pacebook.h"
#include "pace/pacecounts.h"
#include "pace/pacerules.h"

/* One for a qmail-remote; kept, it lasts as long as the worker.  pacing_init() first. */
struct pacing {
	bool is_on; /* for this delivery */
	struct pacerules rules;
	struct pacebook book;
	uint64_t holder;                /* who we are in the book */
	struct str held[PACE_SUBJECTS]; /* whose connection ours is */
	uint32_t counted;               /* recipients */
	bool mail_sent;                 /* they were used */

	/* What the server asked for. */
	enum slowdown_action action;
	uint32_t seconds;
	bool is_later; /* its last reply is temporary, whatever its code */
	struct str why;
};

void pacing_init(struct pacing *p);

/* Read what there is to keep for the delivery, and forget about the one before.  False: reported. */
bool pacing_plan(struct pacing *p, const struct task *task, struct report *report);

/* How many connections the route may have at a time, as it stands; 0: nothing is said about that. */
uint32_t pacing_connections(struct pacing *p);

/* Wait for leave, if it is near, else false, and reported until when the mail waits. */
bool pacing_admit(struct pacing *p, const struct task *task, struct report *report);

/* Hear all replies of the attempts that follow. */
void pacing_listen(struct pacing *p, struct attempt *a);
/* `p` may be NULL. */
void pacing_mail_sent(struct pacing *p);
bool pacing_is_later(const struct pacing *p);

/* The delivery is done: the book learns what the server asked for, and so does the report. */
void pacing_finish(struct pacing *p, struct report *report);

/* There is no connection any more. */
void pacing_leave(struct pacing *p);
void pacing_free(struct pacing *p);

/* For tools: is what the task is to go by closed, until when, and why?  ANSWER_YES with *out (closed or
 * not, as it says) and its name; ANSWER_NO: no pacing there; ANSWER_ERROR with `problem`, whose `what` is
 * NULL if only the book could not be asked. */
enum answer pacing_look(const struct task *task, struct pace_standing *out,
    struct str *name, struct problem *problem);

#endif
