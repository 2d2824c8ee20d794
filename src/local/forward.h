/* forward - hand a message on to the queue, for other recipients: the forward lines of a .qmail file, all
 * in one new message (queue 4.11), and the programs forward, condredirect and srsfilter (queue 5.1). */
#ifndef LOCAL_FORWARD_H
#define LOCAL_FORWARD_H

#include <sys/types.h>

#include "lib/env.h"
#include "lib/view.h"
#include "local/outcome.h"
#include "queue/submit.h"

struct forward {
	struct view delivered_to; /* the line that is put before the message */
	struct view sender;
	const struct view *recipients;
	size_t count;
};

struct forward_result {
	struct submit_verdict verdict;
	pid_t qp;       /* the queue program's */
	int read_error; /* errno; 0: the message was read to its end */
};

/* Queue the message on `fd`, from where that stands.  The current directory must be the qmail home.
 * `env` is the queue program's; NULL: ours.  0, with *result, whose verdict the caller frees; or -1
 * with errno: there was no process for it. */
int forward_send(
    const struct forward *f, int fd, struct env_list *env, struct forward_result *result);

/* What came of it: "LABEL: qp 123", or "LABEL: fatal: why", for those programs.  The current directory
 * becomes the home; the message is on descriptor 0, from where that stands; a sender of another domain
 * is rewritten (srs/rules.h).  OUTCOME_DONE, _PERMANENT or _TEMPORARY. */
void forward_program(const char *label, const struct forward *f, struct outcome *o);

#endif
