/* clientrule - what tcpserver makes of a client before qmail-smtpd sees it: the rule of a tcprules file,
 * and the environment that follows from it. */
#ifndef TRY_CLIENTRULE_H
#define TRY_CLIENTRULE_H

#include <stdbool.h>

#include "config/tcprules.h"
#include "lib/answer.h"
#include "lib/origin.h"
#include "try/show.h"

struct clientrule {
	const char *path;    /* of the file that was asked; NULL: there is none */
	struct tcprule rule; /* {0}: none is for the client */
	struct origin where; /* "control/tcp.smtp:3" */
};

/* Ask `path`, or with NULL control/tcp.smtp.cdb, or its text where that was never compiled.  Of a cdb file
 * the text beside it names the line, if it says the same.  Shown as "rule".  ANSWER_YES, or
 * ANSWER_ERROR: a warning says why. */
enum answer clientrule_find(struct clientrule *out, const char *path,
    const struct tcprules_client *client, struct show *show);
void clientrule_free(struct clientrule *rule);

/* Does the rule set this variable? */
bool clientrule_sets(const struct clientrule *rule, const char *name);

/* Put what it sets into our environment; *rule must stay. */
void clientrule_apply(struct clientrule *rule);

#endif
