/* rcptlist - a cdb of all recipients there are: validrcptto.cdb, realrcptto.cdb (inbound 6.1).
 *
 * Keys are in lower case: the whole address; or the local part up to and with one of its '-', and
 * "default@domain"; or "@domain"; asked in this order, the longest local part first.  Empty data is
 * yes, data that starts with '-' is no, and the first key found decides.  An address without '@' is
 * a key by itself only. */
#ifndef POLICY_RCPTLIST_H
#define POLICY_RCPTLIST_H

#include "policy/check.h"

/* In list->more.  ANSWER_ERROR: it cannot be read, with `problem`. */
enum answer rcptlist_find(const struct check_list *list, const struct address *recipient,
    struct problem *problem);

#endif
