/* bdat - BDAT: a message in chunks whose lengths are said beforehand (RFC 3030; inbound section 8).
 * BINARYMIME is not offered: the queue holds lines. */
#ifndef SERVER_BDAT_H
#define SERVER_BDAT_H

#include <stdbool.h>

#include "lib/view.h"

struct session;

/* Is it to be offered?  By control/chunking or $CHUNKING; else in the dialect of notqmail only, since
 * the others have their own lines.  Read when first asked. */
bool bdat_is_offered(struct session *s);

/* The BDAT command, where it is offered. */
void bdat_take(struct session *s, struct view argument);

/* The command was refused, but its octets come all the same: they are no commands.  Where it is not
 * plain how many they are, the session is over. */
void bdat_skip(struct session *s, struct view argument);

#endif
