/* check - a question put to every policy check, and what it may answer.  One check is one file in
 * checks/ and one row in table.c.  A check sees its question only: no environment, descriptor or
 * clock. */
#ifndef POLICY_CHECK_H
#define POLICY_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "config/cdbmap.h"
#include "config/domainmap.h"
#include "lib/problem.h"
#include "smtp/address.h"
#include "smtp/reply.h"

enum verdict {
	VERDICT_PASS,
	VERDICT_REJECT, /* 5xx */
	VERDICT_DEFER,  /* 4xx */
	VERDICT_CLOSE, /* a control file cannot be read: 421, and the session ends (inbound 2.3) */
};

/* The control file of a check.  {0} is one that is not there. */
struct check_list {
	bool present;
	struct control_list lines;
	struct domainmap names;
	struct cdbmap *more; /* its .cdb companion; NULL: none */
	struct problem
	    broken; /* the companion opens but is no cdb: found out when it is asked,
	                        * as in qmail; `what` is NULL when all is well */
};

struct question {
	const struct address *sender;
	const struct address *recipient;
	const struct check_list *list; /* of the check that is asked; present */
};

/* Why, filled in with every verdict but VERDICT_PASS. */
struct ruling {
	struct reply reply;
	const char *check; /* name of the check, set by the table */
	const char *file;  /* its control file, set by the table: "control/badmailfrom" */
	bool is_for_relaying;   /* set by the table: a relay client would not be asked */
	size_t line;            /* of that file; 0: not one line's doing */
	struct problem problem; /* with VERDICT_CLOSE */
};

typedef enum verdict check_function(const struct question *q, struct ruling *why);

/* One prototype for each row. */
check_function check_badmailfrom, check_rcpthosts;

#endif
