/* base64types - what a part in base64 must not hold, by s/qmail's badmimetypes.cdb, badloadertypes.cdb
 * and their variables (inbound 5.9, 6.1). */
#ifndef CONTENT_BASE64TYPES_H
#define CONTENT_BASE64TYPES_H

#include <stdbool.h>
#include <stddef.h>

#include "config/cdbmap.h"

enum {
	BADMIMETYPE_KEY = 9,   /* a part's first octets, blanks and line ends left out */
	BADLOADERTYPE_KEY = 5, /* octets of one line */
};

/* What is asked.  {0} is nothing. */
struct base64types {
	struct cdbmap *mime, *loader;
	bool no_blanks; /* a blank inside a line is refused */
	bool any_start; /* keys of `loader` may begin with any octet, */
	char start;     /* else with this one */
};

/* The state of a message.  {0} is its start. */
struct base64types_state {
	bool is_active; /* in a part in base64 */
	char first[BADMIMETYPE_KEY];
	size_t first_len;
	char window[BADLOADERTYPE_KEY];
	size_t window_len;
	bool saw_text, saw_blank; /* in the present line */
};

enum base64types_finding {
	BASE64_NOTHING,
	BASE64_BAD_MIME,
	BASE64_BLANK,
	BASE64_BAD_LOADER,
	BASE64_UNKNOWN, /* `problem`: a file that is asked is damaged */
};

/* A part begins. */
void base64types_part(struct base64types_state *s, bool is_base64);

/* A piece of a line of its body. */
enum base64types_finding base64types_take(const struct base64types *t,
    struct base64types_state *s, struct view piece, bool ends, struct problem *problem);

#endif
