#define _GNU_SOURCE
#include "os/identity.h"

#include <grp.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

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
os_act_as(uid_t uid, gid_t gid)
{
	if (setgroups(1, &gid) < 0 || setegid(gid) < 0)
		return -1;
	return seteuid(uid);
}

int
os_act_as_root(void)
{
	if (seteuid(0) < 0 || setegid(0) < 0)
		return -1;
	return setgroups(0, NULL);
}

int
os_drop_group(void)
{
	gid_t gid = getgid();

	if (getegid() == gid)
		return 0;
	return setresgid(gid, gid, gid);
}

bool
os_has_no_new_privileges(void)
{
#ifdef PR_GET_NO_NEW_PRIVS
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
#else
	return false;
#endif
}
