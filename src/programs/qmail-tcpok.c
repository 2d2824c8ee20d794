/* qmail-tcpok - forget the addresses that timed out.  See qmail-tcpok(8). */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "config/tcptofile.h"
#include "lib/complain.h"
#include "lib/program.h"
#include "os/os.h"

enum { EXIT_FAILED = 111 };

static _Noreturn void
out_of_memory(void)
{
	os_exit_saying(STDERR_FILENO, "qmail-tcpok: fatal: out of memory\n", EXIT_FAILED);
}

static int
fail(const char *what, const char *file)
{
	complain("qmail-tcpok: fatal: unable to ", what, " ", program_home(), file, ": ",
	    strerror(errno), (char *)NULL);
	return EXIT_FAILED;
}

int
main(void)
{
	const char *failed;

	program_start(out_of_memory);
	if (program_enter_home() < 0)
		return fail("chdir to", "");
	failed = tcptofile_clear(TCPTO_FILE, TCPTO_RECORD);
	if (failed)
		return fail(failed, "/" TCPTO_FILE);
	/* qmail has none for IPv6, and nor has a home that another suite made. */
	failed = tcptofile_clear(TCPTO_FILE6, TCPTO_RECORD6);
	if (failed && errno != ENOENT)
		return fail(failed, "/" TCPTO_FILE6);
	return 0;
}
