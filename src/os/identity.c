#define _GNU_SOURCE
#include "os/identity.h"

#include <grp.h>
#include <unistd.h>

int
os_become_group(gid_t gid)
{
	if (setgroups(1, &gid) < 0)
		return -1;
	return setresgid(gid, gid, gid);
}

int
os_become(uid_t uid, gid_t gid)
{
	if (os_become_group(gid) < 0)
		return -1;
	return setresuid(uid, uid, uid);
}

int
os_drop_group(void)
{
	gid_t gid = getgid();

	if (getegid() == gid)
		return 0;
	return setresgid(gid, gid, gid);
}
