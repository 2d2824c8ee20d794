/* qmail-dns - answer questions to the DNS for the other programs.  See qmail-dns(8). */
#include <errno.h>
#include <sys/resource.h>

#include "ares/loop.h"
#include "lib/fd.h"
#include "lib/log.h"
#include "lib/program.h"
#include "lib/view.h"
#include "os/os.h"
#include "wire/serve.h"

enum {
	EXIT_USAGE = 100,
	EXIT_TEMPORARY = 111,
	MEMORY = 64 * 1024 * 1024,
	DESCRIPTORS = 8192,
};

static _Noreturn void
out_of_memory(void)
{
	os_exit_saying(2, "qmail-dns: out of memory\n", EXIT_TEMPORARY);
}

/* A softlimit for the parent may be too small for us.  Never above the hard limit. */
static void
raise_limit(int resource, rlim_t wanted)
{
	struct rlimit limit;

	if (getrlimit(resource, &limit) < 0 || limit.rlim_cur >= wanted)
		return;
	limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
	setrlimit(resource, &limit);
}

int
main(int argc, char **argv)
{
	struct log log = { .program = "qmail-dns", .level = 1, .fd = 2 };
	bool resident = argc == 2 && view_equal(view_of(argv[1]), VIEW("serve"));

	program_start(out_of_memory);
	os_close_from(3);
	if (argc > 1 && !resident)
		os_exit_saying(2, "qmail-dns: usage: qmail-dns [serve]\n", EXIT_USAGE);
	raise_limit(RLIMIT_AS, MEMORY);
	raise_limit(RLIMIT_DATA, MEMORY);
	raise_limit(RLIMIT_NOFILE, DESCRIPTORS);
	if (program_enter_home() < 0)
		os_exit_saying(
		    2, "qmail-dns: unable to enter the home\n", EXIT_TEMPORARY);
	if (!resident) {
		loop_one(0, &log);
		return 0;
	}
	if (loop_many(&log) < 0) {
		serve_tell(&log, "dns", "cannot listen", errno);
		return EXIT_TEMPORARY;
	}
	return 0;
}
