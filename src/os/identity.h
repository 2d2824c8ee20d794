/* identity - giving privileges up: for good, or, for root, for a while. */
#ifndef OS_IDENTITY_H
#define OS_IDENTITY_H

#include <stdbool.h>
#include <sys/types.h>

/* Become `uid` with `gid` as the only group, all three ids of each.  0, or -1 with errno. */
int os_become(uid_t uid, gid_t gid);

/* Root acts as `uid`, with `gid` as the only group, in what the effective ids decide: files, until
 * os_act_as_root().  0, or -1 with errno: then it may be half of both, and must not go on. */
int os_act_as(uid_t uid, gid_t gid);
int os_act_as_root(void);

/* The group of it alone, for a process that stays root. */
int os_become_group(gid_t gid);

/* Is no_new_privs set: do set-id programs that are started from here gain nothing? */
bool os_has_no_new_privileges(void);

/* Give up the group that the set-gid bit of the program gave. */
int os_drop_group(void);

#endif
