/* ids - uids and gids of the qmail users, without NSS: from users/ids, else by a plain scan of
 * /etc/passwd and /etc/group (DESIGN 5).  The current directory must be the home.
 *
 * A line of users/ids is "name:number" for a user and "@name:number" for a group; the installer
 * writes it.  The file counts only if it is root's and writable by nobody else; a name that it
 * lacks is looked for in the system's files as if there were no users/ids.  Every answer is
 * ANSWER_ERROR, with errno, when a file is there but cannot be read. */
#ifndef CONFIG_IDS_H
#define CONFIG_IDS_H

#include <stddef.h>
#include <sys/types.h>

#include "lib/answer.h"

enum {
	IDS_NAMES = 8,            /* that one call may ask for */
	IDS_FILE_MAX = 64 << 20,  /* octets of a file that are looked at */
	IDS_LINE_MAX = 16 * 1024, /* a longer line is passed over */
};

enum answer ids_user(const char *name, uid_t *out);
enum answer ids_group(const char *name, gid_t *out);

/* Which of `count` names (at most IDS_NAMES) has this uid: the first one's index in *which. */
enum answer ids_which(uid_t uid, const char *const *names, size_t count, size_t *which);

#endif
