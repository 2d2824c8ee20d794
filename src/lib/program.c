#include "lib/program.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "build.h"
#include "lib/env.h"
#include "lib/fd.h"
#include "lib/mem.h"
#include "os/os.h"

/* what(1) and strings(1) find the release in any binary. */
__attribute__((used)) static const char release[] = "@(#)qferry " BUILD_VERSION;

void
program_start(void (*out_of_memory)(void))
{
	fd_fill_standard();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is a write that fails */
	/* An inherited "ignore" would take the exit codes of our children: a message that is in
	 * the queue would be answered 451, and come again. */
	signal(SIGCHLD, SIG_DFL);
	mem_on_exhausted(out_of_memory);
}

const char *
program_home(void)
{
	const char *home = os_is_privileged() ? NULL : env_value("QMAILHOME");

	return home && *home ? home : BUILD_HOME;
}

static bool
is_same_directory(const char *a, const char *b)
{
	struct stat sa, sb;

	if (strcmp(a, b) == 0)
		return true;
	return stat(a, &sa) == 0 && stat(b, &sb) == 0 && sa.st_dev == sb.st_dev &&
	    sa.st_ino == sb.st_ino;
}

int
program_enter_home(void)
{
	const char *wanted = env_value("QMAILHOME");

	if (wanted && *wanted && os_is_privileged() &&
	    !is_same_directory(wanted, BUILD_HOME)) {
		errno = EPERM;
		return -1;
	}
	return chdir(program_home());
}
