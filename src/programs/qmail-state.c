/* qmail-state - counters, greylist, bans: small records with an end, kept for the other programs.
 * See qmail-state(8). */
#include <errno.h>
#include <sys/stat.h>

#include "config/helperusers.h"
#include "config/limits.h"
#include "lib/complain.h"
#include "lib/log.h"
#include "lib/program.h"
#include "lib/view.h"
#include "os/os.h"
#include "state/lmdb.h"
#include "state/loop.h"
#include "state/place.h"
#include "wire/rights.h"
#include "wire/serve.h"

enum { EXIT_USAGE = 100, EXIT_TROUBLE = 111 };

static _Noreturn void
out_of_memory(void)
{
	os_exit_saying(2, "qmail-state: out of memory\n", EXIT_TROUBLE);
}

static _Noreturn void
fail(const char *text)
{
	complain("qmail-state: ", text, NULL);
	os_exit_saying(2, "", EXIT_TROUBLE);
}

/* A limit that cannot be read is no reason to do without the store. */
static uint64_t
store_octets(const struct log *log)
{
	struct limits limits;
	struct problem problem;

	if (limits_read(&limits, &problem) == ANSWER_ERROR) {
		log_problem(log, &problem);
		limits = limits_default();
	}
	return limits.state_bytes;
}

int
main(int argc, char **argv)
{
	struct log log = { .program = "qmail-state", .level = 1, .fd = 2 };
	bool resident = argc == 2 && view_equal(view_of(argv[1]), VIEW("serve"));
	struct helperusers users;
	struct store store;
	int status = 0;

	/* Nothing of the caller's but the descriptors 0 to 2 and the home counts. */
	program_start(out_of_memory);
	rights_forget_caller();
	if (argc > 1 && !resident)
		os_exit_saying(
		    2, "qmail-state: usage: qmail-state [serve]\n", EXIT_USAGE);
	if (program_enter_home() < 0)
		fail("unable to enter the home");
	rights_forget_environment();
	helperusers_read(&users);
	/* A service that root started; one of a rootless home stays who it is. */
	if (resident && rights_become("qmailk") < 0)
		fail("unable to become qmailk");
	umask(007); /* the files are the group's: any of us may have made them */

	lmdb_init(&store, store_octets(&log), &log);
	place_mark_on_crash();
	if (!resident) {
		loop_one(0, &store, &users, &log);
	} else if (loop_many(&store, &users, &log) < 0) {
		serve_tell(&log, "state", "cannot listen", errno);
		status = EXIT_TROUBLE;
	}
	store.close(store.self);
	return status;
}
