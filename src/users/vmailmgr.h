/* vmailmgr - what the files of vmailmgr say of a recipient: virtualdomains gives a domain to a user,
 * in whose home passwd.cdb has the names of the domain's users. */
#ifndef USERS_VMAILMGR_H
#define USERS_VMAILMGR_H

#include "lib/view.h"
#include "users/deliverable.h"
#include "users/mailbox.h"

/* The user and the domain of the question, in lower case.  `sources` has routes and accounts. */
enum mailbox vmailmgr_mailbox(const struct deliverable_sources *sources, struct view user,
    struct view domain, const struct mailbox_question *question, const char **why);

#endif
