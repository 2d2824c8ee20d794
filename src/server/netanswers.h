/* netanswers - what is answered to a message by QMTP and QMQP, all at its end: K, Z or D and a text, each a
 * netstring.  By QMTP each recipient has an answer of its own; by QMQP there is one. */
#ifndef SERVER_NETANSWERS_H
#define SERVER_NETANSWERS_H

#include <stdbool.h>

#include "server/session.h"

struct netanswers {
	struct session *s;
	bool is_qmqp;
	struct str said;       /* the text of the last reply: what s->answer points to */
	struct str fate;       /* of the whole message, as it is answered; empty: open */
	struct str recipients; /* of each a NUL, for that, or a netstring of its own */
};

/* From now on the replies of *s, which must stay where it is, are kept here; and no longer. */
void netanswers_start(struct netanswers *n, struct session *s, bool is_qmqp);
void netanswers_end(struct netanswers *n);

/* A message begins: nothing is known of it. */
void netanswers_begin(struct netanswers *n);

bool netanswers_has_fate(const struct netanswers *n);

/* Does its fate leave it open what is said to each recipient?  In qmail it does. */
bool netanswers_wants_recipients(const struct netanswers *n);

/* The last reply is what becomes of it. */
void netanswers_set_fate(struct netanswers *n);

/* Was the last thing refused?  Then that is its fate; as it is if the session has ended, even without a
 * word. */
void netanswers_refuse_all(struct netanswers *n);

/* The last reply is what this recipient hears, if it was refused; if not, the message's fate. */
void netanswers_add_recipient(struct netanswers *n);

/* Put all of it into the session's output. */
void netanswers_send(struct netanswers *n);

#endif
