/* empf - who may write to whom: the messaging policy framework's control/policy (inbound 5.13).
 *
 *   domain:POLICY,user:POLICY,user:POLICY,
 *
 * A POLICY is letters: L, mail to the same domain; R, to another; I, from the same domain; E, from
 * another.  A capital allows and a small letter denies; behind it may be "(address,address)": then it
 * is about these alone.  User and addresses are patterns as of the shell.  '#' and ';' begin a comment.
 */
#ifndef POLICY_EMPF_H
#define POLICY_EMPF_H

#include <stdbool.h>
#include <stddef.h>

#include "config/control.h"
#include "smtp/address.h"

enum empf_verdict {
	EMPF_ALLOWED,
	EMPF_DENIED,
	EMPF_BROKEN, /* a line up to that of a domain that was asked about is malformed */
};

struct empf_question {
	const struct address *sender, *recipient;
	bool has_local_sender, has_local_recipient; /* of domains that are ours */
};

/* Why, with any verdict but EMPF_ALLOWED. */
struct empf_ruling {
	size_t line;
	const char *fault; /* with EMPF_BROKEN */
};

/* The first line of a domain is its policy.  Of a line, the last user that matches, and of a POLICY
 * the last letter that is about this mail, decides; a user whose POLICY has no such letter goes by the
 * domain's.  Sender and recipient must both be allowed: who has no policy, or none about this mail, is.
 */
enum empf_verdict empf_decide(const struct control_list *lines,
    const struct empf_question *q, struct empf_ruling *why);

#endif
