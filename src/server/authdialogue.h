/* authdialogue - the AUTH command and what it changes in a session (inbound 4.2; RFC 4954). */
#ifndef SERVER_AUTHDIALOGUE_H
#define SERVER_AUTHDIALOGUE_H

#include <stdbool.h>

#include "server/session.h"
#include "smtp/address.h"

/* The AUTH command: the exchange, the checker, the reply. */
void auth_run(struct session *s, struct view argument);

/* After any command that began with AUTH, refused or not: what the client sent is overwritten in the
 * line and the input buffer. */
void auth_wipe(struct session *s);

/* True if MAIL needs AUTH first, or another sender; then the command has been refused. */
bool auth_refuses_mail(struct session *s);
bool auth_refuses_sender(struct session *s, const struct address *sender);

/* Forget who it is (STARTTLS). */
void auth_forget(struct session *s);

#endif
