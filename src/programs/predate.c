/* predate - put a Date field in the time of this place in front of a message, and give both to a
 * program.  See predate(1). */
#define _DEFAULT_SOURCE /* tm_gmtoff */
#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/complain.h"
#include "lib/date.h"
#include "lib/feed.h"
#include "lib/program.h"
#include "lib/str.h"
#include "os/os.h"

enum { EXIT_USAGE = 100, EXIT_FAILED = 111 };

static _Noreturn void
out_of_memory(void)
{
	os_exit_saying(STDERR_FILENO, "predate: fatal: out of memory\n", EXIT_FAILED);
}

static _Noreturn void
fail(const char *what, const char *which)
{
	complain("predate: fatal: ", what, which, ": ", strerror(errno), (char *)NULL);
	_exit(EXIT_FAILED);
}

static void
put_date(struct writer *w)
{
	time_t now = time(NULL);
	struct tm local = { 0 };
	struct str line = { 0 };

	localtime_r(&now, &local);
	str_append_text(&line, "Date: ");
	date_format_zone(&line, now, (int)(local.tm_gmtoff / 60));
	str_append_byte(&line, '\n');
	writer_put(w, str_view(&line));
	str_free(&line);
}

int
main(int argc, char **argv)
{
	struct spawn child = { .argv = argv + 1, .search = true };
	struct feed feed;
	int status;

	program_start(out_of_memory);
	if (argc < 2) {
		complain("predate: usage: predate child", (char *)NULL);
		return EXIT_USAGE;
	}
	child.path = argv[1];
	if (feed_start(&feed, &child) < 0)
		fail("unable to run ", argv[1]);
	put_date(&feed.to);
	if (feed_copy(&feed, STDIN_FILENO) < 0)
		fail("unable to read input", "");
	if (feed_end(&feed, &status) < 0)
		fail("unable to write to ", argv[1]);
	if (!WIFEXITED(status)) {
		complain("predate: fatal: child crashed", (char *)NULL);
		return EXIT_FAILED;
	}
	return WEXITSTATUS(status);
}
