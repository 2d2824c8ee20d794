/* qmail-start - start the queue manager and its helpers, each as its user, and become qmail-send.
 * See qmail-start(8). */
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/ids.h"
#include "lib/env.h"
#include "lib/fd.h"
#include "lib/program.h"
#include "os/identity.h"
#include "os/os.h"

enum {
	EXIT_TROUBLE = 111,
	SAFE_FD = 16, /* above every number that a child gets a descriptor as */
};

enum user { QMAILL, QMAILQ, QMAILR, QMAILS, USERS };

struct identities {
	bool rootless; /* everything stays the caller */
	uid_t user[USERS];
	gid_t qmail, nofiles;
};

struct pipe {
	int read, write;
};

struct pipes {
	struct pipe log;
	struct pipe to_lspawn, from_lspawn;
	struct pipe to_rspawn, from_rspawn;
	struct pipe to_clean, from_clean;
};

/* What a child has as its descriptors 0, 1, ...; -1 is /dev/null. */
struct wiring {
	int fds[7];
	int count;
};

static _Noreturn void
out_of_memory(void)
{
	_exit(EXIT_TROUBLE);
}

static int
find_identities(struct identities *out)
{
	static const char *const names[USERS] = { "qmaill", "qmailq", "qmailr",
		"qmails" };
	int i;

	out->rootless = geteuid() != 0;
	if (out->rootless)
		return 0;
	for (i = 0; i < USERS; i++)
		if (ids_user(names[i], &out->user[i]) != ANSWER_YES)
			return -1;
	return ids_group("qmail", &out->qmail) == ANSWER_YES &&
		ids_group("nofiles", &out->nofiles) == ANSWER_YES
	    ? 0
	    : -1;
}

/* A home given by a relative path must still be found from "/". */
static int
keep_home(void)
{
	char home[PATH_MAX];

	if (program_home()[0] == '/')
		return 0;
	if (!getcwd(home, sizeof home))
		return -1;
	return setenv("QMAILHOME", home, 1);
}

static int
lift(int *fd)
{
	int high = fcntl(*fd, F_DUPFD_CLOEXEC, SAFE_FD);

	close(*fd);
	*fd = high;
	return high < 0 ? -1 : 0;
}

static int
make_pipe(struct pipe *out)
{
	int ends[2];

	if (fd_pipe(ends) < 0)
		return -1;
	*out = (struct pipe) { ends[0], ends[1] };
	return lift(&out->read) < 0 || lift(&out->write) < 0 ? -1 : 0;
}

static int
make_pipes(struct pipes *p, bool with_logger)
{
	p->log = (struct pipe) { -1, -1 };
	if (with_logger && make_pipe(&p->log) < 0)
		return -1;
	return make_pipe(&p->to_lspawn) < 0 || make_pipe(&p->from_lspawn) < 0 ||
		make_pipe(&p->to_rspawn) < 0 || make_pipe(&p->from_rspawn) < 0 ||
		make_pipe(&p->to_clean) < 0 || make_pipe(&p->from_clean) < 0
	    ? -1
	    : 0;
}

/* Arrange the descriptors and exec; returns only if that failed. */
static void
become_program(const struct wiring *wiring, char *const *argv)
{
	int i;

	for (i = 0; i < wiring->count; i++) {
		int from = wiring->fds[i];

		if (from < 0)
			from = open("/dev/null", O_RDWR | O_CLOEXEC);
		/* dup2 of a descriptor onto itself would leave it close-on-exec. */
		if (from < 0 || (from == i ? fcntl(i, F_SETFD, 0) : dup2(from, i)) < 0)
			return;
		if (wiring->fds[i] < 0 && from != i)
			close(from);
	}
	os_close_from(wiring->count);
	execvp(argv[0], argv);
}

static int
become(const struct identities *ids, enum user user, gid_t group)
{
	return ids->rootless ? 0 : os_become(ids->user[user], group);
}

static void
start_logger(const struct identities *ids, const struct pipes *p, char **argv)
{
	/* Standard output is the caller's: where a logger like splogger or multilog may write. */
	const struct wiring wiring = { { p->log.read, 1, -1 }, 3 };

	switch (fork()) {
	case -1:
		_exit(EXIT_TROUBLE);
	case 0:
		if (become(ids, QMAILL, ids->nofiles) == 0)
			become_program(&wiring, argv);
		_exit(EXIT_TROUBLE);
	}
}

static void
start_lspawn(const struct pipes *p, char *default_delivery)
{
	const struct wiring wiring = { { p->to_lspawn.read, p->from_lspawn.write, -1 },
		3 };
	char *argv[] = { (char *)(uintptr_t) "qmail-lspawn", default_delivery, NULL };

	switch (fork()) {
	case -1:
		_exit(EXIT_TROUBLE);
	case 0:
		become_program(&wiring, argv);
		_exit(EXIT_TROUBLE);
	}
}

static void
start_worker(
    const struct identities *ids, enum user user, const char *name, int in, int out)
{
	const struct wiring wiring = { { in, out, -1 }, 3 };
	char *argv[] = { (char *)(uintptr_t)name, NULL };

	switch (fork()) {
	case -1:
		_exit(EXIT_TROUBLE);
	case 0:
		if (become(ids, user, ids->qmail) == 0)
			become_program(&wiring, argv);
		_exit(EXIT_TROUBLE);
	}
}

static void
become_send(const struct identities *ids, const struct pipes *p)
{
	const struct wiring wiring = {
		{ p->log.write < 0 ? 1 : p->log.write, p->to_lspawn.write,
		    p->from_lspawn.read, p->to_rspawn.write, p->from_rspawn.read,
		    p->to_clean.write, p->from_clean.read },
		7,
	};
	char *argv[] = { (char *)(uintptr_t) "qmail-send", NULL };

	if (become(ids, QMAILS, ids->qmail) == 0)
		become_program(&wiring, argv);
}

int
main(int argc, char **argv)
{
	char standard[] = "./Mailbox";
	struct identities ids = { 0 }; /* a rootless home has none */
	struct pipes pipes;

	program_start(out_of_memory);
	umask(077);
	if (program_enter_home() < 0 || find_identities(&ids) < 0 || keep_home() < 0 ||
	    chdir("/") < 0)
		return EXIT_TROUBLE;
	if (!ids.rootless && os_become_group(ids.qmail) < 0)
		return EXIT_TROUBLE;
	if (make_pipes(&pipes, argc > 2) < 0)
		return EXIT_TROUBLE;
	if (argc > 2)
		start_logger(&ids, &pipes, argv + 2);
	start_lspawn(&pipes, argc > 1 ? argv[1] : standard);
	start_worker(
	    &ids, QMAILR, "qmail-rspawn", pipes.to_rspawn.read, pipes.from_rspawn.write);
	start_worker(
	    &ids, QMAILQ, "qmail-clean", pipes.to_clean.read, pipes.from_clean.write);
	become_send(&ids, &pipes);
	return EXIT_TROUBLE;
}
