/* sts - MTA-STS (RFC 8461) between qmail-sts, which fetches policies, and qmail-remote, which obeys
 * them: the file cache/sts/DOMAIN, and the note that one is missing or old.
 *
 * qmail-remote never waits for a policy: what is in the file counts, and a domain without a file is
 * one without a policy until qmail-sts has looked (outbound 4.6).  A file is replaced as a whole, so
 * it is read without a lock.  The current directory must be the home. */
#ifndef WIRE_STS_H
#define WIRE_STS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/answer.h"
#include "lib/str.h"
#include "lib/view.h"
#include "wire/frame.h"

#define STS_CACHE "cache/sts" /* no such directory: MTA-STS is off */

enum {
	STS_DOMAIN_MAX = 253,
	STS_ID_MAX = 32,
	STS_POLICY_MAX = 65536,               /* octets of a policy as it is fetched */
	STS_AGE_MAX = 31557600,               /* seconds */
	STS_TEXT_MAX = 300,                   /* octets of what is said about a failure */
	STS_KEPT_MAX = STS_POLICY_MAX + 2048, /* octets of the file */
};

enum sts_mode { STS_NONE, STS_TESTING, STS_ENFORCE };

/* "none", "testing", "enforce". */
const char *sts_mode_name(enum sts_mode mode);
bool sts_mode_by_name(struct view name, enum sts_mode *out);

/* Why there is no new policy, as RFC 8460 4.3.1 names it. */
enum sts_failure {
	STS_FINE,
	STS_FETCH_ERROR, /* it could not be had, or not as the RFC wants it */
	STS_INVALID,     /* it is none */
	STS_WEBPKI,      /* the policy host's certificate */
};
const char *sts_failure_name(enum sts_failure failure); /* "" for STS_FINE */

/* What is known of a domain.  Times are seconds since 1970; 0 is never. */
struct sts_kept {
	struct view domain;
	enum sts_mode mode;
	struct view id;   /* of the policy; empty: there is none */
	uint64_t max_age; /* as it says */
	uint64_t fetched, expires;
	uint64_t checked;         /* when we last looked */
	uint64_t next;            /* when to look again */
	uint64_t used;            /* when mail for the domain last wanted it */
	enum sts_failure failure; /* of the last look */
	struct view text;         /* about that: printable */
	struct view mx;           /* patterns in lower case, a blank between two */
};

/* May `domain` be a file in the cache?  Letters of either case, digits, '-', '_' and dots, as in
 * A-labels: neither "." nor a name with a '/' is one, nor what begins with a dot. */
bool sts_is_domain(struct view domain);

void sts_kept_format(struct str *out, const struct sts_kept *kept);
/* The views point into `bytes`.  False, *out untouched, for what qmail-sts would not write. */
bool sts_kept_parse(struct view bytes, struct sts_kept *out);

/* Is there a policy, not expired? */
bool sts_kept_is_valid(const struct sts_kept *kept, uint64_t now);

/* Is it a pattern as in a policy's mx: a host, or "*." and one? */
bool sts_is_pattern(struct view pattern);
/* The next pattern of a list; false at its end. */
bool sts_next_pattern(struct view *list, struct view *pattern);
/* Is `host`, in A-labels, one of the patterns?  "*." stands for exactly one label. */
bool sts_matches(struct view patterns, struct view host);

/* Read the file of `domain`; *kept points into `room`.  ANSWER_NO: there is none that can be used.
 * *off: there is no cache at all. */
enum answer sts_read(
    struct view domain, struct str *room, struct sts_kept *kept, bool *off);

/* Tell qmail-sts that `domain` should be looked at, if it listens; waits for nothing. */
void sts_note(struct view domain);
void sts_pack_note(struct str *packet, struct view domain);
/* False: no such note, or not of a domain. */
bool sts_parse_note(const struct frame *request, struct view *domain);

#endif
