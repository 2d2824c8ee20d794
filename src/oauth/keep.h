/* keep - the files of state/oauth: what must survive us.  Each is replaced as a whole, and is on the
 * disk before we go on.
 *
 *   NAME          the last access token (wire/token.h says how), for the group
 *   NAME.refresh  the refresh token that the server gave in place of the admin's, for us alone
 *   NAME.failed   when and why a renewal failed
 *   NAME.lock     locked by who renews */
#ifndef OAUTH_KEEP_H
#define OAUTH_KEEP_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/str.h"
#include "lib/view.h"
#include "wire/token.h"

/* Lock a name, waiting for whoever has it.  The descriptor to close, or -1 with errno. */
int keep_lock(struct view name);

/* False: there is none that can be used.  *out points into `room`; wipe that. */
bool keep_read_token(struct view name, struct str *room, struct token_kept *out);
int keep_write_token(
    struct view name, const struct token_kept *kept); /* 0, or -1 with errno */

/* Can a refresh token be kept?  To be known before the server may give the old one up.  0, or -1
 * with errno. */
int keep_try(struct view name);
/* The one to use, to be read before keep_try(): that which was given in place of `given`, the admin's, or `given` itself.  An admin
 * who writes a new one has the last word. */
void keep_read_refresh(struct view name, struct view given, struct str *out);
int keep_write_refresh(
    struct view name, struct view given, struct view renewed); /* 0, or -1 with errno */

struct keep_failure {
	uint64_t at;    /* seconds since 1970 */
	uint64_t count; /* in a row */
	struct str words;
};
/* False: the last renewal did not fail. */
bool keep_read_failure(struct view name, struct keep_failure *out);
void keep_write_failure(struct view name, const struct keep_failure *failure);
void keep_forget_failure(struct view name);

#endif
