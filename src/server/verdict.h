/* verdict - what the queue program, or what stood before it, says of a message, in words for the
 * client and the log (inbound 2.3). */
#ifndef SERVER_VERDICT_H
#define SERVER_VERDICT_H

#include "server/message.h"
#include "smtp/reply.h"

struct session;

/* Answer the end of a message, and log it.  Frees *outcome. */
void verdict_tell(struct session *s, struct message_outcome *outcome);

/* s/qmail's 554 to a message that holds what it must not, with the text of $REPLY_CONTENT.  It lives as
 * long as the command. */
struct reply verdict_of_content(struct session *s);

#endif
