/* backend - what a resolver is made of, for the files that implement one. */
#ifndef DNS_BACKEND_H
#define DNS_BACKEND_H

#include "dns/resolver.h"

struct resolver {
	/* Fill in every answer; `count` is at least 1 and at most DNS_QUESTIONS_MAX. */
	void (*ask)(struct resolver *r, const struct dns_question *questions,
	    size_t count, struct deadline deadline, struct arena *mem,
	    struct dns_answer *answers);
	void (*free)(struct resolver *r); /* all of it, *r too */
	const char *reason;               /* of the last failure */
};

#endif
