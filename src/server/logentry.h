/* logentry - an event of a session, with what is known while it happens, and its lines: our own, or those of
 * the dialect in $LOGDIALECT or control/logdialect, or both. */
#ifndef SERVER_LOGENTRY_H
#define SERVER_LOGENTRY_H

#include "server/session.h"

/* Are there lines of another dialect than ours? */
bool logentry_has_dialect(struct session *s);

/* What this session knows of it; its views live until the command is answered. */
struct logevent logentry_of(
    struct session *s, enum logevent_kind kind, enum logevent_place place);

/* Write the lines, each with a write of its own; none at level 0.  Variables that only a dialect looks at
 * are filled into *e. */
void logentry_write(struct session *s, struct logevent *e);

#endif
