/* mfcheck - does the domain of the envelope sender exist (inbound 5.4)?  Asked at MAIL; mail whose
 * bounce could not go anywhere is not taken.  Off without control/mfcheck, in strict mode, and for
 * relay clients and those who have said who they are. */
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

/* Can mail go there: has the domain an MX, A or AAAA record, and no null MX (RFC 7505), or is it an
 * address literal?  ANSWER_ERROR: the DNS does not say. */
enum answer mfcheck_exists(struct session *s, struct view domain);

#endif
