/* deliverable - would this recipient find a mailbox here?  The way of qmail-send, qmail-lspawn and
 * qmail-local (queue 4.3, 4.8 to 4.11), up to where a delivery would begin (inbound 6.2).
 *
 * "No" is said only where qmail-local, or vdelivermail for it, would say "no mailbox here by that
 * name"; whatever qmail would defer is DELIVERABLE_UNKNOWN or a yes. */
#ifndef USERS_DELIVERABLE_H
#define USERS_DELIVERABLE_H

#include "lib/answer.h"
#include "lib/view.h"
#include "users/account.h"
#include "users/route.h"

enum deliverable {
	DELIVERABLE_NO,
	DELIVERABLE_YES,        /* or not for this host: others decide */
	DELIVERABLE_UNREADABLE, /* the user exists; who asks may not look for .qmail files */
	DELIVERABLE_UNKNOWN,    /* could not find out */
};

enum dotqmail {
	DOTQMAIL_ABSENT,
	DOTQMAIL_PRESENT,
	DOTQMAIL_FORBIDDEN, /* not permitted to look */
	DOTQMAIL_FAILED,
};

/* Where the facts come from: lookup.h asks the machine, tests have tables. */
struct deliverable_sources {
	void *context;
	const struct routes *routes;

	/* Who `local` belongs to, into *out, which is zeroed: as qmail-lspawn finds it.  False: could
	 * not be found out, with *why a literal. */
	bool (*account)(
	    void *context, struct view local, struct account *out, const char **why);

	/* Can the home be looked into?  DOTQMAIL_PRESENT if so. */
	enum dotqmail (*home)(void *context, const struct account *account);
	/* Is there a regular file of this name in the home? */
	enum dotqmail (*file)(
	    void *context, const struct account *account, const char *name);

	/* .qmail-default is what answers for this account: would a program in it bounce what
	 * comes for account->ext?  *why as of deliverable().  NULL: none ever does. */
	enum deliverable (*behind_default)(
	    void *context, const struct account *account, const char **why);
};

/* *why is a literal with DELIVERABLE_UNREADABLE and DELIVERABLE_UNKNOWN, for the log. */
enum deliverable deliverable(
    const struct deliverable_sources *sources, struct view recipient, const char **why);

/* The same of a local part as qmail-lspawn gets it; `routes` is not asked. */
enum deliverable deliverable_local(
    const struct deliverable_sources *sources, struct view local, const char **why);

#endif
