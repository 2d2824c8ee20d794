/* evaluate - check_host() (RFC 7208 section 4): may this client send mail for this sender?
 *
 * All limits of section 4.6.4 hold: ten terms that ask the DNS, two of them without an answer, ten
 * exchangers, ten names of an address.  So every loop of records ends. */
#ifndef POLICY_SPF_EVALUATE_H
#define POLICY_SPF_EVALUATE_H

#include <stdbool.h>
#include <stdint.h>

#include "dns/resolver.h"
#include "lib/arena.h"
#include "lib/deadline.h"
#include "lib/ip.h"
#include "lib/view.h"
#include "policy/spf/result.h"

enum {
	SPF_TERMS_MAX = 10, /* that ask the DNS */
	SPF_VOIDS_MAX = 2,  /* of them without an answer */
	SPF_HOSTS_MAX = 10, /* exchangers of a domain, names of an address */
};

struct spf_question {
	struct ip ip;         /* of the client */
	struct view helo;     /* as the client said it */
	struct view sender;   /* envelope sender, unquoted; empty is the null sender */
	struct view receiver; /* this host, for %{r} */
	bool is_own;          /* the client is this host: pass, without a question */
	int64_t now;
	/* The admin's own (inbound 5.6.4); each may be empty.  A version in front is skipped. */
	struct view
	    local_rules;   /* terms asked before a record would not let the client pass */
	struct view guess; /* terms used when there is no record */
	struct view explanation; /* of what the domain does not explain itself */
};

/* Views are of the question, of literals, or in the arena. */
struct spf_verdict {
	enum spf_result result;
	bool is_helo;       /* the null sender: the HELO name was checked */
	struct view sender; /* what was checked: never without a local part */
	struct view domain; /* its domain */
	struct view term;   /* the term that decided or is wrong; may be empty */
	const char *reason; /* of an error: a literal; else NULL */
	bool is_local;      /* one of the local rules, or the guess, decided */
	struct view
	    wrong_local; /* a term of the admin's own that is wrong: they were ignored */
	/* Why the result is not pass, one line of printable ASCII; may be empty. */
	struct view explanation;
	bool is_theirs; /* the explanation is the domain's, not ours; of SPF_FAIL only */
};

/* Ask.  `out` lives as long as the question and `mem`. */
void spf_evaluate(struct resolver *r, const struct spf_question *q,
    struct deadline deadline, struct arena *mem, struct spf_verdict *out);

#endif
