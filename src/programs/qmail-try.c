/* qmail-try - what would happen, without letting it happen: how a message would leave.  See
 * qmail-try(8). */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/complain.h"
#include "lib/program.h"
#include "lib/view.h"
#include "os/os.h"
#include "try/route.h"

enum { EXIT_USAGE = 100 };

static const char usage[] = "usage: qmail-try route [-c] SENDER RECIPIENT\n";

static _Noreturn void
out_of_memory(void)
{
	os_exit_saying(STDERR_FILENO, "qmail-try: fatal: out of memory\n", TRY_TROUBLE);
}

/* route [-c] SENDER RECIPIENT.  The null sender may be written "<>", which is easier to see. */
static bool
parse_route(char **arguments, int count, struct try_route *out)
{
	*out = (struct try_route) { .connects = false };
	if (count > 0 && strcmp(arguments[0], "-c") == 0) {
		out->connects = true;
		arguments++;
		count--;
	}
	if (count != 2)
		return false;
	out->sender = view_of(arguments[0]);
	out->recipient = view_of(arguments[1]);
	if (view_equal(out->sender, VIEW("<>")))
		out->sender = VIEW("");
	return true;
}

int
main(int argc, char **argv)
{
	struct try_route route;

	program_start(out_of_memory);
	umask(077);
	os_no_core();
	os_keep_secrets();
	if (argc < 2 || strcmp(argv[1], "route") != 0 ||
	    !parse_route(argv + 2, argc - 2, &route))
		os_exit_saying(STDERR_FILENO, usage, EXIT_USAGE);
	if (program_enter_home() < 0) {
		complain("qmail-try: fatal: unable to enter the home: ", strerror(errno),
		    (char *)NULL);
		return TRY_TROUBLE;
	}
	return try_route(&route);
}
