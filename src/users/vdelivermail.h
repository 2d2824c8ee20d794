/* vdelivermail - vpopmail's program in .qmail-default: does it send back what comes for nobody, and
 * are the users that it knows in files? */
#ifndef USERS_VDELIVERMAIL_H
#define USERS_VDELIVERMAIL_H

#include <stdbool.h>

#include "lib/view.h"

/* Is this all that the file does:  | /home/vpopmail/bin/vdelivermail '' bounce-no-mailbox
 * Then *program is the path in it.  False also for whatever is not known. */
bool vdelivermail_bounces(struct view file, struct view *program);

/* Was it built with users in SQL or LDAP?  Its library's list of libraries tells,
 * etc/lib_deps beside the bin/ that the program is in; without it they are in files. */
bool vdelivermail_asks_servers(struct view program);

#endif
