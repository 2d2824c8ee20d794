/* qmail-newrcpt - write the list of all recipients that have a mailbox here, control/realrcptto.cdb.
 * See qmail-newrcpt(8). */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/cdbwriter.h"
#include "config/ids.h"
#include "lib/complain.h"
#include "lib/fd.h"
#include "lib/program.h"
#include "os/identity.h"
#include "os/os.h"
#include "users/lookup.h"
#include "users/newrcpt.h"

enum {
	EXIT_USAGE = 100,
	EXIT_FAILED = 111,
	PATIENCE = 3600, /* seconds: a home may hang for ever, and cron start more */
};

static const char TEMPORARY[] = "control/realrcptto.tmp";
static const char TARGET[] = "control/realrcptto.cdb";

static _Noreturn void
out_of_memory(void)
{
	os_exit_saying(
	    STDERR_FILENO, "qmail-newrcpt: fatal: out of memory\n", EXIT_FAILED);
}

static int
failed(const char *what, const char *file, int error)
{
	complain("qmail-newrcpt: fatal: ", what, file, error ? ": " : "",
	    error ? strerror(error) : "", (char *)NULL);
	return -1;
}

static int
failed_because_of(const struct problem *problem)
{
	complain("qmail-newrcpt: fatal: ", problem->where, ": ", problem->what,
	    problem->error ? ": " : "", problem->error ? strerror(problem->error) : "",
	    (char *)NULL);
	return -1;
}

/* --- what is known of the machine ------------------------------------------------------------------ */

struct work {
	struct lookup lookup;
	struct roster roster;
	struct homes homes;
	struct rcptset set;
	struct deliverable_sources sources;
	struct census census;
};

static bool
find_account(void *context, struct view local, struct account *out, const char **why)
{
	struct work *w = context;

	return w->lookup.sources.account(&w->lookup, local, out, why);
}

static const struct home *
find_home(void *context, const struct account *account)
{
	struct work *w = context;

	return homes_look(&w->homes, account);
}

static enum dotqmail
look_at_home(void *context, const struct account *account)
{
	return find_home(context, account)->state;
}

static enum dotqmail
look_at_file(void *context, const struct account *account, const char *name)
{
	return home_file_state(find_home(context, account), view_of(name));
}

static void
init(struct work *w)
{
	w->lookup.roster = &w->roster;
	w->sources = (struct deliverable_sources) { .context = w,
		.routes = &w->lookup.routes,
		.account = find_account,
		.home = look_at_home,
		.file = look_at_file };
	w->census = (struct census) { &w->sources, find_home, &w->set };
}

static void
end(struct work *w)
{
	lookup_end(&w->lookup);
	roster_free(&w->roster);
	homes_free(&w->homes);
	rcptset_free(&w->set);
}

/* Root sees the users as qmail-getpw will, which qmail-lspawn runs as qmailp. */
static int
read_users(struct work *w)
{
	bool is_root = geteuid() == 0;
	struct problem problem;
	uid_t uid;
	gid_t gid;

	if (w->lookup.rootless) /* there qmail-getpw is not asked */
		return 0;
	if (is_root &&
	    (ids_user("qmailp", &uid) != ANSWER_YES ||
		ids_group("nofiles", &gid) != ANSWER_YES))
		return failed("no user qmailp, or no group nofiles", "", 0);
	if (is_root && os_act_as(uid, gid) < 0)
		return failed("unable to act as qmailp", "", errno);
	if (roster_read(&w->roster, !is_root, &problem) != ANSWER_YES)
		return failed_because_of(&problem);
	if (is_root && os_act_as_root() < 0)
		return failed("unable to act as root again", "", errno);
	return 0;
}

/* --- the list -------------------------------------------------------------------------------------- */

static int
count(struct work *w)
{
	struct problem problem;

	newrcpt_count_routes(&w->census, &w->lookup.routes);
	newrcpt_count_users(&w->census, &w->roster);
	if (newrcpt_count_cdb(&w->census, &problem) == ANSWER_ERROR)
		return failed_because_of(&problem);
	if (w->homes.failed.what)
		return failed_because_of(&w->homes.failed);
	rcptset_sort(&w->set);
	return 0;
}

/* Whose addresses are all taken because nobody could look. */
static void
warn(const struct work *w)
{
	size_t i;

	for (i = 0; i < w->homes.count; i++) {
		const struct home *home = w->homes.homes[i];

		if (home->error != 0)
			complain("qmail-newrcpt: warning: unable to look into ",
			    home->path.at, ": ", strerror(home->error),
			    ": every address there is accepted", (char *)NULL);
	}
}

struct output {
	struct cdbwriter *cdb;
	int status;
};

static void
put(void *context, struct view key, bool good)
{
	struct output *out = context;

	if (out->status == 0)
		out->status = cdbwriter_add(out->cdb, key, good ? VIEW("") : VIEW("-"));
}

static int
write_list(const struct work *w)
{
	struct output out = { .cdb = cdbwriter_open(TEMPORARY) };

	if (!out.cdb)
		return failed("unable to write to ", TEMPORARY, errno);
	newrcpt_list(&w->census, &w->lookup.routes, put, &out);
	if (out.status < 0) {
		cdbwriter_abandon(out.cdb);
		return failed("unable to write to ", TEMPORARY, errno);
	}
	if (cdbwriter_commit(out.cdb, TARGET) < 0)
		return failed("unable to move realrcptto.tmp to ", TARGET, errno);
	return 0;
}

/* Two that run at once would write to one temporary file. */
static int
lock(void)
{
	int fd = open("control", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0 && flock(fd, LOCK_EX) < 0)
		fd_close(&fd);
	return fd;
}

static int
make_list(struct work *w)
{
	struct problem problem;

	if (lookup_read(&w->lookup, &problem) != ANSWER_YES)
		return failed_because_of(&problem);
	if (read_users(w) < 0 || count(w) < 0)
		return -1;
	warn(w);
	return write_list(w);
}

int
main(int argc, char **argv)
{
	struct work work = { 0 };
	int locked, status;

	(void)argv;
	program_start(out_of_memory);
	if (argc > 1) {
		complain("qmail-newrcpt: usage: qmail-newrcpt", (char *)NULL);
		return EXIT_USAGE;
	}
	umask(033);
	alarm(PATIENCE);
	if (program_enter_home() < 0 || lookup_start(&work.lookup) < 0) {
		failed("unable to enter the home", "", errno);
		return EXIT_FAILED;
	}
	locked = lock();
	if (locked < 0) {
		failed("unable to lock ", "control", errno);
		return EXIT_FAILED;
	}
	init(&work);
	status = make_list(&work);
	end(&work);
	fd_close(&locked);
	return status < 0 ? EXIT_FAILED : 0;
}
