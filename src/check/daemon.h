/* daemon - a qmail-smtpd as it is started somewhere: do its arguments, its environment and the control
 * files go together? */
#ifndef CHECK_DAEMON_H
#define CHECK_DAEMON_H

#include "check/check.h"

enum { DAEMON_WORDS = 64 };

struct daemon {
	const char *place; /* the run script; "control" for none */
	size_t line;
	bool waits; /* it is not served without a certificate, or not started at all */
	char *argv[DAEMON_WORDS + 1];
	int argc;
	char *variables[DAEMON_WORDS]; /* "NAME=value" */
	size_t count;
};

/* The environment is as it was afterwards, without what *d sets. */
void daemon_check(struct check *c, struct daemon *d);

#endif
