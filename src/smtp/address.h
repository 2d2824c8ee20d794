/* address - the mailbox in MAIL FROM and RCPT TO (inbound 3.1; RFC 5321 4.1.2 and 4.5.3.1). */
#ifndef SMTP_ADDRESS_H
#define SMTP_ADDRESS_H

#include <stdbool.h>

#include "lib/arena.h"
#include "lib/str.h"
#include "lib/view.h"

enum { ADDRESS_MAX = 1000 }; /* octets that qmail-queue takes; control/limits says less */

/* Both parts empty is the null sender, <>.  The views point into the arena given to
 * address_parse() and die with it. */
struct address {
	struct view
	    whole; /* unquoted, as it goes into the envelope: local, "@", domain */
	struct view local;  /* before the last '@'; all of it if there is none */
	struct view domain; /* after the last '@'; empty if there is none */
	bool has_at;
};

enum address_syntax {
	ADDRESS_OK,
	ADDRESS_MALFORMED, /* the reply is the caller's: inbound 2.3 */
	ADDRESS_TOO_LONG,
};

enum address_rules {
	ADDRESS_CLEAN, /* C0 controls, DEL and unbalanced quotes are malformed (3.1.12) */
	ADDRESS_STOCK, /* only NUL is: anything else passes verbatim, as in qmail */
};

/* Parse what stands behind MAIL or RCPT and its spaces, by qmail's liberal grammar (3.1.1 to
 * 3.1.5): "FROM:<...>" or "FROM: ..."; the words are not checked.  Source routes are accepted and
 * dropped.  Neither '<' nor ':' is malformed (3.1.11), and what `rules` says.  On ADDRESS_OK, *out
 * is the address, its bytes owned by `mem`, and *rest is what follows the '>' (or the space); on
 * any other result neither is touched. */
enum address_syntax address_parse(struct view arg, enum address_rules rules,
    struct arena *mem, struct address *out, struct view *rest);

/* Split an envelope address that is unquoted already. */
struct address address_of(struct view whole);

bool address_is_null(const struct address *a);
bool address_is_postmaster(const struct address *a); /* anywhere, or without a domain */

/* Append the address for the wire: as quote_address() does (outbound 2.7), but without '@' verbatim. */
void address_format(struct str *out, struct view whole);

#endif
