/* sessionenv - the environment that tcpserver would give qmail-smtpd. */
#ifndef TRY_SESSIONENV_H
#define TRY_SESSIONENV_H

#include "lib/str.h"
#include "try/clientrule.h"
#include "try/session.h"

struct sessionenv {            /* {0} at first */
	struct str entries[3]; /* the environment points into these */
};

/* Make it this process's, instead of all that the caller had but PATH and QMAILHOME: in this order what
 * tcpserver has itself, who the client is, and what the rule says. */
void sessionenv_make(
    struct sessionenv *e, const struct try_session *question, struct clientrule *rule);

/* Take all of it out again. */
void sessionenv_end(struct sessionenv *e);

#endif
