/* assign - a line of users/assign, and the records of users/cdb that it becomes (queue 4.9):
 *
 *   =local:user:uid:gid:home:dash:ext:     one local part
 *   +prefix:user:uid:gid:home:dash:pre:    every local part that starts so
 *
 * The file ends at the first line that starts with '.'. */
#ifndef USERS_ASSIGN_H
#define USERS_ASSIGN_H

#include <stdbool.h>

#include "lib/str.h"
#include "lib/view.h"

enum assign_line {
	ASSIGN_EXACT,
	ASSIGN_WILDCARD,
	ASSIGN_END,       /* the line that starts with '.' */
	ASSIGN_MALFORMED, /* no key, fewer than seven colons, or a NUL */
};

/* Judge a line (without its LF).  On ASSIGN_EXACT and ASSIGN_WILDCARD, *key and *data become the
 * record; on anything else they are untouched.  As in qmail, any first byte but '+' and '.' means
 * an exact line, and the numbers are not looked at. */
enum assign_line assign_parse(struct view line, struct str *key, struct str *data);

/* Add what `key` of a wildcard ends in to `last`, the set under the empty key, unless it is there. */
void assign_note_wildcard(struct str *last, struct view key);

#endif
