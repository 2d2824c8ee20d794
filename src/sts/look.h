/* look - what is known of a domain's policy is brought up to date: its record in the DNS, and if that
 * says something new, or the policy is a day old, the policy (RFC 8461 3.3, 5; outbound 4.6).
 *
 * A policy holds until its max_age is over, whatever fails meanwhile.  After a failure the domain is
 * left alone for five minutes; else for an hour. */
#ifndef STS_LOOK_H
#define STS_LOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "dns/resolver.h"
#include "lib/log.h"
#include "lib/str.h"
#include "lib/view.h"
#include "sts/fetch.h"

enum {
	LOOK_RETRY = 300,   /* seconds after a failure */
	LOOK_AGAIN = 3600,  /* else */
	LOOK_RENEW = 86400, /* a policy so old is fetched although its id is the same */
};

struct look_question {
	struct view domain;
	uint64_t now;
	bool used; /* mail wants to know; else it is looked at for its age */
	bool anew; /* even if the policy is fresh: the admin wants to see it work */
};

/* The result; {0} is empty. */
struct look {
	struct str room; /* holds what `kept` points to */
	struct sts_kept kept;
	bool fetched; /* there is a new policy */
};

/* Read what there is, look, and put the result into *out; keep_write() it. */
void look_at(const struct look_question *question, struct resolver *r,
    const struct fetch_settings *settings, struct look *out);
/* The same for a look that could not be: `text`, a literal, says why. */
void look_failed(struct view domain, uint64_t now, const char *text, struct look *out);
void look_free(struct look *look);

/* Which of the two a look at a record comes to. */
enum look_choice { LOOK_KEEP, LOOK_FETCH };
enum look_choice look_choose(
    const struct sts_kept *kept, struct view id, const struct look_question *question);

/* One line: what was found, with event "sts". */
void look_log(const struct look *look, const struct log *log);

#endif
