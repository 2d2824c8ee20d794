/* namelists - lists of addresses that do not refuse anybody, but say who is exempt from a check, or
 * what becomes of a message (inbound 5.3, 5.4, 5.7).  A line is user@host, or @host for everybody
 * there; case does not matter; in indimail's dialect the cdb twin of a list is asked first.  The
 * lines of goodrcptpatterns are patterns. */
#ifndef POLICY_NAMELISTS_H
#define POLICY_NAMELISTS_H

#include "policy/check.h"

enum namelist_id {
	NAMELIST_GOODMAILADDR,     /* good as senders and as recipients */
	NAMELIST_GOODMAILFROM,     /* senders that no list refuses */
	NAMELIST_GOODRCPTTO,       /* recipients that no list refuses, and that exist */
	NAMELIST_GOODRCPTPATTERNS, /* likewise */
	NAMELIST_NODNSCHECK,       /* senders whose domain need not exist */
	NAMELIST_RELAYMAILFROM,    /* senders that may relay */
	NAMELIST_BLACKHOLEDSENDER, /* senders whose mail is taken and thrown away */
	NAMELIST_BLACKHOLEDRCPT,   /* likewise recipients */
	NAMELIST_COUNT
};

/* Each is read when it is first asked.  {0}: none was. */
struct namelists {
	struct check_list lists[NAMELIST_COUNT];
};

/* ANSWER_YES: it is there, why->file and why->line say where.  ANSWER_ERROR with why->problem. */
enum answer namelists_have(struct namelists *n, enum namelist_id id, enum dialect dialect,
    const struct log *log, const struct address *address, struct ruling *why);

void namelists_free(struct namelists *n);

#endif
