#define _GNU_SOURCE
#include "wire/rights.h"

#include <errno.h>
#include <pwd.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "os/identity.h"
#include "os/os.h"
#include "os/softlimits.h"

static void
reset_signals(void)
{
	struct itimerval never = { { 0, 0 }, { 0, 0 } };
	sigset_t none;
	int sig;

	for (sig = 1; sig < SIGRTMIN; sig++)
		if (sig != SIGPIPE)
			signal(sig, SIG_DFL); /* fails for those that cannot be changed */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setitimer(ITIMER_REAL, &never, NULL);
	setitimer(ITIMER_VIRTUAL, &never, NULL);
	setitimer(ITIMER_PROF, &never, NULL);
}

void
rights_forget_caller(void)
{
	os_close_from(3);
	reset_signals();
	umask(077);
	softlimits_raise(NULL);
	os_no_core();
	os_keep_secrets();
}

void
rights_forget_environment(void)
{
	clearenv();
}

int
rights_forget_environment_but(const char *home)
{
	rights_forget_environment();
	return setenv("QMAILHOME", home, 1);
}

int
rights_drop_group(void)
{
	int result = os_drop_group();

	os_keep_secrets(); /* the kernel forgets it when ids change */
	return result;
}

int
rights_become(const char *user)
{
	const struct passwd *who;

	if (getuid() != 0)
		return rights_drop_group();
	who = getpwnam(user);
	if (!who || who->pw_uid == 0) {
		errno = ENOENT;
		return -1;
	}
	if (os_become(who->pw_uid, who->pw_gid) < 0)
		return -1;
	os_keep_secrets(); /* likewise */
	return 0;
}
