/* vpopmail - what the files of vpopmail say of a recipient, without its library (inbound 6.5).
 *
 * users/cdb has the directory of each domain, and of each other name of a domain:
 *
 *   +domain-:name of the domain:uid:gid:directory:-::
 *
 * In the directory vpasswd.cdb has the users, and .qmail files are aliases and lists. */
#ifndef USERS_VPOPMAIL_H
#define USERS_VPOPMAIL_H

#include "lib/view.h"
#include "users/deliverable.h"
#include "users/mailbox.h"

/* The user of the question, in lower case, in the directory of its domain. */
enum mailbox vpopmail_mailbox(const struct account *domain, struct view user,
    const struct mailbox_question *question, const char **why);

/* As of struct deliverable_sources: where .qmail-default runs vdelivermail, which sends back what is
 * for nobody, vpasswd.cdb says who there is.  What is not known for certain is never a no. */
enum deliverable vpopmail_behind_default(
    void *context, const struct account *account, const char **why);

#endif
