/* sessionclient - the client of a rehearsed session: what it says, command by command, and what decided about
 * each recipient. */
#ifndef TRY_SESSIONCLIENT_H
#define TRY_SESSIONCLIENT_H

#include <stddef.h>

#include "server/session.h"
#include "try/clientrule.h"
#include "try/session.h"
#include "try/sessiontalk.h"
#include "try/show.h"

struct sessionclient {
	const struct try_session *question;
	struct show *show;
	struct sessiontalk *talk; /* with the session */
	struct session *session;
	struct settings *settings;
	struct clientrule *rule;
	size_t accepted; /* recipients; 0 at the start */
};

/* From the greeting to QUIT.  An exit status as in try/route.h: TRY_OK if all recipients would be accepted. */
int sessionclient_converse(struct sessionclient *c);

#endif
