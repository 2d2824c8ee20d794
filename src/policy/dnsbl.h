/* dnsbl - lists of addresses and domains that are kept in the DNS (RFC 5782; inbound 5.5): their
 * lines in control files, what is asked, and what the answers decide.
 *
 *   [+|-|=]zone[:[-]text]     control/dnsbllist
 *   zone[:text] or zone text  control/rhsbl_zones
 *
 * With a text, A is asked and the text said; without, TXT too, and its first text said: then
 * there must be one.  An answer outside 127.0.0.0/8, or in 127.255.255.0/24, where lists say that
 * they do not answer us, is no listing. */
#ifndef POLICY_DNSBL_H
#define POLICY_DNSBL_H

#include <stdbool.h>
#include <stddef.h>

#include "dns/resolver.h"
#include "lib/arena.h"
#include "lib/deadline.h"
#include "lib/str.h"
#include "lib/view.h"

enum { DNSBL_TEXT = 500 }; /* octets of a text; the rest is cut */

enum dnsbl_action {
	DNSBL_DELAY,  /* no sign: reject temporarily */
	DNSBL_REJECT, /* "-", or a text that begins with "-" */
	DNSBL_ACCEPT, /* "+": whoever is listed is welcome, and later lists do not count */
	DNSBL_LOG,    /* "=": only the log tells */
};

struct dnsbl_zone {
	enum dnsbl_action action;
	struct view zone; /* without dots at its ends */
	struct view text; /* empty: asked for by TXT */
};

/* A line of dnsbllist; a blank and '#' begin a comment.  False, *out untouched, if it names no
 * zone.  The views are parts of the line. */
bool dnsbl_parse(struct view line, struct dnsbl_zone *out);

/* A line of rhsbl_zones, or a part of $RHSBL; all of these reject. */
bool dnsbl_parse_rhsbl(struct view line, struct dnsbl_zone *out);

/* Is `name` one that a list of domains may be asked about: dots in it, but no address? */
bool dnsbl_is_domain(struct view name);

enum dnsbl_listing { DNSBL_UNLISTED, DNSBL_LISTED, DNSBL_UNKNOWN };

struct dnsbl_finding {
	enum dnsbl_listing listing;
	struct view text; /* of TXT; only if listed and the zone has no text */
};

/* Ask all zones at once about `key`: a domain, or an address reversed (ptr_reverse()), without a
 * dot at its end.  findings[i] belongs to zones[i]; all in `mem`. */
void dnsbl_ask(struct resolver *r, struct view key, const struct dnsbl_zone *zones,
    size_t count, struct deadline deadline, struct arena *mem,
    struct dnsbl_finding *findings);

enum dnsbl_result {
	DNSBL_RESULT_PASS,   /* on no list */
	DNSBL_RESULT_IGNORE, /* on lists that are only logged */
	DNSBL_RESULT_ACCEPT,
	DNSBL_RESULT_DELAY,
	DNSBL_RESULT_REJECT,
};

struct dnsbl_decision {
	enum dnsbl_result result;
	struct view zone; /* whose word it is; empty: nobody's */
	struct view text; /* printable; in the arena; only of DELAY and REJECT */
};

/* The first zone in the order of the list that decides.  One that did not answer makes a later
 * rejection temporary; with `fails_closed` it rejects temporarily itself.  Not so one that is only
 * logged.  `who` stands for %IP% in a zone's text. */
void dnsbl_decide(const struct dnsbl_zone *zones, const struct dnsbl_finding *findings,
    size_t count, bool fails_closed, struct view who, struct arena *mem,
    struct dnsbl_decision *out);

/* What $RBLSMTPD says: empty accepts, "-text" rejects, another text delays. */
void dnsbl_decide_by_variable(
    struct view value, struct arena *mem, struct dnsbl_decision *out);

/* "ignore", "pass", "accept", "delay", "reject". */
const char *dnsbl_result_text(enum dnsbl_result result);

#endif
