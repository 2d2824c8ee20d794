/* listed - is an address or a name on the list of a check?  In the syntax that the list has:
 * literal lines, unless check_list.patterns says otherwise. */
#ifndef POLICY_LISTED_H
#define POLICY_LISTED_H

#include <stddef.h>

#include "policy/check.h"

/* Does a line name the address: a pattern, "user@host", or "@host" for everybody there?
 * VERDICT_REJECT: yes, and why->line is that line, or why->file the cdb twin of the list.
 * VERDICT_PASS: none does.  VERDICT_CLOSE: the twin cannot be read, with why->problem. */
enum verdict listed_address(
    const struct check_list *list, const struct address *a, struct ruling *why);

/* Likewise a line that names `name`: a pattern, or all of it. */
enum verdict listed_name(
    const struct check_list *list, struct view name, struct ruling *why);

/* The literal line `prefix` `name` `suffix`; 0: there is none. */
size_t listed_affixed(const struct check_list *list, const char *prefix, struct view name,
    const char *suffix);

/* Is mail for `domain` taken here: is it, or a part of it that starts with a dot, in rcpthosts or
 * its cdb companion (inbound 3.3)? */
enum answer listed_host(
    const struct check_list *hosts, struct view domain, struct problem *problem);

/* Is the sender's domain one of them?  Where there is no rcpthosts all are, and so is a sender without a domain. */
enum answer listed_sender_is_ours(const struct question *q, struct problem *problem);

/* The same as listed_host(), and who says so: why->file, and why->line unless that is the companion.  It costs more.
 * ANSWER_ERROR with why->problem. */
enum answer listed_host_where(
    const struct check_list *hosts, struct view domain, struct ruling *why);

#endif
