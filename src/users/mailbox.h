/* mailbox - what vpopmail or vmailmgr know of a recipient (inbound 6.5), by their files. */
#ifndef USERS_MAILBOX_H
#define USERS_MAILBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/view.h"
#include "users/deliverable.h"
#include "users/domaindir.h"
#include "users/vpasswd.h"

enum mailbox {
	MAILBOX_NONE,
	MAILBOX_FOUND,
	MAILBOX_ELSEWHERE,  /* the domain is neither vpopmail's nor vmailmgr's */
	MAILBOX_ANY,        /* the domain takes everybody (with `bouncing_only`) */
	MAILBOX_FULL,       /* `percent` of its quota or more is used */
	MAILBOX_UNREADABLE, /* may not look, or its users are not in files */
	MAILBOX_UNKNOWN,    /* could not find out */
};

struct mailbox_question {
	struct view address;
	bool
	    bouncing_only; /* ask only where .qmail-default has "bounce-no-mailbox" in it */
	bool extensions;   /* user-anything is user's (vpopmail's --enable-qmail-ext) */
	uint32_t percent; /* of its quota, from which on a mailbox is full; 0: never */
};

/* *why is a literal with MAILBOX_UNREADABLE and MAILBOX_UNKNOWN, for the log.  `sources` has routes
 * and accounts, for vmailmgr; the current directory must be the home. */
enum mailbox mailbox_find(const struct deliverable_sources *sources,
    const struct mailbox_question *question, const char **why);

/* What it means that the users' file did not say yes. */
enum mailbox mailbox_without_record(enum vpasswd_answer answer, const char **why);

/* What it means that nothing was found in the directory. */
enum mailbox mailbox_without_file(const struct domaindir *directory, const char **why);

#endif
