/* contentrules - what a message must not hold, by files that name it (inbound 5.9): signatures,
 * bodycheck, mailfront's patterns, badmimetypes, badloadertypes, the rule of klez_filter, and mail in HTML
 * only.  content/inspect.h looks; here is what is switched on, and what is said.  Off in strict mode. */
#ifndef SERVER_CONTENTRULES_H
#define SERVER_CONTENTRULES_H

#include <stdbool.h>

#include "content/inspect.h"
#include "server/message.h"

/* What a session keeps.  {0}: nothing was read yet. */
struct session_content {
	bool known;                    /* the settings are; read at the first message */
	struct content_lists *lists;   /* NULL: nothing is switched on */
	struct inspection *inspection; /* of the present message; NULL: none */
};

extern const struct message_stage contentrules_stage;

void contentrules_free(struct session_content *content);

#endif
