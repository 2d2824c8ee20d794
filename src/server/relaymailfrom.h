/* relaymailfrom - the senders on control/relaymailfrom may relay (inbound 5.7), for one transaction.
 * Anybody can claim to be one of them: the log says so at the first use in a session, and where SPF is
 * asked, it must pass. */
#ifndef SERVER_RELAYMAILFROM_H
#define SERVER_RELAYMAILFROM_H

#include <stdbool.h>

struct session;

/* MAIL, behind SPF.  False if that was answered: the list cannot be read. */
bool relaymailfrom_accepts_mail(struct session *s);

/* The transaction is over, or another begins. */
void relaymailfrom_forget(struct session *s);

#endif
