/* ending - an admin ends a message: each recipient that is not done is marked, and with a reason returned to the
 * sender.  Of a message with a million of them this is done a little in each turn of the loop; nothing of it is
 * started meanwhile. */
#ifndef SEND_ENDING_H
#define SEND_ENDING_H

#include <stdint.h>

#include "lib/view.h"
#include "send/manager.h"

enum { ENDING_RECORDS = 4096 }; /* that are looked at in one turn */

struct ending;

/* Return every recipient of message `id` that is not done to the sender, with *reason (one line with its end);
 * without a reason nobody is told, not even of those that failed before.  Deliveries that run are not called
 * back; what they report is the last word.  *reason must be there until the end.  NULL: no such message is known,
 * or it is being ended. */
struct ending *ending_begin(struct manager *m, uint64_t id, const struct view *reason);

enum ending_step {
	ENDING_MORE,
	ENDING_DONE,
	ENDING_FAILED, /* a file could not be changed (a warning was logged): recipients may be left */
};

enum ending_step ending_go_on(struct manager *m, struct ending *e);
void ending_free(struct ending *e); /* NULL is allowed */

#endif
