/* mfcheck - does the domain of the envelope sender exist (inbound 5.4)?  Mail whose bounce could not go
 * anywhere is not taken.  control/mfcheck refuses at MAIL; s/qmail's MFDNSCHECK at RCPT, but at MAIL
 * what could not be found out.  Off without these, in strict mode, for the senders of
 * control/nodnscheck, and for relay clients and those who have said who they are. */
#ifndef SERVER_MFCHECK_H
#define SERVER_MFCHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/answer.h"
#include "lib/view.h"

/* What a session keeps.  {0}: nothing was read yet. */
struct session_mfcheck {
	bool known; /* the level is; read at the first MAIL */
	uint64_t level;
};

struct session;

/* MAIL, behind transaction_start(): ask.  False if MAIL was answered already: 553, 451, or 421 for
 * a control file that cannot be read; then the transaction is over. */
bool mfcheck_accepts_mail(struct session *s);

/* RCPT: false if it was refused, by what MFDNSCHECK has found out at MAIL. */
bool mfcheck_accepts_rcpt(struct session *s);

#endif
