/* scanvirus - clamd looks at each message while it comes (inbound 5.9).  Off without control/clamd and
 * in strict mode; relay clients and users are no exception. */
#ifndef SERVER_SCANVIRUS_H
#define SERVER_SCANVIRUS_H

#include <stdbool.h>
#include <stdint.h>

#include "content/clamd.h"
#include "server/message.h"

/* What a session keeps.  {0}: nothing was read yet. */
struct session_virus {
	bool known; /* the settings are; read at the first message */
	bool is_on;
	struct scanner_address address;
	bool defers; /* without an answer, a message comes again later; else it passes */
	int64_t timeout_ms;

	struct clamd *clamd; /* of the present message; NULL: not begun yet */
	struct clamd_verdict verdict;
};

extern const struct message_stage scanvirus_stage;

void scanvirus_free(struct session_virus *virus);

#endif
