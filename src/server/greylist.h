/* greylist - greylisting in a session (inbound 5.10; RFC 6647): a message is put off the first time
 * that a network has one from this sender for this recipient, at RCPT; the null sender's at DATA, for
 * those who only ask whether an address exists.  Off unless control/greylist says 1, in strict mode,
 * for relay clients and for those who have said who they are. */
#ifndef SERVER_GREYLIST_H
#define SERVER_GREYLIST_H

#include <stdbool.h>
#include <stdint.h>

#include "config/control.h"
#include "lib/view.h"

/* What a session keeps.  {0}: nothing was read yet. */
struct session_greylist {
	bool known;     /* the figures are; at the first RCPT */
	uint64_t is_on; /* greylist */
	uint64_t delay, retry,
	    keep;        /* greylistdelay, greylistretry, greylistkeep: seconds */
	uint64_t passes; /* greylistpasses */
	uint64_t by_spf; /* greylistspf */
	struct control_list allow; /* greylistallow */
};

/* What it keeps of a transaction, in its memory. */
struct greylist_subject {
	bool is_spared; /* nothing is to be asked */
	bool
	    has_passed; /* it has come back with a message of this transaction, and that is counted */
	struct view key; /* the client's network, or the domain that SPF says it is of */
};

struct session;

/* RCPT: false if it was refused. */
bool greylist_accepts_rcpt(struct session *s);

/* The message is to begin: false if it was refused. */
bool greylist_accepts_data(struct session *s);

void greylist_free(struct session_greylist *g);

#endif
