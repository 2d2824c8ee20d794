/* patterns - lists whose lines are patterns (inbound 5.3): POSIX extended regular expressions, as in
 * the qregex patches, or wildmat patterns, as in s/qmail.  Case does not matter in either.
 *
 * A list is compiled once in a session, and bounded (D33).  A line that is wrong or costs too much
 * (policy/regexcost.h) is told to the log and matches nothing.
 */
#ifndef POLICY_PATTERNS_H
#define POLICY_PATTERNS_H

#include <stddef.h>

#include "config/control.h"
#include "lib/log.h"
#include "lib/view.h"

enum {
	PATTERN_COST_MAX = 1024, /* of a line; compiling may take its square */
	PATTERNS_COST_MAX =
	    65536,               /* of a list, 16 for each line and its cost; the rest is
	                            * left out */
	PATTERN_TEXT_MAX = 1024, /* octets of the text that are looked at */
};

enum pattern_syntax {
	PATTERNS_NONE,
	/* Unanchored; a line "!re" applies to what re does not match. */
	PATTERNS_REGEX,
	/* The whole text: '*', '?', "[a-z]", "[^a-z]" and '\'; the first line that matches decides,
	 * and "!pattern" excludes. */
	PATTERNS_WILDMAT,
	/* The same, but lines that begin with '?' or '~' are something else and left out. */
	PATTERNS_WILDMAT_SENDER,
};

struct patterns;

/* Of the lines of `list`, which must live as long.  `file` is for the log; `log` may be NULL. */
struct patterns *patterns_make(const struct control_list *list, const char *file,
    enum pattern_syntax syntax, const struct log *log);
void patterns_free(struct patterns *p); /* NULL is none */

/* The number of the line that applies to `text`; 0: none does. */
size_t patterns_find(const struct patterns *p, struct view text);

#endif
