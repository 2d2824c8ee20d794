/* macro - macro strings of SPF records and explanations (RFC 7208 section 7). */
#ifndef POLICY_SPF_MACRO_H
#define POLICY_SPF_MACRO_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/ip.h"
#include "lib/str.h"
#include "lib/view.h"

enum { SPF_EXPANDED_MAX = 16384 }; /* octets that an expansion may have */

/* Where the text stands: c, r and t, and blanks, are for explanations alone (RFC 7208 7.2). */
enum spf_macro_use { SPF_IN_RECORD, SPF_IN_EXPLANATION };

/* What macros stand for. */
struct spf_macros {
	struct ip ip;         /* i, c, v */
	struct view sender;   /* s: never without a local part */
	struct view local;    /* l */
	struct view origin;   /* o: the sender's domain */
	struct view domain;   /* d: whose record it is */
	struct view helo;     /* h */
	struct view receiver; /* r; empty: "unknown" */
	int64_t now;          /* t */
	/* p: the verified name of the client, "unknown" if there is none.  Called only when it is
	 * wanted, for it costs questions. */
	struct view (*client_name)(void *context, struct view domain);
	void *context;
};

/* Is `text` a macro-string?  So is the empty one. */
bool spf_macro_is_valid(struct view text, enum spf_macro_use use);

/* Is it a domain-spec, a macro-string that ends in a top label that is no number, or in a macro? */
bool spf_macro_is_domain(struct view text);

/* Append the expansion of `text`, which is valid.  False, with part of it appended, if that gets
 * longer than SPF_EXPANDED_MAX. */
bool spf_macro_expand(struct str *out, struct view text, const struct spf_macros *m);

#endif
