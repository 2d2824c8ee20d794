/* table - the checks in the order in which they are asked, and their control files. */
#ifndef POLICY_TABLE_H
#define POLICY_TABLE_H

#include "policy/check.h"

enum check_moment {
	AT_MAIL, /* after the syntax of MAIL was found good */
	AT_RCPT, /* after the syntax of RCPT was found good */
	AT_HOST, /* then: rcpthosts, and the lists of who exists */
	AT_LAST, /* then: what finds out who exists, and what counts */
};

enum check_id {
	CHECK_REJECTNULLSENDERS,
	CHECK_BADHELO,
	CHECK_BADHELONORELAY,
	CHECK_BADMAILFROM,
	CHECK_BADMAILFROMNORELAY,
	CHECK_BRTLIMIT,
	CHECK_BADRCPTTO,
	CHECK_BADRCPTTONORELAY,
	CHECK_RCPTHOSTS,
	CHECK_VALIDRCPTTO,
	CHECK_VALIDRCPTTO_CDB,
	CHECK_RECIPIENTS,
	CHECK_REALRCPTTO_CDB,
	CHECK_REALRCPTTO,
	CHECK_RCPTCHECK,
	CHECK_MAXRCPT,
	CHECK_MAXRCPTS,
	CHECK_MAXRECIPIENTS,
	CHECK_COUNT
};

/* The lists of all checks, and what they know about the session.  {0} is empty: every check
 * passes. */
struct policy {
	bool additions; /* set by the caller: ask the checks that qmail lacks, too */
	enum dialect dialect;     /* likewise */
	struct check_tools tools; /* likewise, before policy_ask() */
	struct check_list lists[CHECK_COUNT];
	uint64_t refused; /* recipients of this session that do not exist */
	const char
	    *known_by; /* the check that knew the recipient of this RCPT; or NULL */
	bool knows_postmaster, spares_postmaster; /* control/postmasterexempt */
	struct str text; /* of the last reply, where the admin has a word in it */
};

/* Read the files that qmail reads at the start: a bad one must end the session before its
 * greeting.  ANSWER_YES, or ANSWER_ERROR with `problem`. */
enum answer policy_read(struct policy *p, struct problem *problem);
void policy_free(struct policy *p);

/* Ask the checks of this moment in order; the first verdict other than pass decides, and *why
 * says what to reply and to log.  A relay client is not asked what is about relaying or about who
 * exists here; nor is anybody whether there is a postmaster (RFC 5321 4.5.1), and unless
 * control/postmasterexempt is 0, no list that qmail lacks stops mail to one.  With VERDICT_PASS
 * only why->note and why->check mean something.  *why lives until the next question. */
enum verdict policy_ask(struct policy *p, enum check_moment moment, bool is_relay_client,
    const struct address *sender, const struct address *recipient, struct ruling *why);

/* The most recipients that the checks let a message have; 0: they do not say.  ANSWER_YES, or
 * ANSWER_ERROR with `problem`. */
enum answer policy_most_recipients(
    struct policy *p, uint64_t *out, struct problem *problem);

/* Is this the postmaster, whom no list that qmail lacks stops?  After policy_ask() about it. */
bool policy_spares(const struct policy *p, const struct address *recipient);

/* Is the recipient's domain one that control/rcpthosts and its companion name, or is there no such
 * file?  ANSWER_ERROR with `problem`. */
enum answer policy_takes_host(
    const struct policy *p, const struct address *recipient, struct problem *problem);

/* Is there no control/rcpthosts at all: does this host take mail for everywhere (D9)? */
bool policy_is_open_relay(const struct policy *p);

#endif
