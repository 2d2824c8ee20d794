/* reach - whoever can change the queue: the qmail-send that runs, asked at run/send/sock; or, when none
 * runs, ourselves, with its lock in hand (stopped.h). */
#ifndef QTOOL_REACH_H
#define QTOOL_REACH_H

#include <stdbool.h>
#include <stddef.h>

#include "qtool/message.h"
#include "qtool/stopped.h"
#include "queue/holds.h"
#include "wire/helper.h"
#include "wire/queuectl.h"

enum reach_how {
	REACH_LIVE,    /* qmail-send answers */
	REACH_STOPPED, /* none runs */
	REACH_BLIND, /* one runs that cannot be asked: another suite's, or without run/send */
};

struct reach {
	enum reach_how how;
	const struct layout *layout;
	struct helper helper;
	int mutex_fd;       /* with the lock, when stopped and to act */
	struct holds holds; /* when not live */
	struct stopped stopped;
	struct str problem; /* why something could not be done, for people */
};

/* 0; or -1 with r->problem.  `act`: something is to be changed. */
int reach_open(struct reach *r, const struct layout *layout, bool act);
void reach_close(struct reach *r);

/* Fill in the state of each (at most QUEUECTL_KEYS), and tell what is known of reasons: `index` is that of
 * the message.  0; or -1 with r->problem. */
typedef void reach_reason(
    void *context, size_t index, const struct queuectl_reason *reason);
int reach_states(struct reach *r, struct message *list, size_t count,
    reach_reason *reason, void *context);

/* Do it to each (at most QUEUECTL_KEYS); what came of it is in `results`.  `text` is the reason of a
 * bounce.  0; or -1 with r->problem: some may have been done. */
int reach_do(struct reach *r, enum queuectl_verb verb, struct view text,
    const struct message *list, size_t count, enum queuectl_result *results);

/* Hold or release a destination domain; verb 0: none.  Then name each that is held.  0; or -1 with
 * r->problem. */
typedef void reach_domain_each(void *context, struct view domain);
int reach_domain(struct reach *r, unsigned verb, struct view domain,
    reach_domain_each *each, void *context);

#endif
