/* authline - a line of users/auth (qmail-auth(5)):
 *
 *   name:hash[:sender,...]
 *
 * An empty line and one that starts with '#' say nothing. */
#ifndef USERS_AUTHLINE_H
#define USERS_AUTHLINE_H

#include <stdbool.h>

#include "lib/str.h"
#include "lib/view.h"

enum {
	AUTHLINE_NAME_MAX = 255,     /* octets */
	AUTHLINE_HASH_MAX = 383,     /* what crypt(3) can return */
	AUTHLINE_SENDERS_MAX = 4096, /* octets of the list: it must fit into a pipe */
};

struct authline {
	struct view name, hash;
	struct view senders; /* with commas between; empty: any sender */
};

enum authline_kind { AUTHLINE_ENTRY, AUTHLINE_EMPTY, AUTHLINE_MALFORMED };

/* Judge a line (without its LF; blanks and CR at its end are dropped).  On AUTHLINE_ENTRY *out
 * points into it; on AUTHLINE_MALFORMED *why is a literal that says what is wrong. */
enum authline_kind authline_parse(
    struct view line, struct authline *out, const char **why);

/* What is wrong with a name, or with one sender; NULL: nothing.  A sender is user@host, @host for
 * everyone there, or <> for the null sender. */
const char *authline_name_problem(struct view name);
const char *authline_sender_problem(struct view sender);

/* Append the key of a name: what is behind its last '@', the realm, in lower case. */
void authline_append_key(struct str *out, struct view name);

/* Are these two names one user's? */
bool authline_is_same_name(struct view a, struct view b);

/* A hash that starts with '!' or '*' is locked: no password is the right one. */
bool authline_is_locked(struct view hash);

#endif
