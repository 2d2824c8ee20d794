/* plan - what of a delivery is settled before anybody is connected to: the envelope may be sent, the
 * control files and the route are read (outbound 2.1, 2.7, 3.3). */
#ifndef CLIENT_PLAN_H
#define CLIENT_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "client/attempt.h"
#include "client/report.h"
#include "lib/view.h"

/* A delivery as qmail-remote's arguments and descriptor 0 say it. */
struct plan_request {
	struct view host, sender;
	const struct view *recipients;
	size_t recipient_count;
	int message;
};

/* Fill in *task, whose views are the request's, and start *detail.  The current directory must be the home.  False:
 * reported.  plan_free() in any case. */
bool plan_make(struct task *task, const struct plan_request *request,
    struct detail *detail, struct report *report);

/* The OAuth 2 token of the route, if it has one: before anything is said to anybody, for without it there
 * is nothing to connect with.  A session that is open needs none.  False: reported. */
bool plan_fetch_token(struct task *task, struct report *report);

void plan_free(struct task *task); /* wipes the credential */

#endif
