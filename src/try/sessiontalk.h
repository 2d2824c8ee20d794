/* sessiontalk - a session of qmail-smtpd in this process: its descriptors 0 and 1 are one end of a
 * socket, we hold the other.  One command at a time: it is sent, answered, and the answer read. */
#ifndef TRY_SESSIONTALK_H
#define TRY_SESSIONTALK_H

#include <stdbool.h>

#include "lib/str.h"
#include "lib/view.h"
#include "server/session.h"
#include "try/show.h"

struct sessiontalk {
	struct show *show;
	struct session *session;
	int fd;          /* our end; -1: not yet */
	int log[2];      /* the session's lines: [0] is ours */
	struct str said; /* of the last answer, all lines */
};

/* Point descriptors 0 and 1 at the socket.  0, or -1 with errno.  `talk` may be {0} before. */
int sessiontalk_open(struct sessiontalk *talk, struct show *show);
void sessiontalk_close(struct sessiontalk *talk);

/* From now on its lines in the log are shown as lines, too: "decided", "warning", ... */
void sessiontalk_listen(struct sessiontalk *talk, struct session *session);

/* Show what was said and logged since the last time. */
void sessiontalk_hear(struct sessiontalk *talk);

/* Send a command, and what the client says behind it; shown is `shown`, or with an empty one the command.
 * The reply's code; 0: the session was over before. */
unsigned sessiontalk_say(
    struct sessiontalk *talk, struct view command, struct view behind, struct view shown);

#endif
