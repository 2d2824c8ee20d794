/* helodns - with s/qmail's HELOCHECK "A" or "M", does the DNS know the name that the client calls
 * itself (inbound 5.2)?  What HELOCHECK asks of control/badhelo is in policy/checks/badhelo.c. */
#ifndef SERVER_HELODNS_H
#define SERVER_HELODNS_H

#include <stdbool.h>

#include "lib/answer.h"

/* What a session keeps.  {0}: this name was not asked about. */
struct session_helodns {
	bool known;
	enum answer exists;
};

struct session;

/* RCPT: false if it was refused, with 550, or with 451 if that could not be found out. */
bool helodns_accepts_rcpt(struct session *s);

/* HELO or EHLO: a new name. */
void helodns_forget(struct session *s);

#endif
