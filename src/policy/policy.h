/* policy - what a session asks before it takes a sender or a recipient: the checks of the table, one after
 * the other, with what they know about the session. */
#ifndef POLICY_POLICY_H
#define POLICY_POLICY_H

#include "policy/check.h"
#include "policy/namelists.h"
#include "policy/table.h"

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
	struct namelists names;                   /* of those who are exempt, and more */
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
 * only why->note and why->check mean something.  Senders on goodmailfrom, recipients on goodrcptto or
 * goodrcptpatterns, and both on goodmailaddr pass what would refuse them by name.  *why lives until
 * the next question. */
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

/* The same, and which line of which file says so: why->file, NULL where none does (there is no such file,
 * or the recipient has no domain).  ANSWER_ERROR with why->problem. */
enum answer policy_find_host(
    const struct policy *p, const struct address *recipient, struct ruling *why);

/* Is the address on one of the lists of names (policy/namelists.h)?  ANSWER_YES with why->file and
 * why->line, or ANSWER_ERROR with why->problem; without additions nobody is. */
enum answer policy_has_name(struct policy *p, enum namelist_id id,
    const struct address *address, struct ruling *why);

/* In s/qmail's dialect, does a line "?user@host" of badmailfrom welcome the sender? */
bool policy_welcomes(const struct policy *p, const struct address *sender);

/* Read all files of all checks that this dialect asks, and compile their patterns, of which those that are
 * wrong are told to `log`.  `broken` is told of each that cannot be read.  For who checks a home. */
void policy_read_all(struct policy *p, const struct log *log,
    void (*broken)(void *context, const struct problem *problem), void *context);

/* The variables have changed: what qmail lacks is read again when it is next asked.  What was counted
 * stays. */
void policy_reread(struct policy *p);

/* Is there no control/rcpthosts at all: does this host take mail for everywhere (D9)? */
bool policy_is_open_relay(const struct policy *p);

#endif
