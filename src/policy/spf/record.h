/* record - an SPF record taken apart (RFC 7208 sections 4.6, 5, 6 and 12). */
#ifndef POLICY_SPF_RECORD_H
#define POLICY_SPF_RECORD_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/arena.h"
#include "lib/ip.h"
#include "lib/view.h"
#include "policy/spf/result.h"

enum spf_mechanism {
	SPF_ALL,
	SPF_INCLUDE,
	SPF_A,
	SPF_MX,
	SPF_PTR,
	SPF_IP4,
	SPF_IP6,
	SPF_EXISTS,
};

/* A mechanism with its qualifier. */
struct spf_term {
	enum spf_mechanism mechanism;
	enum spf_result result; /* of a match */
	struct view domain; /* domain-spec with its macros; empty: the current domain */
	struct ip ip;       /* ip4, ip6; an IPv4-mapped address of ip6 stays version 6 */
	unsigned bits4, bits6; /* of the network; ip4 and ip6 use one of them */
	struct view text;      /* as written */
};

struct spf_record {
	struct spf_term *terms;
	size_t count;
	bool has_redirect, has_exp;
	struct view redirect, exp; /* domain-specs */
};

/* Does this text record begin with the version, alone or before a blank (RFC 7208 4.5)? */
bool spf_record_is_one(struct view text);

/* Take apart the terms that stand behind the version.  False, with `out` untouched, if one is
 * malformed, wherever it stands; then *wrong is that one.  The terms are in `mem`, the views are of
 * `terms`. */
bool spf_record_parse(
    struct view terms, struct arena *mem, struct spf_record *out, struct view *wrong);

/* What stands behind the version of a text that is a record. */
struct view spf_record_terms(struct view text);

#endif
