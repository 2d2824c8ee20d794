/* vpasswd - vpasswd.cdb, the users of a domain of vpopmail: key is the user in lower case, data
 *
 *   crypt:uid:gid:gecos:dir:quota[:clear]
 *
 * The uid and gid are no ids, but flags.  passwd.cdb of vmailmgr has the same keys; its data is not
 * looked at. */
#ifndef USERS_VPASSWD_H
#define USERS_VPASSWD_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/str.h"
#include "lib/view.h"

enum { VPASSWD_BOUNCES = 0x10 }; /* flag in gid: mail for this user comes back */

struct vpasswd {
	uint64_t flags;
	struct view dir, quota;
};

/* Take a record apart; the views point into it.  False if it has too few fields, its gid is no
 * number, or its directory no absolute path. */
bool vpasswd_parse(struct view record, struct vpasswd *out);

enum vpasswd_answer {
	VPASSWD_NO,
	VPASSWD_YES,
	VPASSWD_ABSENT,    /* there is no such file */
	VPASSWD_HIDDEN,    /* may not look whether there is one */
	VPASSWD_FORBIDDEN, /* there is one, but it may not be read */
	VPASSWD_FAILED,    /* it is damaged, or could not be read */
};

/* Is `user`, in lower case, in the cdb file `path`?  With `extensions` who is left of a '-' in it
 * will do.  On VPASSWD_YES *record is the data. */
enum vpasswd_answer vpasswd_look_up(
    const char *path, struct view user, bool extensions, struct str *record);

#endif
