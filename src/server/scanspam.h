/* scanspam - spamd gives a message points (inbound 5.9): so many and it is refused, or its subject is
 * marked; the header tells.  The message is kept in memory meanwhile; one that is larger than spamsize
 * passes unseen.  Off without control/spamd and in strict mode; the mail of relay clients and users is
 * not asked about, unless spamdrelay says so. */
#ifndef SERVER_SCANSPAM_H
#define SERVER_SCANSPAM_H

#include <stdbool.h>
#include <stdint.h>

#include "content/scanner.h"
#include "lib/str.h"
#include "server/message.h"

/* What a session keeps.  {0}: nothing was read yet. */
struct session_spam {
	bool known; /* the settings are; read at the first message */
	bool is_on;
	struct scanner_address address;
	bool defers;           /* without an answer, a message comes again later */
	uint64_t asks_of_ours; /* spamdrelay */
	bool has_reject, has_munge;
	int64_t reject, munge; /* points, in thousandths */
	uint64_t octets_max;   /* spamsize */
	struct str mark;       /* spamsubject */
	int64_t timeout_ms;

	/* of the present message */
	struct str held, out;
	bool passes;     /* it is too large: nothing is held any more */
	bool has_failed; /* there is no verdict */
	bool is_refused;
	int64_t score;
};

extern const struct message_stage scanspam_stage;

void scanspam_free(struct session_spam *spam);

#endif
