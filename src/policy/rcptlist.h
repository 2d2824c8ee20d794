/* rcptlist - a cdb of all recipients there are: validrcptto.cdb, realrcptto.cdb (inbound 6.1).
 *
 * Keys are in lower case: the whole address; or the local part up to and with one of its '-', and
 * "default@domain"; or "@domain"; asked in this order, the longest local part first.  Empty data is
 * yes, data that starts with '-' is no, and the first key found decides. */
#ifndef POLICY_RCPTLIST_H
#define POLICY_RCPTLIST_H

#include "policy/check.h"

enum rcptlist_form {
	RCPTLIST_PLAIN, /* as jms1 has it: an address without '@' is a key by itself only */

	/* As qmail-newrcpt writes it, which must say all that virtualdomains can: where no key at
	 * "@domain" is found, the first that is there of "@.what.follows", shorter and shorter, and
	 * "@" stands for it.  An address without '@' has its keys without one; the last is empty. */
	RCPTLIST_WILD,
};

/* In list->more.  ANSWER_ERROR: it cannot be read, with `problem`. */
enum answer rcptlist_find(const struct check_list *list, enum rcptlist_form form,
    const struct address *recipient, struct problem *problem);

#endif
