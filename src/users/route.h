/* route - which channel a recipient takes, and under which address (queue 4.3, outbound 6.2): what
 * qmail-send and qmail-rcpt answer alike.  Pure but for the functions that read. */
#ifndef USERS_ROUTE_H
#define USERS_ROUTE_H

#include "config/control.h"
#include "config/domainmap.h"
#include "lib/problem.h"
#include "lib/str.h"
#include "lib/view.h"

enum channel_kind { CHANNEL_LOCAL, CHANNEL_REMOTE, CHANNELS };

/* The bytes of a control list with its lookup. */
struct route_table { /* {0} is empty */
	struct str text;
	struct domainmap map;
};

struct routes { /* {0} is empty: everything is remote */
	struct route_table locals, virtualdomains, percenthack;
	struct str envnoathost;
};

/* Make a table from the text of its file; `separator` as in domainmap_of(). */
void route_table_parse(struct route_table *table, struct view text, char separator);

/* Read a list with its lookup; where it is absent, the first line of `heir` (NULL: none) is the
 * list.  As control_bytes(); *out is untouched unless ANSWER_YES. */
enum answer route_table_read(const char *file, const char *heir, char separator,
    struct route_table *out, struct problem *problem);
void route_table_free(struct route_table *table); /* {0} again */

/* locals, virtualdomains, percenthack, envnoathost, from the home, the current directory.  *out must
 * be {0}.  ANSWER_YES; or ANSWER_ERROR with `problem` (may be NULL): unreadable, or there is neither
 * me nor locals.  What was read so far is the caller's to free either way. */
enum answer routes_read(struct routes *out, struct problem *problem);
void routes_free(struct routes *r);

/* The channel of `recipient`; *out is set to the address as it goes into local/N or remote/N. */
enum channel_kind route_recipient(
    const struct routes *r, struct view recipient, struct str *out);

/* The address without the prefix that virtualdomains puts before it now; as given if there is none
 * (queue 4.7). */
struct view route_strip_prefix(const struct routes *r, struct view recipient);

#endif
