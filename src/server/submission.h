/* submission - the service for the mail of our own users (RFC 6409, RFC 8314; control/submission,
 * $SUBMISSION).  TLS is required by starttls.c and AUTH by authdialogue.c; here is what is added to
 * the messages, and what is said about a service that can take none. */
#ifndef SERVER_SUBMISSION_H
#define SERVER_SUBMISSION_H

#include <stdint.h>

#include "lib/str.h"
#include "server/addfields.h"

/* What a session keeps.  {0}: no message has come. */
struct session_submission {
	uint64_t messages; /* begun in this session */
	struct str date, id;
	struct addfields filter;
};

struct session;

/* Before the greeting: if no mail can ever be sent through this service, for want of TLS or of AUTH,
 * the log says why; so it does where another service requires an AUTH that it does not have.  Each
 * MAIL will be refused. */
void submission_explain(struct session *s);

/* A message passes (server/message.h): it gets a Date and a Message-ID if it has none. */
extern const struct message_stage submission_stage;

void submission_free(struct session_submission *submission);

#endif
