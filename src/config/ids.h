/* ids - uids and gids of the qmail users, without NSS: from users/ids ("name:number" lines, written
 * by the installer; used only if root's and not writable by others), else by a plain scan of
 * /etc/passwd and /etc/group (DESIGN 5).  The current directory must be the home. */
#ifndef CONFIG_IDS_H
#define CONFIG_IDS_H

#include <sys/types.h>

#include "lib/answer.h"

enum answer ids_user(const char *name, uid_t *out);
enum answer ids_group(const char *name, gid_t *out);

#endif
